"""Paper: the journal of a simulated run, as one process has it in hand; the disk is one for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.commands import Wish
from flowrun.core.events import Event, RunStarted
from flowrun.core.pools import Slots
from flowrun.core.status import RunStatus
from flowrun.journal.codec import decode, encode
from flowrun.journal.memory import MemoryJournal
from flowrun.journal.protocol import Ownership, Record, Request, Word
from flowrun.simulation.effects import Life
from flowrun.simulation.virtual import VirtualClock

NAP = 60.0
"""Seconds after which whoever listens to the journal looks although nothing was written."""
_GLANCE = 1.0
"""A sleep up to this long, of an engine's clock, is a look at the journal that found nothing."""


class Disk(MemoryJournal):
    """What is on the disk, read and written by no process that could die. What is read is what was encoded.

    `written`: who wants to know of each event as it is committed. `full`, `torn`: the numbers of the commits that
    fail, before they are on the disk and after.
    """

    def __init__(self, full: Collection[int], torn: Collection[int], written: Callable[[str, Record], None]) -> None:
        super().__init__()
        self.written = written
        self._full = full
        self._torn = torn
        self._commits = 0
        self._bells: list[asyncio.Event] = []

    def paper(self, life: Life) -> Paper:
        """It, in the hands of a process."""
        return Paper(self, life)

    def trouble(self) -> tuple[dict[str, float], dict[str, float]]:
        """Of the commit that comes now: what befalls it before and after."""
        self._commits += 1
        full = {"disk-full": 1.0} if self._commits in self._full else {}
        return full, {"disk-torn": 1.0} if self._commits in self._torn else {}

    def seize(self, root: str) -> None:
        """Somebody deletes the lock files of a run and of the runs that its steps are: whoever comes next owns them."""
        for run_id, run in self._runs.items():
            if f"{run_id}.".startswith(f"{root}."):
                run.owned = False

    def over(self, run_id: str) -> bool:
        """Whether the run has ended."""
        return RunStatus(self.run(run_id).status).final

    def read(self, run_id: str, after: int = 0) -> Iterator[Record]:
        """As it would come from a disk."""
        for record in super().read(run_id, after):
            yield Record(record.seq, record.epoch, decode(encode(record.event)))

    def request(self, run_id: str, event: Word) -> Request:
        """From outside: whoever leaves a word is no part of the process."""
        left = super().request(run_id, event)
        self.ring()
        return left

    async def news(self) -> None:
        """Return when something was written, or after a nap."""
        bell = asyncio.Event()
        self._bells.append(bell)
        try:
            async with asyncio.timeout(NAP):
                await bell.wait()
        except TimeoutError:
            self._bells = [other for other in self._bells if other is not bell]

    def ring(self) -> None:
        """Something was written."""
        bells, self._bells = self._bells, []
        for bell in bells:
            bell.set()


class Paper(Disk):
    """The disk in the hands of a process, which may die over each commit."""

    def __init__(self, disk: Disk, life: Life) -> None:
        super().__init__((), (), disk.written)
        self._runs = disk._runs  # noqa: SLF001 - the same runs in other hands
        self._disk = disk
        self._life = life

    def create(self, started: RunStarted, on_duplicate: OnDuplicate = OnDuplicate.RUN) -> str:
        """As a journal, for a process that may die over it."""
        self._life.count(f"before run {started.run_id} is on paper")
        made = super().create(started, on_duplicate)
        self.written(made, Record(1, 1, started))
        self.ring()
        self._life.count(f"after run {started.run_id} is on paper")
        return made

    def append(self, ownership: Ownership, events: Sequence[Event], expected_seq: int) -> int:
        """As a journal. Raises JournalError where the disk is in trouble."""
        what = ", ".join(type(event).__name__ for event in events)
        before, after = self._disk.trouble()
        self._life.count(f"before {what}", before)
        last = super().append(ownership, events, expected_seq)
        for at, event in enumerate(events):
            self.written(ownership.run_id, Record(last - len(events) + 1 + at, ownership.epoch, event))
        self.ring()
        self._life.count(f"after {what}", after)
        return last

    def take(self, ownership: Ownership, capacities: Slots, wishes: Sequence[Wish], most: int) -> tuple[Wish, ...]:
        """As a journal, for a process that may die over it."""
        self._life.count("before slots are taken")
        granted = super().take(ownership, capacities, wishes, most)
        self._life.count("after slots are taken")
        return granted

    async def news(self) -> None:
        """As the disk."""
        await self._disk.news()

    def ring(self) -> None:
        """As the disk."""
        self._disk.ring()


class Listening(VirtualClock):
    """The clock of an engine: where it would look at the journal again and again, it looks when there is news."""

    def __init__(self, clock: VirtualClock, paper: Paper, life: Life) -> None:
        super().__init__()
        self._clock = clock
        self._paper = paper
        self._life = life

    def now(self) -> float:
        """As the machine's."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Return after that many virtual seconds, or later where nobody would notice."""
        if seconds <= _GLANCE:
            await self._paper.news()
        await self._clock.sleep(seconds)
        await self._life.awake()
