"""SqliteJournal: the Journal on the disk."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.commands import Wish
from flowrun.core.events import Event, RunStarted
from flowrun.core.pools import Slots
from flowrun.core.status import RunStatus
from flowrun.errors import JournalError
from flowrun.journal import arrival, chain, faults, naming, summary
from flowrun.journal.codec import Encoded, decode, encode
from flowrun.journal.head import Head, from_values
from flowrun.journal.large import LargeStore
from flowrun.journal.lock import Mark, RunLock, held, hold
from flowrun.journal.protocol import Ownership, Record, Request, RunRow, Slot, Word
from flowrun.journal.queries import query
from flowrun.journal.sqlite import slots
from flowrun.journal.sqlite.layout import explained, open_database

FILE = "journal.db"

_PAGE = 1024 * 1024
"""Characters of `data` that are read in one go. Between two goes nobody's write is kept waiting."""


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
        with explained(self._path):
            self._database = open_database(self._path)

    def create(self, started: RunStarted, on_duplicate: OnDuplicate = OnDuplicate.RUN) -> str:
        """Write the first event and the run's row, unless its key or its group say otherwise."""
        naming.check(started.run_id)
        row = self._stored(started)
        digest = chain.link(chain.GENESIS, started.run_id, 1, 1, row)
        with self._transaction() as database:
            if database.execute(query("run"), (started.run_id,)).fetchone() is not None:
                raise naming.taken(started.run_id)
            run_id = arrival.identity(started, self._holder(database, started.plan.key), on_duplicate)
            if run_id != started.run_id:
                return run_id
            self._admit(database, started)
            (number,) = database.execute(query("next_number")).fetchone()
            head = Head(summary.begin(started), 1, 1, digest, number)
            database.execute(query("add_run"), head.values())
            database.execute(query("add_event"), (started.run_id, 1, 1, row.at, row.type, row.v, row.data, digest))
        return run_id

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
            head, epoch, lock = self._ours(database, ownership)
            if head.seq != expected_seq:
                raise naming.written(ownership, expected_seq, head.seq)
            seq, digest, written = head.seq, head.hash, []
            for row in rows:
                seq += 1
                digest = chain.link(digest, run_id, seq, epoch, row)
                written.append((run_id, seq, epoch, row.at, row.type, row.v, row.data, digest))
            database.executemany(query("add_event"), written)
            back = slots.give_back(database, run_id, events) if head.slots else 0
            row_now = summary.update(head.row, events)
            if row_now.finished_at is not None:
                slots.wait_no_more(database, run_id)
            _change(database, replace(head, row=row_now, seq=seq, hash=digest, slots=head.slots - back))
        lock.write(epoch, seq, digest)
        return seq

    def confirm(self, ownership: Ownership) -> None:
        """Look at the epoch in the run's row."""
        with self._session() as database:
            self._ours(database, ownership)

    def read(self, run_id: str, after: int = 0) -> Iterator[Record]:
        """The records, read a page at a time and each checked against the one before it."""
        self.run(run_id)
        return self._records(run_id, after)

    def run(self, run_id: str) -> RunRow:
        """The run's row. JournalError where there is none, or where it is damaged."""
        with self._session() as database:
            return self._head(database, run_id).row

    def runs(self, limit: int = 50, *, children: bool = False) -> list[RunRow]:
        """The rows, the latest first; those of steps of others only with `children`."""
        return self._rows("runs", children, limit)

    def succeeded(self, workflow: str, limit: int = 20) -> list[RunRow]:
        """The rows of this workflow's runs that succeeded, the latest first."""
        return self._rows("latest", naming.plain(workflow), RunStatus.SUCCEEDED.value, limit)

    def keyed(self, key: str) -> RunRow | None:
        """The row of the run that was created last with this key."""
        return next(iter(self._rows("keyed", naming.plain(key))), None)

    def grouped(self, group: str) -> list[RunRow]:
        """The rows of those of the group that have not ended, in order of creation."""
        return self._rows("grouped", naming.plain(group))

    def owned(self, run_id: str) -> bool:
        """Whether the run's lock is held. Looks at the lock alone: the row keeps a dead owner's name."""
        self.run(run_id)
        return held(self._lock_file(run_id))

    def unserved(self, run_id: str) -> None:
        """Who owns a run works on it."""

    def stranded(self, run_id: str) -> str:  # noqa: ARG002 - a process that is gone leaves no word
        """Nothing is known of an owner that is gone."""
        return ""

    def request(self, run_id: str, event: Word) -> Request:
        """Commit a word for the owner. JournalError for an unknown run."""
        row = self._stored(event)
        with self._transaction() as database:
            head = self._head(database, run_id)
            number = head.requests + 1
            values = (run_id, number, *row)
            database.execute(query("add_request"), (*values, chain.seal(*values)))
            _change(database, replace(head, requests=number))
            self._left += 1
        return Request(number, event)

    def requests(self, run_id: str, after: int = 0) -> list[Request]:
        """The words left. Asks the database for one number only, while nobody has written to it."""
        with self._session() as database:
            # data_version changes with every commit of another connection; our own are counted in _left.
            stamp = (database.execute("PRAGMA data_version").fetchone()[0], self._left)
            before, requests = self._words.get(run_id, (None, []))
            if before != stamp:
                # One read for both: a word that is left between the run's row and the rows of words is no damage.
                database.execute("BEGIN")
                requests = self._requests(database, self._head(database, run_id))
                database.execute("COMMIT")
                self._words[run_id] = (stamp, requests)
            return requests[after:]

    def take(self, ownership: Ownership, capacities: Slots, wishes: Sequence[Wish], most: int) -> tuple[Wish, ...]:
        """Grant and write down in one transaction, so that no slot is given twice."""
        with self._transaction() as database, self._undamaged():
            head, _, _ = self._ours(database, ownership)
            granted = slots.take(database, ownership.run_id, capacities, wishes, most, self._lives)
            if granted:
                _change(database, replace(head, slots=head.slots + slots.rows_of(granted)))
        return granted

    def hold(self, ownership: Ownership, held: Sequence[Wish]) -> None:
        """Put the rows of the run right."""
        with self._transaction() as database:
            head, _, _ = self._ours(database, ownership)
            count = slots.hold(database, ownership.run_id, held)
            _change(database, replace(head, slots=count))

    def slots(self) -> list[Slot]:
        """The rows of all runs."""
        with self._session() as database, self._undamaged():
            return slots.held(database)

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

    def _ours(self, database: sqlite3.Connection, ownership: Ownership) -> tuple[Head, int, RunLock]:
        """The run's row for its owner, and the lock that makes it that. Conflict for anybody else."""
        head = self._head(database, ownership.run_id)
        epoch, lock = self._locks.get(ownership.run_id, (0, None))
        if lock is None or not head.epoch == epoch == ownership.epoch:
            raise naming.taken_over(ownership, head.epoch)
        return head, epoch, lock

    def _lives(self, run_id: str) -> bool:
        return held(self._lock_file(run_id))

    def _holder(self, database: sqlite3.Connection, key: str) -> RunStarted | None:
        """How the run began that has this key; None where the key is empty or nobody has it."""
        values = database.execute(query("keyed"), (naming.plain(key),)).fetchone()
        if values is None:
            return None
        run_id = self._sealed(values).row.run_id
        *row, digest = database.execute(query("first"), (run_id,)).fetchone() or ("", 0, 0.0, "", b"")
        encoded = Encoded(*row)
        if digest != chain.link(chain.GENESIS, run_id, 1, 1, encoded):
            raise faults.broken(run_id, 0, "record 1 is missing or changed", self._path)
        first = self._event(f"run {run_id}, record 1", encoded)
        assert isinstance(first, RunStarted)  # noqa: S101 - `create` writes no other
        return first

    def _admit(self, database: sqlite3.Connection, started: RunStarted) -> None:
        if started.plan.concurrency is not None:
            rows = database.execute(query("grouped"), (naming.plain(started.plan.concurrency.group),)).fetchall()
            ancestors, parent = [], started.parent
            while parent:
                ancestors.append(parent)
                values = database.execute(query("run"), (parent,)).fetchone()
                parent = self._sealed(values).row.parent if values is not None else ""
            arrival.admit(started, [self._sealed(row).row.run_id for row in rows], ancestors)

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
                yield Record(seq, epoch, self._event(f"run {run_id}, record {seq}", row))
            if not more and (after < head.seq or (after == head.seq and before != head.hash)):
                raise faults.broken(run_id, after, f"record {after + 1} is missing or changed", self._path)

    def _event(self, where: str, row: Encoded) -> Event:
        try:
            return decode(row if row.data[:1] != "@" else row._replace(data=self._large.get(row.data)))
        except JournalError as error:
            raise JournalError(f"{where}: {error.message}", hint=error.hint) from error

    def _head(self, database: sqlite3.Connection, run_id: str) -> Head:
        naming.check(run_id)
        values = database.execute(query("run"), (run_id,)).fetchone()
        if values is not None:
            return self._sealed(values)
        if self._lock_file(run_id).exists():
            raise faults.foreign(self._path, f"does not hold run {run_id}, which was once driven here")
        raise naming.unknown(run_id, f" in {self._path}")

    def _rows(self, name: str, *values: str | int) -> list[RunRow]:
        with self._session() as database:
            return [self._sealed(row).row for row in database.execute(query(name), values)]

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
        return [Request(number, self._word(run_id, number, Encoded(*row))) for number, *row, _ in rows]

    def _word(self, run_id: str, number: int, row: Encoded) -> Word:
        event = self._event(f"run {run_id}, request {number}", row)
        if not isinstance(event, Word):
            raise faults.foreign(self._path, f"holds a request to run {run_id} that is none: {row.type}")
        return event

    @contextmanager
    def _session(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time, with SQLite's errors explained."""
        if os.getpid() != self._process:
            raise JournalError("a journal was opened before a fork and used after it: open one in each process")
        with self._turn, explained(self._path):
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
    def _undamaged(self) -> Iterator[None]:
        try:
            yield
        except slots.Damaged as error:
            table, run_id = error.args
            raise faults.foreign(self._path, f"holds a damaged row of {table} for run {run_id!a:.100}") from error

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
