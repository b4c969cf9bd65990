"""Summary: what an event changes in its run's line of `runs list`. Every store keeps that line beside the events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flowrun.core.events import AbortRequested, Event, RunAdmitted, RunFinished, RunStarted
from flowrun.core.status import RunStatus
from flowrun.journal import naming
from flowrun.journal.protocol import RunRow


def begin(started: RunStarted) -> RunRow:
    """The line of a new run."""
    workflow = naming.plain(started.plan.workflow)
    status = RunStatus.RUNNING if started.plan.concurrency is None else RunStatus.QUEUED
    return RunRow(started.run_id, workflow, status.value, float(started.at) + 0.0)


def update(row: RunRow, events: Iterable[Event]) -> RunRow:
    """The line after these events."""
    for event in events:
        match event:
            case RunAdmitted():
                row = replace(row, status=RunStatus.RUNNING.value)
            case AbortRequested():
                row = replace(row, status=RunStatus.ABORTING.value)
            case RunFinished():
                row = replace(row, status=event.status.value, finished_at=float(event.at) + 0.0)
            case _:
                pass
    return row
