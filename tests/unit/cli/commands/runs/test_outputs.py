"""`flowrun runs outputs`, on a real journal."""

from __future__ import annotations

import json

import pytest

from flowrun.cli.main import main

pytestmark = pytest.mark.usefixtures("journal")


def test_outputs_keep_their_types(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "outputs", "20260921-101320-k7"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["outputs"] == {"documents": ["4711", "4712"], "path": "c:\\close.xlsx"}
    assert found["steps"]["list"] == {"Ledgers": ["EU", "US"]}


def test_names_are_those_of_the_outputs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "outputs", "20260921-101320-k7", "-o", "name"]) == 0
    assert capsys.readouterr().out == "documents\npath\n"
