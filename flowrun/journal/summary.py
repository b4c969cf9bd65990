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
    plan = started.plan
    return RunRow(
        started.run_id,
        naming.plain(plan.workflow),
        (RunStatus.RUNNING if plan.concurrency is None else RunStatus.QUEUED).value,
        float(started.at) + 0.0,
        parent=started.parent,
        key=naming.plain(plan.key),
        group="" if plan.concurrency is None else naming.plain(plan.concurrency.group),
    )


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
