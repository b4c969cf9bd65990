"""Records and Journal: the append-only record of runs, for who reads it and for who drives runs.

All raise `errors.JournalError`; sync, for a commit is one fsync.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.commands import Wish
from flowrun.core.events import AbortRequested, AttemptFinished, Event, RunStarted
from flowrun.core.pools import Slots

Word: TypeAlias = AbortRequested | AttemptFinished
"""What another process may ask the owner of a run to put on record: its end, or how an attempt came out."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row. `seq` counts from 1 within the run; `epoch` is which owner wrote it, from 1."""

    seq: int
    epoch: int
    event: Event


@dataclass(frozen=True, slots=True)
class RunRow:
    """A line of `runs list`. Times are seconds since the epoch; `status` is a RunStatus as text.

    `parent`: the run that it is a step of; `key`: its run key; `group`: its concurrency group. Empty where it has none.
    """

    run_id: str
    workflow: str
    status: str
    started_at: float
    finished_at: float | None = None
    owner: str = ""
    parent: str = ""
    key: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A word from another process to the owner of a run. `number` counts from 1 within the run."""

    number: int
    event: Word


@dataclass(frozen=True, slots=True)
class Slot:
    """Slots of a pool that a leg of some run holds."""

    run_id: str
    step_id: str
    leg: int
    pool: str
    count: int
    leg_key: str = ""


@dataclass(frozen=True, slots=True)
class Ownership:
    """Held by the one process that may append. `epoch` is greater than that of every owner before it."""

    run_id: str
    epoch: int


class Records(Protocol):
    """A store of runs, as everybody may use it: read what happened, and leave a word."""

    def read(self, run_id: str, after: int = 0) -> Iterator[Record]:
        """The run's records in order, from the one after `after`. JournalError for an unknown run or a bad row."""
        ...

    def run(self, run_id: str) -> RunRow:
        """One run. UnknownRun where there is none."""
        ...

    def runs(self, limit: int = 50, *, children: bool = False) -> list[RunRow]:
        """The latest first; those that are steps of others only with `children`."""
        ...

    def succeeded(self, workflow: str, limit: int = 20) -> list[RunRow]:
        """The latest runs of the workflow by this name that succeeded, the latest first."""
        ...

    def keyed(self, key: str) -> RunRow | None:
        """The run that was created last with this run key."""
        ...

    def grouped(self, group: str) -> list[RunRow]:
        """The runs of a concurrency group that have not ended, in the order in which they were created."""
        ...

    def owned(self, run_id: str) -> bool:
        """Whether a living process owns the run now. The owner's name in a RunRow may outlive the owner."""
        ...

    def unserved(self, run_id: str) -> str | None:
        """For what a run waits before anybody works on it, in words that follow "waits"; empty where it does not.

        None where whoever owns a run works on it: there is nothing to ask. Cheap: it is asked several times a second.
        """
        ...

    def stranded(self, run_id: str) -> str:
        """How what owned a run came to its end, in a clause; empty where the store knows no more than that it did."""
        ...

    def request(self, run_id: str, event: Word) -> Request:
        """Leave a word for the owner, from any process."""
        ...

    def requests(self, run_id: str, after: int = 0) -> list[Request]:
        """The words left, from the one after `after`. Cheap: an engine asks several times a second."""
        ...

    def slots(self) -> list[Slot]:
        """What the legs of all runs hold."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


class Journal(Records, Protocol):
    """A store of runs, as who drives them uses it."""

    def create(self, started: RunStarted, on_duplicate: OnDuplicate = OnDuplicate.RUN) -> str:
        """Write a new run's first event, as epoch 1, and give its id.

        Where another run has its key and `on_duplicate` says so, nothing is written, and that run's id is given.
        Conflict, with nothing written, where the id is taken, or where key or concurrency group refuse the run.
        """
        ...

    def own(self, run_id: str, owner: str) -> AbstractContextManager[Ownership]:
        """Become the run's only writer until the context ends. Conflict, naming the other, where one lives."""
        ...

    def append(self, ownership: Ownership, events: Sequence[Event], expected_seq: int) -> int:
        """Commit these after `expected_seq`, all or none; the new last seq. Conflict where somebody else wrote.

        In the same commit, slots are given back: those of a leg whose attempt or which itself has ended, and all of a
        run that has.
        """
        ...

    def confirm(self, ownership: Ownership) -> None:
        """Conflict where this owner is none any more, because it was taken over. Reads one row."""
        ...

    def take(self, ownership: Ownership, capacities: Slots, wishes: Sequence[Wish], most: int) -> tuple[Wish, ...]:
        """Commit what `admission.pools` grants of these wishes, at most so many; what it did not is waited for.

        To ask for nothing is to wait no more. Cheap where nothing changes: an engine asks several times a second.
        Conflict where this owner is none any more.
        """
        ...

    def hold(self, ownership: Ownership, held: Sequence[Wish]) -> None:
        """Commit that the run holds these slots and no others, and waits for none. Conflict as above."""
        ...
