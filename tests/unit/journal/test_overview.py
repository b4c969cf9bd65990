from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from flowrun.core.events import Event
from flowrun.journal import overview
from flowrun.journal.codec import dump
from flowrun.journal.protocol import Record
from tests.golden.journals.examples import EXAMPLES

ROOT = Path(__file__).parents[3]
HOW = "run the commands at the top of flowrun/journal/overview.py"


def test_the_schema_in_the_repository_is_current() -> None:
    assert (ROOT / "schemas" / "event.schema.json").read_text(encoding="utf-8") == overview.schema_text(), HOW


def test_the_page_in_the_repository_is_current() -> None:
    assert (ROOT / "docs" / "reference" / "events.md").read_text(encoding="utf-8") == overview.page(), HOW


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(overview.schema())


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_what_is_written_follows_the_schema(event: Event) -> None:
    jsonschema.validate(json.loads(json.dumps(dump(Record(1, 1, event)))), overview.schema())


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 0},
        {"type": "RunPaused"},
        {"type": "RunStarted"},
        {"v": 1},
        {"data": {"level": "gently"}},
        {"data": {}},
        {"data": {"level": "stop", "why": "because"}},
        {"more": 1},
    ],
)
def test_the_schema_refuses_what_is_not_written(change: dict[str, Any]) -> None:
    line = {"seq": 1, "epoch": 1, "type": "AbortRequested", "v": 2, "at": 1.0, "data": {"level": "stop"}}
    jsonschema.validate(line, overview.schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**line, **change}, overview.schema())
