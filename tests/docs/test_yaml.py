"""Each piece of YAML in a page is what it says that it is, and without a mistake.

What a whole file is says its first key; anything else says it in the remark before it: `excerpt: FILE` for lines of a
file, `part of: KIND` for keys of one kind of file, `published: SCHEMA` for the file of another system, valid by what
that system publishes, and `foreign: SYSTEM` where it publishes nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from flowrun.emulator.catalog import load_catalog
from flowrun.errors import SpecError
from flowrun.spec.loader import load
from tests.docs.pages import ROOT, Block, blocks, tracked
from tests.published import vendored

PIECES = [block for page in tracked(".md") for block in blocks(page) if block.language == "yaml"]
ELSEWHERE = {"github-workflows": {"on": "push", "jobs": {"j": {"runs-on": "ubuntu-latest"}}}}
"""What a workflow has to say that a page about something else leaves out."""

WITHIN_A_STEP = "flowrun: 1\nname: w\nsteps:\n  - id: s\n    release: R\n"


def test_there_are_pieces_of_each_kind() -> None:
    assert {kind_of(block) for block in PIECES} >= {"workflow", "steps", "step", "catalog", "tests", "environment"}


@pytest.mark.parametrize("block", PIECES, ids=lambda block: block.name)
def test_it_is_what_it_says(block: Block, tmp_path: Path) -> None:
    if "excerpt" in block.remarks:
        assert block.text in (ROOT / block.remarks["excerpt"]).read_text(encoding="utf-8")
    elif "published" in block.remarks:
        schema = block.remarks["published"]
        vendored(schema).validate(ELSEWHERE.get(schema, {}) | read(block.text))
    elif "foreign" in block.remarks:
        assert read(block.text)
    else:
        CHECKS[kind_of(block)](block.text, tmp_path)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("workflow", "flowrun: 1\nname: w\nsteps: [{id: a, relase: R}]\n"),
        ("steps", "  a: {relase: R}\n"),
        ("step", "retry: [{erors: [faulted]}]\n"),
        ("top", "pools: {sap: none}\n"),
        ("catalog", "releases: {R: {comand: [python]}}\n"),
        ("tests", "jobs: {a: {outputs: 3}}\n"),
        ("environment", "orchestrator: {urll: https://host}\n"),
    ],
)
def test_a_mistake_is_found(kind: str, text: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, jsonschema.ValidationError, SpecError)):
        CHECKS[kind](text, tmp_path)


def kind_of(block: Block) -> str:
    if "part of" in block.remarks:
        return block.remarks["part of"]
    keys = read(block.text)
    for key, kind in {"flowrun": "workflow", "flowrun_test": "tests", "emulator": "catalog"}.items():
        if key in keys:
            return kind
    return "environment" if "environments/" in block.text.partition("\n")[0] else "nothing that is known"


def read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def workflow(text: str, _: Path) -> None:
    problems = [f"{one.code} {one.where}: {one.message}" for one in load(text, "workflow.yaml").problems]
    assert problems == []


def shape(schema: str, data: Any) -> None:
    jsonschema.Draft7Validator(json.loads((ROOT / "schemas" / f"{schema}.schema.json").read_text())).validate(data)


def steps(text: str, _: Path) -> None:
    shape("workflow", read(f"flowrun: 1\nname: w\nsteps:\n{text}"))


def step(text: str, _: Path) -> None:
    inside = "".join(f"    {line}\n" for line in text.splitlines())
    shape("workflow", read(WITHIN_A_STEP + inside))


def top(text: str, _: Path) -> None:
    data = {"flowrun": 1, "name": "w", "steps": [{"id": "a", "release": "R"}], **read(text)}
    shape("workflow", data)


def catalog(text: str, folder: Path) -> None:
    whole = text if text.startswith("emulator: 1") else f"emulator: 1\n{text}"
    keys = read(whole)
    if not keys.keys() & {"releases", "folders"}:
        whole += "releases: {R: [python, r.py]}\n"
    for release in keys.get("releases", {}).values():
        if isinstance(release, dict) and "package" in release:
            shutil.copytree(ROOT / "specs" / "coded" / release["package"], folder / release["package"])
    file = folder / "emulator.yaml"
    file.write_text(whole, encoding="utf-8")
    load_catalog(file)


def suite(text: str, _: Path) -> None:
    data = {"flowrun_test": 1, "tests": [{"name": "t", "expect": {"result": "succeeded"}}], **read(text)}
    shape("test", data)


def environment(text: str, _: Path) -> None:
    shape("environment", read(text))


CHECKS: dict[str, Callable[[str, Path], None]] = {
    "workflow": workflow,
    "steps": steps,
    "step": step,
    "top": top,
    "catalog": catalog,
    "tests": suite,
    "environment": environment,
}
