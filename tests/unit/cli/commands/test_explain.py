"""`flowrun explain`."""

from __future__ import annotations

import json

import pytest

from flowrun.cli.main import main


def test_a_code_has_its_paragraph_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "FR101"]) == 0
    said = capsys.readouterr().out
    assert "FR101" in said
    assert main(["explain", "fr101"]) == 0
    assert capsys.readouterr().out == said


def test_it_comes_in_the_envelope_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "FR101", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["code"] == "FR101"


def test_a_code_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "FR999"]) == 3
    assert "FR999" in capsys.readouterr().err
