"""`flowrun timeline`, on a real file and without any run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowrun.cli.main import main


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOWRUN_STATE_DIR", str(tmp_path / "state"))
    file = tmp_path / "w.yaml"
    file.write_text("flowrun: 1\nname: w\nsteps:\n  a: {wait: {for: 1s}}\n  b: {needs: a, wait: {for: 1s}}\n")
    return str(file)


@pytest.mark.parametrize("form", ["text", "mermaid", "svg"])
def test_each_language_names_the_steps(form: str, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["timeline", file, "-f", form]) == 0
    out, err = capsys.readouterr()
    assert "a" in out
    assert "b" in out
    assert err == ""


def test_the_picture_comes_in_the_envelope_too(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["timeline", file, "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["format"] == "text"


@pytest.mark.parametrize("command", ["graph", "timeline"])
def test_what_is_no_file_is_a_run(command: str, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, file]) == 0
    assert main([command, "20261123-2255-k3m9qx"]) == 3
    assert "there are no runs here yet" in capsys.readouterr().err
    assert main([command]) == 3


@pytest.mark.parametrize("command", ["graph", "timeline"])
def test_a_file_that_is_not_there_is_no_run(command: str, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, f"{file}.yaml"]) == 3
    assert "there are no runs" not in capsys.readouterr().err
