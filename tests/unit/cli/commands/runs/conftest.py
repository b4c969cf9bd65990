"""A journal with runs in it, and the folder that the commands find it in."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from flowrun.core.events import RunStarted
from flowrun.journal.sqlite import SqliteJournal
from tests.golden.reports.examples import FAILED, RUNNING, SUCCEEDED


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder, in use."""
    monkeypatch.setenv("FLOWRUN_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "state"


@pytest.fixture
def journal(state: Path) -> Path:
    """Three runs: one that succeeded, one that failed, and one whose process is gone."""
    with closing(SqliteJournal(state)) as journal:
        for events in (SUCCEEDED, FAILED, RUNNING):
            first = events[0]
            assert isinstance(first, RunStarted)
            journal.create(first)
            with journal.own(first.run_id, "a test") as ownership:
                journal.append(ownership, events[1:], 1)
    return state
