"""SqliteJournal: all runs of a project in one SQLite database. The only file that knows the library sqlite3.

    <state_dir>/journal.db          runs, events, requests (schema.sql)
    <state_dir>/runs/<run>.lock     held by the one process that drives the run
    <state_dir>/large/<sha256>      parts of records above 256 KiB

Which journal mode is safe depends on the SQLite that Python was linked with: docs/adr/0001-sqlite-build.md.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from flowrun.core.events import Event, RunStarted
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.errors import JournalError
from flowrun.journal import chain, durable, faults, naming, summary
from flowrun.journal.codec import OLDER, UPGRADE, Encoded, decode, encode
from flowrun.journal.head import Head, from_values
from flowrun.journal.large import LargeStore
from flowrun.journal.lock import Mark, RunLock, held, hold
from flowrun.journal.protocol import Ownership, Record, Request, RunRow
from flowrun.journal.queries import query, schema

FILE = "journal.db"
SCHEMA = 1
APPLICATION = 0x666C6F77  # "flow": SQLite's application_id, by which a file is known to be ours

_BUSY = 30.0
"""Seconds to wait for another process's lock on the database. A commit holds it for some milliseconds."""

_PAGE = 1024 * 1024
"""Characters of `data` that are read in one go. Between two goes nobody's write is kept waiting."""

_FIXED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""The first releases without the WAL-reset bug, each of its own line; all after the last one are free of it too."""


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite keeps every commit in WAL mode (https://sqlite.org/wal.html#the_wal_reset_bug)."""
    return version >= _FIXED[-1] or any(first <= version < (*first[:2], 1000) for first in _FIXED)


def build() -> str:
    """Which SQLite this is and how the journal uses it, in one line for `flowrun doctor`."""
    if wal_is_safe():
        return f"SQLite {sqlite3.sqlite_version}: journal_mode=WAL, synchronous=FULL"
    why = "its WAL mode can lose commits, fixed in 3.51.3"
    return f"SQLite {sqlite3.sqlite_version} ({why}): journal_mode=DELETE, synchronous=EXTRA"


