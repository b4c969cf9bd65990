"""The schema of flowrun.toml says of a file what reading it does."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from flowrun.errors import UsageError
from flowrun.settings import Settings, contexts_of
from flowrun.settings.schema import schema

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "specs" / "transfers" / "flowrun.toml"
CHECK = Draft7Validator(schema())


def wrong(text: str) -> list[Any]:
    return list(CHECK.iter_errors(tomllib.loads(text)))


def test_the_schema_in_the_repository_is_this_one() -> None:
    """Write it anew with `flowrun schema settings > schemas/flowrun-toml.schema.json`."""
    Draft7Validator.check_schema(schema())
    kept = json.loads((ROOT / "schemas" / "flowrun-toml.schema.json").read_text(encoding="utf-8"))
    assert kept == schema()


def test_the_example_is_valid_and_is_read() -> None:
    assert wrong(EXAMPLE.read_text(encoding="utf-8")) == []
    assert [one.name for one in contexts_of({}, EXAMPLE.parent).contexts] == ["local", "test", "production"]
    assert Settings.load({}, EXAMPLE.parent).catalog == EXAMPLE.parent / "emulator.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "foldr = 1",
        'access_token = "t"',
        'proxy = ""',
        'context = "prod"',
        "[context.a]\nfoldr = 1",
        '[context.a]\nclient_secret = "x"',
        '[context.a]\nurl = "https://h"\nemulator = true',
        '[context.local]\nurl = "https://h"',
        "[context.local]\nemulator = false",
        '[context.a]\nprotect = "yes"',
        '[context."a b"]',
        "default_context = 3",
        "max_connections = 0",
        "poll_interval = 0",
    ],
)
def test_both_refuse_the_same(text: str, tmp_path: Path) -> None:
    (tmp_path / "flowrun.toml").write_text(text)
    assert wrong(text)
    with pytest.raises(UsageError):
        Settings.load({}, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        'quiescence = "2m"\npatience = 7',
        "[context.local]\nprotect = true",
        '[context.a]\nemulator = false\nfolder = "F"',
    ],
)
def test_both_take_the_same(text: str, tmp_path: Path) -> None:
    (tmp_path / "flowrun.toml").write_text(text)
    assert wrong(text) == []
    Settings.load({}, tmp_path)
