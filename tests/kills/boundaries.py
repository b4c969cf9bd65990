"""The boundaries of a process: the moments between which it changes nothing, neither on the disk nor outside.

A commit of the journal has three: `begin`, `written` (but not committed) and `committed` (and nothing done because of
it). A StartJobs and a StopJobs have two: `call`, after the last question whether it may be, and `answered`. They are
numbered from 1, in the order in which a process comes to them, and each is a line of a log.

No file of the package knows of them: a process that is to have them calls `install` before it runs flowrun.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from flowrun.core.events import Event
from flowrun.journal import sqlite
from flowrun.journal.protocol import Ownership
from flowrun.journal.sqlite import SqliteJournal
from flowrun.orchestrator import client
from flowrun.orchestrator.client import OrchestratorClient
from flowrun.orchestrator.wire import Folder, Job, StartInfo, StopStrategy

Faults: TypeAlias = Mapping[int, signal.Signals]
"""The signals that a process gets, by the number of the boundary at which it does."""

CALL = "call StartJobs"
"""A start after the last question whether it may be made: who is frozen here makes it when they wake up."""

ANSWERED = "answered StartJobs"


class Boundaries:
    """Those of this process. `log` gets the name of each before anything happens there."""

    def __init__(self, faults: Faults, log: Path) -> None:
        self._faults = faults
        self._log = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._number = 0
        self.about = ""

    def reach(self, name: str) -> None:
        """Come to the next one."""
        self._number += 1
        os.write(self._log, f"{name}\n".encode())
        fault = self._faults.get(self._number)
        if fault is not None:
            os.kill(os.getpid(), fault)


def prepare(faults: Faults, log: Path) -> None:
    """Install those of a process that has just begun."""
    install(Boundaries(faults, log))


def install(boundaries: Boundaries) -> None:
    """From now on, the journals and the clients that this process makes have boundaries."""

    class Journal(SqliteJournal):
        def append(self, ownership: Ownership, events: Sequence[Event], expected_seq: int) -> int:
            boundaries.about = ", ".join(type(event).__name__ for event in events)
            try:
                return super().append(ownership, events, expected_seq)
            finally:
                boundaries.about = ""

        @contextmanager
        def _transaction(self) -> Iterator[sqlite3.Connection]:
            about = boundaries.about or "a row"
            boundaries.reach(f"begin {about}")
            with super()._transaction() as database:
                yield database
                boundaries.reach(f"written {about}")
            boundaries.reach(f"committed {about}")

    class Client(OrchestratorClient):
        async def start_jobs(self, folder: Folder, info: StartInfo) -> list[Job]:
            boundaries.reach(CALL)
            jobs = await super().start_jobs(folder, info)
            boundaries.reach(ANSWERED)
            return jobs

        async def stop_jobs(self, folder: Folder, ids: Sequence[int], strategy: StopStrategy) -> None:
            boundaries.reach(f"call StopJobs {strategy}")
            await super().stop_jobs(folder, ids, strategy)
            boundaries.reach(f"answered StopJobs {strategy}")

    # bootstrap imports them when it makes one, and so it finds these.
    setattr(sqlite, "SqliteJournal", Journal)  # noqa: B010 - a class is no variable to mypy
    setattr(client, "OrchestratorClient", Client)  # noqa: B010 - the same
