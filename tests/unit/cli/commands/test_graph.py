"""`flowrun graph`, on a real file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowrun.cli.main import main


@pytest.fixture
def file(tmp_path: Path) -> str:
    file = tmp_path / "w.yaml"
    file.write_text("flowrun: 1\nname: w\nsteps:\n  a: {wait: {for: 1s}}\n  b: {needs: a, wait: {for: 1s}}\n")
    return str(file)


@pytest.mark.parametrize("form", ["text", "mermaid", "dot", "svg", "json"])
def test_each_language_names_the_steps(form: str, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", file, "-f", form]) == 0
    out, err = capsys.readouterr()
    assert "a" in out
    assert "b" in out
    assert err == ""


def test_the_picture_comes_in_the_envelope_too(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", file, "-f", "dot", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["format"] == "dot"


def test_another_language_is_wrong_usage(file: str) -> None:
    assert main(["graph", file, "-f", "png"]) == 3


def test_a_language_is_no_form_of_the_answer(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", file, "-o", "svg"]) == 3
    assert "-f svg" in capsys.readouterr().err
    assert main(["graph", file, "-o", "pdf"]) == 3
    assert "-f" not in capsys.readouterr().err.replace("--format", "")
