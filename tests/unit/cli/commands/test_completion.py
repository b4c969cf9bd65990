"""`flowrun completion`, and what a shell gets from it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from flowrun.cli.main import main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    out, err = capsys.readouterr()
    assert "_FLOWRUN_COMPLETE" in out
    assert err == ""


def test_bash_takes_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    subprocess.run(["bash", "-n"], input=capsys.readouterr().out, text=True, check=True, timeout=30)


def test_a_shell_is_told_the_commands() -> None:
    asked = {**os.environ, "_FLOWRUN_COMPLETE": "bash_complete", "COMP_WORDS": "flowrun runs re", "COMP_CWORD": "2"}
    ended = subprocess.run(
        [sys.executable, "-m", "flowrun"], env=asked, capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.split() == [f"plain,{name}" for name in ("report", "reject", "resume", "retry", "rerun")]


def test_another_shell_is_wrong_usage() -> None:
    assert main(["completion", "tcsh"]) == 3


def test_powershell_is_told_the_commands_with_what_they_do() -> None:
    asked = {**os.environ, "_FLOWRUN_COMPLETE": "powershell_complete", "_FLOWRUN_WORDS": "runs", "_FLOWRUN_WORD": "re"}
    ended = subprocess.run(
        [sys.executable, "-m", "flowrun"], env=asked, capture_output=True, text=True, check=True, timeout=60
    )
    rows = dict(line.split("\t") for line in ended.stdout.splitlines())
    assert list(rows) == ["report", "reject", "resume", "retry", "rerun"]
    assert rows["report"] == "Write reports of a run."


def test_powershell_gets_its_script_whole(capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "powershell"])
    script = capsys.readouterr().out
    assert script.startswith("Register-ArgumentCompleter -Native -CommandName flowrun ")
    assert script.count("{") == script.count("}")
    assert "%" not in script.replace("%(", "")
