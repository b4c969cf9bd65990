"""What a shell may offer, as click asks for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from flowrun.cli.main import app

WORKFLOW = "flowrun: 1\nname: w\nsteps:\n  first: {wait: {for: 1s}}\n  second: {wait: {for: 1s}}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs" / "environments").mkdir(parents=True)
    for name in ("close.yaml", "clean.yml", "notes.md", "environments/prod.yaml", "environments/dev.yaml"):
        (tmp_path / "specs" / name).write_text("x: 1\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "top.yaml").write_text(WORKFLOW)
    return tmp_path


def offered(*words: str) -> list[str]:
    """What stands behind the last word, which is not finished."""
    made = ShellComplete(app, {}, "flowrun", "_FLOWRUN_COMPLETE")
    return [item.value for item in made.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize("command", ["run", "plan", "validate", "test", "graph"])
def test_yaml_files_and_folders_are_offered(command: str) -> None:
    assert offered(command, "") == ["specs/", "top.yaml"]
    assert offered(command, "specs/cl") == ["specs/clean.yml", "specs/close.yaml"]
    assert offered(command, "no/such/") == []


def test_environments_are_those_beside_the_file() -> None:
    assert offered("run", "specs/close.yaml", "--env", "") == ["dev", "prod"]
    assert offered("validate", "specs/close.yaml", "-e", "p") == ["prod"]
    assert offered("run", "--env", "") == []


def test_steps_and_runs_come_from_the_journal(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWRUN_STATE_DIR", str(here / "state"))
    assert offered("runs", "retry", "--from", "") == []
    (here / "emulator.yaml").write_text("releases: {Never: {command: [never]}}\n")
    command = [sys.executable, "-m", "flowrun", "run", "top.yaml", "-o", "name"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert offered("runs", "show", "") == [done.stdout.strip()]
    assert offered("runs", "retry", done.stdout.strip(), "--from", "") == ["first", "second"]
    assert offered("runs", "retry", "--only", "s") == ["second"]
