"""MemoryJournal: for tests and dry runs. Keeps the events themselves, and nothing once the process has ended."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from flowrun.core.events import Event, RunStarted
from flowrun.core.status import RunStatus
from flowrun.errors import Conflict
from flowrun.journal import naming, summary
from flowrun.journal.protocol import Ownership, Record, Request, RunRow, Word


@dataclass(slots=True)
class _Run:
    row: RunRow
    records: list[Record]
    requests: list[Request] = field(default_factory=list)
    epoch: int = 1
    owned: bool = False


class MemoryJournal:
    """A Journal in memory, for one process."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}

    def create(self, started: RunStarted) -> None:
        """Keep a new run. Conflict where the id is taken."""
        naming.check(started.run_id)
        if started.run_id in self._runs:
            raise naming.taken(started.run_id)
        self._runs[started.run_id] = _Run(summary.begin(started), [Record(1, 1, started)])

    @contextmanager
    def own(self, run_id: str, owner: str) -> Iterator[Ownership]:
        """Own the run until the context ends, in the next epoch. Conflict where somebody does."""
        run = self._known(run_id)
        if run.owned:
            raise Conflict(f"run {run_id} is being driven by {run.row.owner}")
        run.owned = True
        run.epoch += 1
        run.row = replace(run.row, owner=naming.plain(owner))
        try:
            yield Ownership(run_id, run.epoch)
        finally:
            run.owned = False
            run.row = replace(run.row, owner="")

    def append(self, ownership: Ownership, events: Sequence[Event], expected_seq: int) -> int:
        """Keep these after `expected_seq`. Conflict where owner or last record are not those expected."""
        run = self._known(ownership.run_id)
        if not run.owned or run.epoch != ownership.epoch:
            raise naming.taken_over(ownership, run.epoch)
        if len(run.records) != expected_seq:
            raise naming.written(ownership, expected_seq, len(run.records))
        for event in events:
            run.records.append(Record(len(run.records) + 1, ownership.epoch, event))
        run.row = summary.update(run.row, events)
        return len(run.records)

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

    def request(self, run_id: str, event: Word) -> Request:
        """Keep a word for the owner."""
        requests = self._known(run_id).requests
        requests.append(Request(len(requests) + 1, event))
        return requests[-1]

    def requests(self, run_id: str, after: int = 0) -> list[Request]:
        """The words left, from the one after `after`."""
        return self._known(run_id).requests[after:]

    def close(self) -> None:
        """Nothing to let go of."""

    def _known(self, run_id: str) -> _Run:
        naming.check(run_id)
        try:
            return self._runs[run_id]
        except KeyError:
            raise naming.unknown(run_id) from None
