"""Layout: how the database is made, known again and tuned, and how one of an older layout becomes one of this."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from flowrun.errors import JournalError
from flowrun.journal import durable, faults
from flowrun.journal.codec import OLDER, UPGRADE
from flowrun.journal.queries import schema
from flowrun.journal.sqlite import layout_1
from flowrun.private import is_anothers

LAYOUT = 2
APPLICATION = 0x666C6F77  # "flow": SQLite's application_id, by which a file is known to be ours

_BUSY = 30.0
"""Seconds to wait for another process's lock on the database. A commit holds it for some milliseconds."""

_FIXED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""The first releases without the WAL-reset bug, each of its own line; all after the last one are free of it too."""

_RAISE: Mapping[int, Callable[[sqlite3.Connection, Path], None]] = {1: layout_1.leave}
"""By layout: what turns a database of that layout into one of the next, inside a transaction."""


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite keeps every commit in WAL mode (https://sqlite.org/wal.html#the_wal_reset_bug)."""
    return version >= _FIXED[-1] or any(first <= version < (*first[:2], 1000) for first in _FIXED)


def build() -> str:
    """Which SQLite this is and how the journal uses it, in one line for `flowrun doctor`."""
    if wal_is_safe():
        return f"SQLite {sqlite3.sqlite_version}: journal_mode=WAL, synchronous=FULL"
    why = "its WAL mode can lose commits, fixed in 3.51.3"
    return f"SQLite {sqlite3.sqlite_version} ({why}): journal_mode=DELETE, synchronous=EXTRA"


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """SQLite's errors, and the disk's, as JournalErrors that say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise faults.explain(getattr(error, "sqlite_errorcode", None), str(error), path) from error
    except UnicodeDecodeError as error:
        raise faults.explain(faults.CORRUPT, "its own words for it are damaged, too", path) from error
    except OSError as error:
        raise faults.explain(faults.CANTOPEN, error.strerror or str(error), path) from error


def open_database(path: Path) -> sqlite3.Connection:
    """The database, made where there is none, in this layout. Raises JournalError, sqlite3.Error, OSError."""
    _refuse_anothers(path.parent)
    if not path.exists():
        _make(path)
    _refuse_anothers(path)
    database = _connect(path)
    try:
        layout = _recognise(database, path)
        _tune(database, path)
        return database if layout == LAYOUT else _raised(database, path)
    except BaseException:
        database.close()
        raise


def _refuse_anothers(path: Path) -> None:
    """Raises JournalError for what another user could change under our hands. What is not there is nobody's."""
    with suppress(FileNotFoundError):
        if is_anothers(path.stat()):
            raise faults.anothers(path)


def _connect(path: Path) -> sqlite3.Connection:
    """Open a file that is there. Transactions are the caller's to begin, as it is to let in one thread at a time."""
    return _ours(f"{path.as_uri()}?mode=rw")


def _ours(address: str) -> sqlite3.Connection:
    database = sqlite3.connect(address, uri=True, isolation_level=None, timeout=_BUSY, check_same_thread=False)
    database.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")  # damage is for the chain to find
    return database


def _make(path: Path) -> None:
    """A new journal gets its name when it is whole, so that an empty file by that name is always damage."""
    durable.make_folder(path.parent)
    new = durable.beside(path)
    try:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, durable.FILE))
        with closing(_connect(new)) as database:
            marks = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {LAYOUT};"
            database.executescript(f"PRAGMA synchronous = EXTRA; BEGIN; {schema()} {marks} COMMIT;")
        durable.publish(new, path)
    finally:
        new.unlink(missing_ok=True)


def _recognise(database: sqlite3.Connection, path: Path) -> int:
    """Its layout. Raises JournalError for a file that is no journal, or one of a newer flowrun."""
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (layout,) = database.execute("PRAGMA user_version").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not tables:
        raise faults.foreign(path, "is empty, which no journal is: it was cut off")
    if application != APPLICATION:
        raise faults.foreign(path, "is a database of another program, or its beginning is damaged")
    if layout > LAYOUT:
        raise JournalError(f"{path}: {OLDER}: it has layout {layout}, known up to {LAYOUT}", hint=UPGRADE)
    if layout != LAYOUT and layout not in _RAISE:
        raise faults.foreign(path, f"has the layout {layout}, which no journal had")
    return int(layout)


def _raised(database: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """The database in this layout: all of the change is on the disk, or none.

    Where the file may not be written, what is in it is read from a copy in memory, which takes no writing either.
    """
    try:
        _raise(database, path)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != faults.READONLY:
            raise
        database.execute("ROLLBACK")
        with closing(database):
            copy = _ours("file::memory:")
            database.backup(copy)
        _raise(copy, path)
        copy.execute("PRAGMA query_only = ON")
        return copy
    return database


def _raise(database: sqlite3.Connection, path: Path) -> None:
    database.execute("BEGIN IMMEDIATE")
    # Asked again: another process may have done it between the two looks.
    for layout in range(_recognise(database, path), LAYOUT):
        _RAISE[layout](database, path)
        database.execute(f"PRAGMA user_version = {layout + 1}")
    database.execute("COMMIT")


def _tune(database: sqlite3.Connection, path: Path) -> None:
    """The safe mode for this SQLite. Changing it needs the database for oneself, so another mode may have to stay."""
    wanted = "wal" if wal_is_safe() else "delete"
    (mode,) = database.execute("PRAGMA journal_mode").fetchone()
    if mode != wanted:
        with suppress(sqlite3.OperationalError):
            (mode,) = database.execute(f"PRAGMA journal_mode = {wanted}").fetchone()
    if mode == "wal" and not wal_is_safe():
        raise JournalError(
            f"the journal {path} is open in WAL mode, in which SQLite {sqlite3.sqlite_version} can lose commits",
            hint="End the other flowrun, which has a newer SQLite, or use its Python for this one too.",
        )
    database.execute(f"PRAGMA synchronous = {'FULL' if mode == 'wal' else 'EXTRA'}")
    for pragma in ("cell_size_check = ON", "trusted_schema = OFF", "fullfsync = ON"):
        database.execute(f"PRAGMA {pragma}")
