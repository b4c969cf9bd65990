"""A process that opens a journal, and is killed right before one of its statements: see test_layout_1."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path

from flowrun.journal.sqlite import SqliteJournal, layout


def die() -> None:
    """`FOLDER NUMBER`: open the journal there, and die before the statement of that number."""
    connect, left = layout._connect, [int(sys.argv[2])]

    def said(_: str) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def connected(path: Path) -> sqlite3.Connection:
        database = connect(path)
        database.set_trace_callback(said)
        return database

    layout._connect = connected
    SqliteJournal(Path(sys.argv[1])).close()
