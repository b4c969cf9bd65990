"""`flowrun runs events`, on a real journal."""

from __future__ import annotations

import json

import pytest

from flowrun.cli.main import main
from tests.golden.reports.examples import SUCCEEDED

pytestmark = pytest.mark.usefixtures("journal")


def test_every_event_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "events", "20260921-101320-k7"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["type"] for row in rows] == [type(event).__name__ for event in SUCCEEDED]
    assert [row["seq"] for row in rows] == list(range(1, len(SUCCEEDED) + 1))


def test_only_what_came_after(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "events", "20260921-101320-k7", "--after", str(len(SUCCEEDED) - 1)]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "RunFinished"


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "events", "20260921-101320-k7", "-o", "text"]) == 0
    assert "RunStarted" in capsys.readouterr().out.splitlines()[0]


def test_json_is_all_in_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "events", "20260921-101320-k7", "-o", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["data"]) == len(SUCCEEDED)
