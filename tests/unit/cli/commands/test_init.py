"""`flowrun init`, with and without a terminal."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from flowrun.cli.main import main


def test_without_a_terminal_nobody_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["init", str(tmp_path / "new"), "-o", "json"]) == 0
    said = json.loads(capsys.readouterr().out)["data"]
    assert said["workflow"] == str(tmp_path / "new" / "specs" / "statement.yaml")
    assert all(Path(file).is_file() for file in said["files"])
    assert not (tmp_path / "new" / ".github").exists()


def test_what_is_in_the_way_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["init", str(tmp_path), "--template", "empty", "--pipeline", "none"]
    assert main(arguments) == 0
    assert "flowrun run" in capsys.readouterr().err
    assert main(arguments) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "specs/workflow.yaml" in err
    assert main([*arguments, "--force"]) == 0


def test_on_a_terminal_it_asks_for_what_was_not_said(tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "flowrun", "init", str(tmp_path), "-o", "name"]
    with subprocess.Popen(
        command, stdin=terminal, stderr=terminal, stdout=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"}
    ) as process:
        os.write(controller, b"nightly\ngithub\n")
        assert process.stdout is not None
        written = process.stdout.read().decode()
        assert process.wait(60) == 0
    os.close(terminal)
    os.close(controller)
    assert "specs/nightly.yaml" in written
    assert ".github/workflows/flowrun.yml" in written
