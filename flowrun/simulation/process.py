"""Process: who drives the run, and dies of it. Each effect passes through here, and the world outlives all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.commands import Wish
from flowrun.core.events import Event, RunStarted
from flowrun.core.plan import Json, Step
from flowrun.core.pools import Slots
from flowrun.core.status import Cancelled, Failed, Outcome, Unknown
from flowrun.errors import JournalError
from flowrun.journal.codec import decode, encode
from flowrun.journal.memory import MemoryJournal
from flowrun.journal.protocol import Ownership, Record, Request, Word
from flowrun.orchestrator.wire import Folder, Job, Release, Robot, StartInfo, StopStrategy, Tag, Validation
from flowrun.simulation.orchestrator import CALLER, World
from flowrun.simulation.virtual import VirtualClock
from flowrun.steps.protocol import Attempt, Permission, Preflight, Progress, Started, StepKind

T = TypeVar("T")

NAP = 60.0
"""Seconds after which whoever listens to the journal looks although nothing was written."""
_GLANCE = 1.0
"""A sleep up to this long, of an engine's clock, is a look at the journal that found nothing."""


class Died(Exception):
    """The process is gone: whoever hears this is a part of it that does not know yet."""


@dataclass(slots=True)
class Lives:
    """Counts the effects of all processes of a run, one after the other, and says when one of them dies.

    `die` is called at the death of the present one.
    """

    deaths: tuple[int, ...] = ()
    effects: int = 0
    dead: bool = False
    die: Callable[[str], None] = field(default=lambda _: None)

    def count(self, where: str) -> None:
        """A boundary: before or after an effect. Raises Died."""
        if self.dead:
            raise Died
        self.effects += 1
        if self.effects in self.deaths:
            self.kill(where)
            raise Died

    def kill(self, where: str) -> None:
        """The process is gone."""
        self.dead = True
        self.die(where)


class Paper(MemoryJournal):
    """The journal of a simulated run. What is read is what was encoded; the disk may be full.

    `written`: who wants to know of each event as it is committed. `full`: the numbers of the commits that fail.
    """

    def __init__(self, lives: Lives, full: Sequence[int], written: Callable[[str, Record], None]) -> None:
        super().__init__()
        self._lives = lives
        self._full = full
        self._written = written
        self._commits = 0
        self._bells: list[asyncio.Event] = []

    def create(self, started: RunStarted, on_duplicate: OnDuplicate = OnDuplicate.RUN) -> str:
        """As a journal, for a process that may die over it."""
        self._lives.count(f"before run {started.run_id} was on paper")
        made = super().create(started, on_duplicate)
        self._written(made, Record(1, 1, started))
        self._ring()
        self._lives.count(f"after run {started.run_id} was on paper")
        return made

    def append(self, ownership: Ownership, events: Sequence[Event], expected_seq: int) -> int:
        """As a journal. Raises JournalError where the disk is full."""
        what = ", ".join(type(event).__name__ for event in events)
        self._lives.count(f"before {what}")
        self._commits += 1
        if self._commits in self._full:
            raise JournalError("the journal: the disk is full")
        last = super().append(ownership, events, expected_seq)
        for at, event in enumerate(events):
            self._written(ownership.run_id, Record(last - len(events) + 1 + at, ownership.epoch, event))
        self._ring()
        self._lives.count(f"after {what}")
        return last

    def read(self, run_id: str, after: int = 0) -> Iterator[Record]:
        """As it would come from a disk."""
        for record in super().read(run_id, after):
            yield Record(record.seq, record.epoch, decode(encode(record.event)))

    def take(self, ownership: Ownership, capacities: Slots, wishes: Sequence[Wish], most: int) -> tuple[Wish, ...]:
        """As a journal, for a process that may die over it."""
        self._lives.count("before slots were taken")
        granted = super().take(ownership, capacities, wishes, most)
        self._lives.count("after slots were taken")
        return granted

    def request(self, run_id: str, event: Word) -> Request:
        """From outside: whoever leaves a word is no part of the process."""
        left = super().request(run_id, event)
        self._ring()
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

    def _ring(self) -> None:
        bells, self._bells = self._bells, []
        for bell in bells:
            bell.set()


