from __future__ import annotations

import pytest

from flowrun.core.events import AbortRequested, RunFinished, RunResumed, RunStarted
from flowrun.core.plan import Plan
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.journal import summary
from flowrun.journal.protocol import RunRow

ROW = RunRow("r1", "invoices", "running", 5.0, owner="me")


def test_a_new_run_is_running() -> None:
    row = summary.begin(RunStarted(5, "r1", Plan("invoices", ())))
    assert row == RunRow("r1", "invoices", "running", 5.0)
    assert type(row.started_at) is float


def test_an_abort_and_the_end_change_its_status() -> None:
    aborting = summary.update(ROW, [AbortRequested(6.0, AbortLevel.DRAIN)])
    assert (aborting.status, aborting.finished_at, aborting.owner) == ("aborting", None, "me")


@pytest.mark.parametrize("status", [status for status in RunStatus if status.final])
def test_the_end_is_that_of_the_last_event(status: RunStatus) -> None:
    row = summary.update(ROW, [AbortRequested(6.0, AbortLevel.KILL), RunFinished(7.0, status)])
    assert (row.status, row.finished_at) == (status.value, 7.0)


def test_other_events_change_nothing() -> None:
    assert summary.update(ROW, [RunResumed(6.0, 3)]) == ROW
