"""MemoryJournal: for tests and dry runs. Keeps the events themselves, and nothing once the process has ended."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from flowrun.admission.pools import Asked, Queue, grant
from flowrun.admission.run_key import OnDuplicate
from flowrun.core.commands import Wish
from flowrun.core.events import AttemptFinished, Event, LegFinished, RunFinished, RunStarted
from flowrun.core.pools import Slots
from flowrun.core.status import RunStatus
from flowrun.errors import Conflict
from flowrun.journal import arrival, naming, summary
from flowrun.journal.protocol import Ownership, Record, Request, RunRow, Slot, Word


@dataclass(slots=True)
class _Run:
    row: RunRow
    records: list[Record]
    requests: list[Request] = field(default_factory=list)
    held: dict[tuple[str, int], Wish] = field(default_factory=dict)
    waits: tuple[Asked, ...] = ()
    epoch: int = 1
    owned: bool = False


class MemoryJournal:
    """A Journal in memory, for one process."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}

    def create(self, started: RunStarted, on_duplicate: OnDuplicate = OnDuplicate.RUN) -> str:
        """Keep a new run, unless its key or its group say otherwise. Conflict where the id is taken."""
        naming.check(started.run_id)
        if started.run_id in self._runs:
            raise naming.taken(started.run_id)
        run_id = arrival.identity(started, self._holder(started.plan.key), on_duplicate)
        if run_id != started.run_id:
            return run_id
        if started.plan.concurrency is not None:
            group = [row.run_id for row in self.grouped(started.plan.concurrency.group)]
            arrival.admit(started, group, self._ancestors(started.parent))
        self._runs[started.run_id] = _Run(summary.begin(started), [Record(1, 1, started)])
        return run_id

    @contextmanager
    def own(self, run_id: str, owner: str) -> Iterator[Ownership]:
        """Own the run until the context ends, in the next epoch. Conflict where somebody does."""
        run = self._known(run_id)
        if run.owned:
            raise Conflict(f"run {run_id} is being driven by {run.row.owner}")
        run.owned = True
        run.epoch += 1
        run.row = replace(run.row, owner=naming.plain(owner))
        ownership = Ownership(run_id, run.epoch)
        try:
            yield ownership
        finally:
            if run.epoch == ownership.epoch:  # else somebody has taken it over
                run.owned = False
                run.row = replace(run.row, owner="")

    def append(self, ownership: Ownership, events: Sequence[Event], expected_seq: int) -> int:
        """Keep these after `expected_seq`. Conflict where owner or last record are not those expected."""
        run = self._ours(ownership)
        if len(run.records) != expected_seq:
            raise naming.written(ownership, expected_seq, len(run.records))
        for event in events:
            run.records.append(Record(len(run.records) + 1, ownership.epoch, event))
        run.row = summary.update(run.row, events)
        for event in events:
            if isinstance(event, AttemptFinished | LegFinished):
                run.held.pop((event.step_id, event.leg), None)
            elif isinstance(event, RunFinished):
                run.held, run.waits = {}, ()
        return len(run.records)

    def confirm(self, ownership: Ownership) -> None:
        """Look at the epoch."""
        self._ours(ownership)

    def read(self, run_id: str, after: int = 0) -> Iterator[Record]:
        """The records after `after`, with those that are appended while they are read."""
        return itertools.islice(self._known(run_id).records, after, None)

    def run(self, run_id: str) -> RunRow:
        """The run's line. JournalError where there is none."""
        return self._known(run_id).row

    def runs(self, limit: int = 50, *, children: bool = False) -> list[RunRow]:
        """The lines, the latest first; those of steps of others only with `children`."""
        rows = (run.row for run in self._runs.values() if children or not run.row.parent)
        return sorted(rows, key=lambda row: (row.started_at, row.run_id), reverse=True)[:limit]

    def succeeded(self, workflow: str, limit: int = 20) -> list[RunRow]:
        """The lines of this workflow's runs that succeeded, the latest first."""
        name = naming.plain(workflow)
        rows = (
            row
            for row in self.runs(len(self._runs), children=True)
            if (row.workflow, row.status) == (name, RunStatus.SUCCEEDED)
        )
        return list(itertools.islice(rows, limit))

    def keyed(self, key: str) -> RunRow | None:
        """The line of the run that was created last with this key."""
        rows = (run.row for run in reversed(self._runs.values()) if key and run.row.key == naming.plain(key))
        return next(rows, None)

    def grouped(self, group: str) -> list[RunRow]:
        """The lines of those of the group that have not ended, in order of creation."""
        rows = (run.row for run in self._runs.values() if group and run.row.group == naming.plain(group))
        return [row for row in rows if row.finished_at is None]

    def owned(self, run_id: str) -> bool:
        """Whether somebody owns it."""
        return self._known(run_id).owned

    def unserved(self, run_id: str) -> None:
        """Who owns a run works on it."""

    def stranded(self, run_id: str) -> str:  # noqa: ARG002 - a process that is gone leaves no word
        """Nothing is known of an owner that is gone."""
        return ""

    def request(self, run_id: str, event: Word) -> Request:
        """Keep a word for the owner."""
        requests = self._known(run_id).requests
        requests.append(Request(len(requests) + 1, event))
        return requests[-1]

    def requests(self, run_id: str, after: int = 0) -> list[Request]:
        """The words left, from the one after `after`."""
        return self._known(run_id).requests[after:]

    def take(self, ownership: Ownership, capacities: Slots, wishes: Sequence[Wish], most: int) -> tuple[Wish, ...]:
        """Keep what is granted, and what is waited for."""
        run = self._ours(ownership)
        held: Counter[str] = Counter()
        for slot in self.slots():
            held[slot.pool] += slot.count
        every = [asked for other in self._runs.values() for asked in other.waits]
        others = [asked for other in self._runs.values() if other is not run and other.owned for asked in other.waits]
        queue = Queue(others, run.waits, max((asked.number for asked in every), default=0))
        answer = grant(capacities, held, queue, wishes, most)
        run.held |= {(wish.step_id, wish.leg): wish for wish in answer.granted}
        run.waits = answer.waits
        return answer.granted

    def hold(self, ownership: Ownership, held: Sequence[Wish]) -> None:
        """Keep these, and forget the others."""
        run = self._ours(ownership)
        run.held, run.waits = {(wish.step_id, wish.leg): wish for wish in held}, ()

    def slots(self) -> list[Slot]:
        """What the legs of all runs hold."""
        return [
            Slot(run_id, wish.step_id, wish.leg, pool, count, wish.leg_key)
            for run_id, run in sorted(self._runs.items())
            for _, wish in sorted(run.held.items())
            for pool, count in sorted(wish.slots.items())
        ]

    def close(self) -> None:
        """Nothing to let go of."""

    def _ours(self, ownership: Ownership) -> _Run:
        run = self._known(ownership.run_id)
        if not run.owned or run.epoch != ownership.epoch:
            raise naming.taken_over(ownership, run.epoch)
        return run

    def _holder(self, key: str) -> RunStarted | None:
        row = self.keyed(key)
        first = self._runs[row.run_id].records[0].event if row is not None else None
        return first if isinstance(first, RunStarted) else None

    def _ancestors(self, parent: str) -> list[str]:
        found = []
        while parent:
            found.append(parent)
            parent = self._runs[parent].row.parent if parent in self._runs else ""
        return found

    def _known(self, run_id: str) -> _Run:
        naming.check(run_id)
        try:
            return self._runs[run_id]
        except KeyError:
            raise naming.unknown(run_id) from None
