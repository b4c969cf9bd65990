"""A small run to fill a journal with."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from flowrun.core.events import AttemptProgressed, RunStarted
from flowrun.core.plan import Plan, Step
from flowrun.core.status import Phase
from flowrun.journal.protocol import Journal
from flowrun.journal.sqlite import SqliteJournal

STARTED = RunStarted(100.0, "r1", Plan("invoices", (Step("extract", "job"),)), {"folder": "inbox"})


def progressed(number: int, detail: str = "Running") -> AttemptProgressed:
    return AttemptProgressed(100.0 + number, "extract", 0, 1, Phase.RUNNING, detail)


def fill(journal: Journal, count: int, run_id: str = "r1") -> None:
    """Append so many events, in one commit."""
    with journal.own(run_id, "me") as ownership:
        last = max(record.seq for record in journal.read(run_id))
        journal.append(ownership, [progressed(number) for number in range(count)], last)


def everything(folder: Path) -> tuple[Any, ...]:
    with closing(SqliteJournal(folder)) as journal:
        return journal.runs(), journal.run("r1"), list(journal.read("r1")), journal.requests("r1"), journal.slots()
