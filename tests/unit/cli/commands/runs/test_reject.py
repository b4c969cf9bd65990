"""`flowrun runs reject`: what it leaves in the journal."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from flowrun.cli.main import main
from flowrun.core.events import AttemptFinished, RunStarted
from flowrun.core.status import Failed
from flowrun.journal.sqlite import SqliteJournal
from tests.golden.reports.examples import ASKING

RUN = "20260921-101320-kb"


def test_it_leaves_a_refusal_and_the_next_is_told(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(SqliteJournal(state)) as journal:
        first, *rest = ASKING
        assert isinstance(first, RunStarted)
        journal.create(first)
        with journal.own(RUN, "a test") as ownership:
            journal.append(ownership, rest, 1)
        assert main(["runs", "reject", "regions[EU]", "--by", "bob", "--comment", "not this month"]) == 0
        assert f"regions[EU] of {RUN} is rejected, by bob" in capsys.readouterr().err
        (event,) = [request.event for request in journal.requests(RUN)]
    assert isinstance(event, AttemptFinished)
    assert isinstance(event.outcome, Failed)
    assert event.outcome.message == "rejected by bob: not this month"
    assert main(["runs", "approve", "regions[EU]"]) == 7
    assert "rejected by bob at" in capsys.readouterr().err
