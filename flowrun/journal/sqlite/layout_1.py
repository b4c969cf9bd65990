"""Layout 1, and how a database leaves it: runs knew neither parent, key nor group, and requests were aborts alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from flowrun.core.events import AbortRequested
from flowrun.core.status import AbortLevel
from flowrun.journal import chain, faults
from flowrun.journal.codec import encode
from flowrun.journal.head import Head
from flowrun.journal.protocol import RunRow
from flowrun.journal.queries import query, statements

_RUNS = """
SELECT run_id, workflow, status, started_at, finished_at, owner, epoch, last_seq, last_hash, requests, seal
FROM runs_1 ORDER BY started_at, run_id
"""
_REQUESTS = "SELECT run_id, number, at, level, by, seal FROM requests_1"


def leave(database: sqlite3.Connection, path: Path) -> None:
    """Bring it to layout 2. JournalError for a damaged row: a new seal must not cover up what the old one shows."""
    for table in ("runs", "requests"):
        database.execute(f"ALTER TABLE {table} RENAME TO {table}_1")
    for statement in statements():
        if "CREATE TABLE events " not in statement:  # which is what it was
            database.execute(statement)
    for number, (*values, seal) in enumerate(database.execute(_RUNS).fetchall(), 1):
        if seal != chain.seal(*values):
            raise faults.foreign(path, f"holds a damaged row for the run {str(values[0])[:100]!a}")
        *row, epoch, seq, digest, requests = values
        head = Head(RunRow(*row), epoch, seq, digest, number, requests=requests)
        database.execute(query("add_run"), head.values())
    for *values, seal in database.execute(_REQUESTS).fetchall():
        if seal != chain.seal(*values):
            raise faults.foreign(path, f"holds damaged requests to run {str(values[0])[:100]!a}")
        run_id, number, at, level, by = values
        written = (run_id, number, *encode(AbortRequested(at, AbortLevel(level), by)))
        database.execute(query("add_request"), (*written, chain.seal(*written)))
    for table in ("runs", "requests"):
        database.execute(f"DROP TABLE {table}_1")
