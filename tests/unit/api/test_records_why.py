"""`flowrun runs why`, from the command line to the journal."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from flowrun.cli.main import main
from flowrun.core.events import RunStarted
from flowrun.core.plan import Plan
from flowrun.journal.sqlite import SqliteJournal
from flowrun.settings import Settings
from tests.golden.events.plans import job
from tests.simulation.told import told


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose first step failed, in the journal of this folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOWRUN_STATE_DIR", str(tmp_path / "state"))
    settings = Settings.load({"FLOWRUN_STATE_DIR": str(tmp_path / "state")}, tmp_path)
    first, *rest = told(Plan("p", (job("read", fails="faulted"), job("post", "read"), job("report", "post")))).events
    assert isinstance(first, RunStarted)
    with closing(SqliteJournal(settings.state_dir)) as journal:
        journal.create(first)
        with journal.own(first.run_id, "test") as ownership:
            journal.append(ownership, rest, 1)


@pytest.mark.parametrize("words", [["report"], ["run-1", "report"], ["run-1", "report[EU]"]])
def test_the_chain_of_a_step_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "why", *words]) == 0
    out = capsys.readouterr().out
    assert out.startswith("report  skipped: upstream_failed")
    assert out.index("post  skipped: upstream_failed") < out.index("read  failed: faulted")


def test_other_programs_get_the_chain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "why", "report", "-o", "name"]) == 0
    assert capsys.readouterr().out.split() == ["report", "post", "read"]
    assert main(["runs", "why", "report", "-o", "json"]) == 0
    chain = json.loads(capsys.readouterr().out)["data"]["chain"]
    assert [(link["step"], link["by"]) for link in chain] == [("report", ["post"]), ("post", ["read"]), ("read", [])]


def test_a_step_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "why", "reprot"]) == 3
    assert "did you mean report?" in capsys.readouterr().err
    assert main(["runs", "why", "a", "b", "c"]) == 3
    assert "a run and a step" in capsys.readouterr().err
