"""`flowrun schema`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowrun.cli.main import main

SCHEMAS = Path(__file__).parents[4] / "schemas"


@pytest.mark.parametrize("what", ["workflow", "event", "report", "plan"])
def test_it_prints_the_schema_that_the_repository_holds(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", what]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((SCHEMAS / f"{what}.schema.json").read_text())


def test_the_workflow_is_meant_where_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    said = capsys.readouterr().out
    assert main(["schema", "workflow"]) == 0
    assert capsys.readouterr().out == said


def test_there_is_no_other() -> None:
    assert main(["schema", "lock"]) == 3