class Listening(VirtualClock):
    """The clock of an engine: where it would look at the journal again and again, it looks when there is news."""

    def __init__(self, clock: VirtualClock, paper: Paper) -> None:
        super().__init__()
        self._clock = clock
        self._paper = paper

    def now(self) -> float:
        """As the machine's."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Return after that many virtual seconds, or later where nobody would notice."""
        if seconds <= _GLANCE:
            await self._paper.news()
        await self._clock.sleep(seconds)


class Link:
    """Implements Orchestrator for one process: starts and stops are effects; a dead process calls nobody."""

    def __init__(self, world: World, lives: Lives) -> None:
        self._world = world
        self._lives = lives

    async def folder(self, path_or_id: str | int | None) -> Folder:
        """Passed on."""
        return await self._read(self._world.folder(path_or_id))

    async def release(self, folder: Folder, *, name: str | None = None, key: str | None = None) -> Release:
        """Passed on."""
        return await self._read(self._world.release(folder, name=name, key=key))

    async def releases(self, folder: Folder) -> list[Release]:
        """Passed on."""
        return await self._read(self._world.releases(folder))

    async def robots(self, folder: Folder) -> list[Robot]:
        """Passed on."""
        return await self._read(self._world.robots(folder))

    async def start_jobs(self, folder: Folder, info: StartInfo) -> list[Job]:
        """Passed on, between two boundaries."""
        return await self._effect("a start", self._world.start_jobs(folder, info))

    async def find_jobs(
        self, folder: Folder, tag: Tag, values: Sequence[str], since: float | None = None
    ) -> list[Job] | None:
        """Passed on. The World's own clock is never set, so it is not told of a time."""
        del since
        return await self._read(self._world.find_jobs(folder, tag, values))

    async def jobs(self, folder: Folder, ids: Sequence[int]) -> list[Job]:
        """Passed on."""
        return await self._read(self._world.jobs(folder, ids))

    async def job(self, folder: Folder, job_id: int) -> Job | None:
        """Passed on."""
        return await self._read(self._world.job(folder, job_id))

    async def stop_jobs(self, folder: Folder, ids: Sequence[int], strategy: StopStrategy) -> None:
        """Passed on, between two boundaries."""
        await self._effect("a stop", self._world.stop_jobs(folder, ids, strategy))

    async def validate(self, folder: Folder, info: StartInfo) -> Validation | None:
        """Passed on."""
        return await self._read(self._world.validate(folder, info))

    async def upload(self, folder: Folder, data: bytes) -> str:
        """Passed on."""
        return await self._read(self._world.upload(folder, data))

    async def download(self, folder: Folder, attachment_id: str) -> bytes:
        """Passed on."""
        return await self._read(self._world.download(folder, attachment_id))

    async def _read(self, call: Coroutine[Any, Any, T]) -> T:
        if self._lives.dead:
            call.close()
            await _for_ever()
        return await call

    async def _effect(self, what: str, call: Coroutine[Any, Any, T]) -> T:
        try:
            self._lives.count(f"before {what}")
            made = await call
            self._lives.count(f"after {what}")
        except Died:
            call.close()
            await _for_ever()
            raise
        return made


async def _for_ever() -> None:
    """A dead process gets no answer; it is cancelled soon."""
    await asyncio.Event().wait()


class Witness:
    """Implements StepKind: the shipped one, with a note of the attempt for which a start is made."""

    def __init__(self, kind: StepKind) -> None:
        self.name = kind.name
        self._kind = kind

    async def check(self, steps: Sequence[Step]) -> Preflight:
        """Passed on."""
        return await self._kind.check(steps)

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        """Passed on, and the world knows for whom."""
        token = CALLER.set(attempt)
        try:
            return await self._kind.start(attempt, may_start)
        finally:
            CALLER.reset(token)

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        """Passed on."""
        return await self._kind.wait(attempt, handle, progress)

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """Passed on."""
        await self._kind.stop(attempt, handle, force=force)
