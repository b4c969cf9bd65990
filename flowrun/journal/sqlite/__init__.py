"""All runs of a project in one SQLite database. The only room that knows the library sqlite3.

    <state_dir>/journal.db          runs, events, requests, slots (schema.sql)
    <state_dir>/runs/<run>.lock     held by the one process that drives the run
    <state_dir>/large/<sha256>      parts of records above 256 KiB

Which journal mode is safe depends on the SQLite that Python was linked with: docs/adr/0001-sqlite-build.md.
"""

from flowrun.journal.sqlite.layout import build as build
from flowrun.journal.sqlite.store import SqliteJournal as SqliteJournal