class SqliteJournal:
    """A Journal on the disk. Safe to be used by several threads, of the process that made it."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir.absolute()
        self._path = self._folder / FILE
        self._large = LargeStore(self._folder / "large")
        self._locks: dict[str, tuple[int, RunLock]] = {}
        self._words: dict[str, tuple[tuple[int, int], list[Request]]] = {}
        self._left = 0
        self._poisoned = False
        self._process = os.getpid()
        self._turn = threading.RLock()
        with _explained(self._path):
            self._database = _open(self._path)

    def create(self, started: RunStarted) -> None:
        """Write the first event and the run's row. Conflict where the id is taken."""
        naming.check(started.run_id)
        row = self._stored(started)
        digest = chain.link(chain.GENESIS, started.run_id, 1, 1, row)
        head = Head(summary.begin(started), 1, 1, digest)
        with self._transaction() as database:
            if database.execute(query("run"), (started.run_id,)).fetchone() is not None:
                raise naming.taken(started.run_id)
            database.execute(query("add_run"), head.values())
            database.execute(query("add_event"), (started.run_id, 1, 1, row.at, row.type, row.v, row.data, digest))

    @contextmanager
    def own(self, run_id: str, owner: str) -> Iterator[Ownership]:
        """Take the run's lock and begin the next epoch, in this order. Conflict names process and host."""
        self.run(run_id)
        with hold(self._lock_file(run_id), run_id) as lock:
            epoch = self._take(run_id, owner, lock)
            self._locks[run_id] = (epoch, lock)
            try:
                yield Ownership(run_id, epoch)
            finally:
                del self._locks[run_id]
                self._leave(run_id, epoch)

    def append(self, ownership: Ownership, events: Sequence[Event], expected_seq: int) -> int:
        """Commit all in one transaction, after a look at lock, epoch and last record."""
        run_id = ownership.run_id
        rows = [self._stored(event) for event in events]
        with self._transaction() as database:
            head = self._head(database, run_id)
            epoch, lock = self._locks.get(run_id, (0, None))
            if lock is None or not head.epoch == epoch == ownership.epoch:
                raise naming.taken_over(ownership, head.epoch)
            if head.seq != expected_seq:
                raise naming.written(ownership, expected_seq, head.seq)
            seq, digest, written = head.seq, head.hash, []
            for row in rows:
                seq += 1
                digest = chain.link(digest, run_id, seq, epoch, row)
                written.append((run_id, seq, epoch, row.at, row.type, row.v, row.data, digest))
            database.executemany(query("add_event"), written)
            _change(database, replace(head, row=summary.update(head.row, events), seq=seq, hash=digest))
        lock.write(epoch, seq, digest)
        return seq

    def read(self, run_id: str, after: int = 0) -> Iterator[Record]:
        """The records, read a page at a time and each checked against the one before it."""
        self.run(run_id)
        return self._records(run_id, after)

    def run(self, run_id: str) -> RunRow:
        """The run's row. JournalError where there is none, or where it is damaged."""
        with self._session() as database:
            return self._head(database, run_id).row

    def runs(self, limit: int = 50) -> list[RunRow]:
        """The rows, the latest first."""
        with self._session() as database:
            return [self._sealed(values).row for values in database.execute(query("runs"), (limit,))]

    def succeeded(self, workflow: str, limit: int = 20) -> list[RunRow]:
        """The rows of this workflow's runs that succeeded, the latest first."""
        values = (naming.plain(workflow), RunStatus.SUCCEEDED.value, limit)
        with self._session() as database:
            return [self._sealed(row).row for row in database.execute(query("latest"), values)]

    def owned(self, run_id: str) -> bool:
        """Whether the run's lock is held. Looks at the lock alone: the row keeps a dead owner's name."""
        self.run(run_id)
        return held(self._lock_file(run_id))

    def request(self, run_id: str, at: float, level: AbortLevel, by: str) -> Request:
        """Commit a word for the owner. JournalError for an unknown run."""
        with self._transaction() as database:
            head = self._head(database, run_id)
            number = head.requests + 1
            request = Request(number, float(at) + 0.0, level, naming.plain(by))
            values = (run_id, number, request.at, level.value, request.by)
            database.execute(query("add_request"), (*values, chain.seal(*values)))
            _change(database, replace(head, requests=number))
            self._left += 1
        return request

    def requests(self, run_id: str, after: int = 0) -> list[Request]:
        """The words left. Asks the database for one number only, while nobody has written to it."""
        with self._session() as database:
            # data_version changes with every commit of another connection; our own are counted in _left.
            stamp = (database.execute("PRAGMA data_version").fetchone()[0], self._left)
            before, requests = self._words.get(run_id, (None, []))
            if before != stamp:
                requests = self._requests(database, self._head(database, run_id))
                self._words[run_id] = (stamp, requests)
            return requests[after:]

    def close(self) -> None:
        """Close the database. Locks of runs still owned end with their contexts."""
        with self._turn, suppress(sqlite3.Error):
            self._database.close()

    def _lock_file(self, run_id: str) -> Path:
        return self._folder / "runs" / f"{run_id}.lock"

    def _stored(self, event: Event) -> Encoded:
        row = encode(event)
        return row._replace(data=self._large.put(row.data))

    def _take(self, run_id: str, owner: str, lock: RunLock) -> int:
        with self._transaction() as database:
            head = self._head(database, run_id)
            self._compare(database, head, lock.last)
            head = replace(head, row=replace(head.row, owner=naming.plain(owner)), epoch=head.epoch + 1)
            _change(database, head)
        lock.write(head.epoch, head.seq, head.hash)
        return head.epoch

    def _compare(self, database: sqlite3.Connection, head: Head, mark: Mark) -> None:
        """The run's row, the end of its chain and the mark in its lock file must agree."""
        run_id = head.row.run_id
        if _hash(database, run_id, head.seq) != head.hash:
            raise faults.broken(run_id, 0, f"record {head.seq}, its last, is missing or changed", self._path)
        if mark.seq and _hash(database, run_id, mark.seq) != bytes.fromhex(mark.hash):
            raise faults.rolled_back(run_id, self._path, mark.seq, head.seq)

    def _leave(self, run_id: str, epoch: int) -> None:
        """Take the owner's name away. The lock is what counts, so an error here hides no other."""
        with suppress(JournalError), self._transaction() as database:
            head = self._head(database, run_id)
            if head.epoch == epoch and head.row.owner:
                _change(database, replace(head, row=replace(head.row, owner="")))

    def _records(self, run_id: str, after: int) -> Iterator[Record]:
        before: bytes | None = chain.GENESIS if after == 0 else None
        more = True
        while more:
            with self._session() as database:
                database.execute("BEGIN")
                head = self._head(database, run_id)
                try:
                    before = before or _hash(database, run_id, after)
                    page, more = _page(database, run_id, after)
                except sqlite3.DatabaseError as error:
                    raise faults.broken(
                        run_id, after, f"record {after + 1} cannot be read: {error}", self._path
                    ) from error
                database.execute("COMMIT")
            for seq, epoch, *values, digest in page:
                row = Encoded(*values)
                if seq != after + 1 or digest != chain.link(before, run_id, seq, epoch, row):
                    raise faults.broken(run_id, after, f"record {after + 1} is missing or changed", self._path)
                after, before = seq, digest
                yield Record(seq, epoch, self._event(run_id, seq, row))
            if not more and (after < head.seq or (after == head.seq and before != head.hash)):
                raise faults.broken(run_id, after, f"record {after + 1} is missing or changed", self._path)

    def _event(self, run_id: str, seq: int, row: Encoded) -> Event:
        try:
            return decode(row if row.data[:1] != "@" else row._replace(data=self._large.get(row.data)))
        except JournalError as error:
            raise JournalError(f"run {run_id}, record {seq}: {error.message}", hint=error.hint) from error

    def _head(self, database: sqlite3.Connection, run_id: str) -> Head:
        naming.check(run_id)
        values = database.execute(query("run"), (run_id,)).fetchone()
        if values is not None:
            return self._sealed(values)
        if self._lock_file(run_id).exists():
            raise faults.foreign(self._path, f"does not hold run {run_id}, which was once driven here")
        raise naming.unknown(run_id, f" in {self._path}")

    def _sealed(self, values: tuple[Any, ...]) -> Head:
        head = from_values(values)
        if head is None:
            raise faults.foreign(self._path, f"holds a damaged row for the run {str(values[0])[:100]!a}")
        return head

    def _requests(self, database: sqlite3.Connection, head: Head) -> list[Request]:
        run_id = head.row.run_id
        rows = database.execute(query("requests"), (run_id,)).fetchall()
        expected = range(1, head.requests + 1)
        whole = all(sealed == chain.seal(run_id, *values) for *values, sealed in rows)
        if not whole or [row[0] for row in rows] != [*expected]:
            raise faults.foreign(self._path, f"holds damaged requests to run {run_id}")
        return [Request(number, at, AbortLevel(level), by) for number, at, level, by, _ in rows]

    @contextmanager
    def _session(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time, with SQLite's errors explained."""
        if os.getpid() != self._process:
            raise JournalError("a journal was opened before a fork and used after it: open one in each process")
        with self._turn, _explained(self._path):
            try:
                yield self._database
            except BaseException as error:
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                self._poisoned |= code == faults.IOERR
                with suppress(sqlite3.Error):
                    if self._database.in_transaction:
                        self._database.execute("ROLLBACK")
                raise

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside, or nothing; on the disk at the end."""
        if self._poisoned:
            raise faults.poisoned(self._path)
        with self._session() as database:
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")


def _change(database: sqlite3.Connection, head: Head) -> None:
    values = head.values()
    database.execute(query("change_run"), (*values, values[0]))


def _hash(database: sqlite3.Connection, run_id: str, seq: int) -> bytes:
    """The hash of a record; nothing, which no record's is, where there is none."""
    (found,) = database.execute(query("hash"), (run_id, seq)).fetchone() or (b"",)
    return found if isinstance(found, bytes) else b""


def _page(database: sqlite3.Connection, run_id: str, after: int) -> tuple[list[tuple[Any, ...]], bool]:
    """The next rows, and whether there may be more: the good ones before a damaged place make a page of their own."""
    page: list[tuple[Any, ...]] = []
    size = 0
    try:
        with closing(database.execute(query("events"), (run_id, after))) as rows:
            for row in rows:
                page.append(row)
                size += len(str(row[5]))
                if size > _PAGE:
                    return page, True
    except sqlite3.DatabaseError:
        if not page:
            raise
        return page, True
    return page, False


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise faults.explain(getattr(error, "sqlite_errorcode", None), str(error), path) from error
    except UnicodeDecodeError as error:
        raise faults.explain(faults.CORRUPT, "its own words for it are damaged, too", path) from error
    except OSError as error:
        raise faults.explain(faults.CANTOPEN, error.strerror or str(error), path) from error


def _connect(path: Path) -> sqlite3.Connection:
    """Open a file that is there. Transactions are ours to begin; _turn sees to the threads."""
    address = f"{path.as_uri()}?mode=rw"
    database = sqlite3.connect(address, uri=True, isolation_level=None, timeout=_BUSY, check_same_thread=False)
    database.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")  # damage is for the chain to find
    return database


def _open(path: Path) -> sqlite3.Connection:
    if not path.exists():
        _make(path)
    database = _connect(path)
    try:
        _recognise(database, path)
        _tune(database, path)
    except BaseException:
        database.close()
        raise
    return database


def _make(path: Path) -> None:
    """A new journal gets its name when it is whole, so that an empty file by that name is always damage."""
    durable.make_folder(path.parent)
    new = durable.beside(path)
    try:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, durable.FILE))
        with closing(_connect(new)) as database:
            marks = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA};"
            database.executescript(f"PRAGMA synchronous = EXTRA; BEGIN; {schema()} {marks} COMMIT;")
        durable.publish(new, path)
    finally:
        new.unlink(missing_ok=True)


def _recognise(database: sqlite3.Connection, path: Path) -> None:
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not tables:
        raise faults.foreign(path, "is empty, which no journal is: it was cut off")
    if application != APPLICATION:
        raise faults.foreign(path, "is a database of another program, or its beginning is damaged")
    if version > SCHEMA:
        raise JournalError(f"{path}: {OLDER}: it has layout {version}, known up to {SCHEMA}", hint=UPGRADE)
    if version != SCHEMA:
        raise faults.foreign(path, f"has the layout {version}, which no journal had")


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
