"""Watcher: what becomes of Jobs. One loop per folder reads all of them together; an ended Job is read once, whole."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from flowrun.errors import NotSignedIn, OrchestratorError, Refused
from flowrun.orchestrator.protocol import Orchestrator
from flowrun.orchestrator.wire import Folder, Job, JobState
from flowrun.steps.job.handle import JobName
from flowrun.steps.pace import Backoff, Budget, Unsigned, asked_for, each, pause
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Clock

logger = logging.getLogger(__name__)

CHUNK = 100
"""Ids in one list call (API facts 4: `Id in` with 100 ids is in live use)."""

_KNOWN = frozenset(JobState)
_PLENTY = 8
"""News that a list call must bring for the next to come at once; below half of it, calls become rarer."""

Notice: TypeAlias = Callable[[Job], None]


@dataclass(frozen=True, slots=True)
class Gone:
    """The server knows no such Job any more. `seen_alive`: this process saw it before it vanished."""

    name: JobName
    seen_alive: bool


class _Watched:
    """A Job that somebody awaits: what was last seen of it, and how often it was missing since."""

    __slots__ = ("future", "last", "missed", "missed_since", "name", "notice")

    def __init__(self, name: JobName, notice: Notice) -> None:
        self.name = name
        self.notice = notice
        self.future: asyncio.Future[Job | Gone] = asyncio.get_running_loop().create_future()
        self.last: Job | None = None
        self.missed = 0
        self.missed_since = 0.0


class Watcher:
    """All Jobs that are awaited in this process, folder by folder."""

    def __init__(self, orchestrator: Orchestrator, clock: Clock, policy: Policy, budget: Budget) -> None:
        self._orchestrator = orchestrator
        self._clock = clock
        self._policy = policy
        self._budget = budget
        self._reads = asyncio.Semaphore(policy.concurrent_reads)
        self._folders: dict[int, _FolderWatch] = {}

    async def end_of(self, folder: Folder, name: JobName, notice: Notice) -> Job | Gone:
        """The Job as it was read after its end, or that it is gone. `notice` is told of each change of its State."""
        watch = self._folders.get(folder.id)
        if watch is None:
            reader = Reader(self._orchestrator, folder, self._budget, self._reads)
            watch = self._folders[folder.id] = _FolderWatch(reader, self._clock, self._policy)
        return await watch.end_of(_Watched(name, notice))

    def hurry(self, folder: Folder) -> None:
        """Something is about to change: look soon."""
        if folder.id in self._folders:
            self._folders[folder.id].hurry()

    def awaited(self, folder: Folder, names: Sequence[JobName]) -> list[JobName]:
        """Those whose end is awaited in this process, and has not been seen."""
        watch = self._folders.get(folder.id)
        return [name for name in names if watch is not None and watch.awaits(name)]

    async def aclose(self) -> None:
        """Stop reading. Whoever still waits is cancelled."""
        await asyncio.gather(*(watch.aclose() for watch in self._folders.values()))


class Reader:
    """The reads of one folder, under the limits of the process."""

    def __init__(self, orchestrator: Orchestrator, folder: Folder, budget: Budget, reads: asyncio.Semaphore) -> None:
        self.folder = folder
        self._orchestrator = orchestrator
        self._budget = budget
        self._reads = reads

    async def chunk(self, ids: list[int]) -> list[Job]:
        """One list call."""
        await self._budget.take()
        try:
            return await self._orchestrator.jobs(self.folder, ids)
        except OrchestratorError as error:
            self._budget.hold(asked_for(error))
            raise

    async def whole(self, name: JobName) -> Job | None:
        """One Job by id; None where there is none, or where its id is by now another Job's."""
        async with self._reads:
            job = await self._orchestrator.job(self.folder, name[0])
        return job if job is not None and is_named(job, name) else None


@dataclass(slots=True)
class _Round:
    """What one round came to: reads answered, States that were news, list calls made, and what went wrong."""

    answers: int = 0
    news: int = 0
    lists: int = 0
    errors: list[OrchestratorError] = field(default_factory=list)
    refusal: Refused | None = None


class _FolderWatch:
    """The loop of one folder. It lives as long as a Job is awaited."""

    def __init__(self, reader: Reader, clock: Clock, policy: Policy) -> None:
        self._reader = reader
        self._clock = clock
        self._policy = policy
        self._watched: dict[JobName, list[_Watched]] = {}
        self._bell = asyncio.Event()
        self._intervals = Backoff(policy.fastest, policy.slowest, policy.slower)
        self._interval = policy.fastest
        self._unsigned = Unsigned(policy.sign_in_patience)
        self._outages = Backoff(policy.fastest, policy.outage_slowest)
        self._loop: asyncio.Task[None] | None = None
        self._trouble = ""

    async def end_of(self, watched: _Watched) -> Job | Gone:
        self._watched.setdefault(watched.name, []).append(watched)
        if len(self._watched) <= self._policy.read_singly:
            self.hurry()
        if self._loop is None:
            self._loop = asyncio.create_task(self._run(), name=f"watch folder {self._reader.folder.id}")
        try:
            return await watched.future
        finally:
            self._forget(watched)

    def hurry(self) -> None:
        self._intervals.reset()
        self._bell.set()

    def awaits(self, name: JobName) -> bool:
        return name in self._watched

    async def aclose(self) -> None:
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait({self._loop})

    def _forget(self, watched: _Watched) -> None:
        rest = [one for one in self._watched.get(watched.name, ()) if one is not watched]
        if rest:
            self._watched[watched.name] = rest
        else:
            self._watched.pop(watched.name, None)
        if not self._watched:
            self._bell.set()

    async def _run(self) -> None:
        """Rounds, until nobody awaits anything. A loop that falls over must not leave anybody waiting."""
        try:
            wait = least = self._policy.fastest
            while await self._rest(wait, least):
                began = self._clock.now()
                done = await self._round()
                took = min(max(0.0, self._clock.now() - began), self._policy.slowest)
                wait, least = self._next(done, took)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - it goes to whoever waits
            for watched in [one for listeners in self._watched.values() for one in listeners]:
                if not watched.future.done():
                    watched.future.set_exception(error)
        finally:
            self._loop = None

    async def _rest(self, seconds: float, least: float) -> bool:
        """Wait so long, or `least` after the bell rang. False once nobody awaits anything."""
        if self._watched and seconds > least:
            self._bell.clear()
            await pause(self._clock, seconds - least, self._bell)
        if self._watched:
            await self._clock.sleep(least)
        return bool(self._watched)

    def _next(self, done: _Round, took: float) -> tuple[float, float]:
        """How long to wait for the next round, and how long even if the bell rings.

        Often while lists bring news, slower while they do not; never more than half of the time is spent reading.
        """
        quiet = max((asked_for(error) for error in done.errors), default=0.0)
        if done.errors and not done.answers:
            wait = max(self._outages.next(), quiet)
            if isinstance(done.errors[0], NotSignedIn):
                wait = max(wait, self._policy.slowest)
                self._unsigned.wait(done.errors[0], wait)
            return wait, wait
        self._unsigned.reset()
        self._outages.reset()
        if done.news > _PLENTY * done.lists:
            self._intervals.reset()
            self._interval = self._intervals.next()
        elif done.news * 2 <= _PLENTY * done.lists:
            self._interval = self._intervals.next()
        wait = max(min(self._interval * max(1, done.lists), self._policy.slowest), took, quiet)
        return wait, max(min(wait, self._policy.fastest), took, quiet)

    async def _round(self) -> _Round:
        """Read every awaited Job once: few by id, many by lists."""
        names = list(self._watched)
        by_list = len(names) > self._policy.read_singly
        done = _Round()
        for at in range(0, len(names), CHUNK):
            part = names[at : at + CHUNK]
            seen = await self._list(part, done) if by_list else {}
            if seen is not None:
                await self._take_in(part, seen, done)
        self._say(done)
        return done

    async def _list(self, names: list[JobName], done: _Round) -> dict[JobName, Job] | None:
        """One list call. Empty where the server refuses it, so that all are read by id; None after other errors."""
        done.lists += 1
        try:
            jobs = await self._reader.chunk([number for number, _ in names])
        except Refused as error:
            done.refusal = error
            return {}
        except OrchestratorError as error:
            done.errors.append(error)
            return None
        done.answers += 1
        wanted = {number: (number, key) for number, key in names}
        return {wanted[job.id]: job for job in jobs if job.id in wanted and is_named(job, wanted[job.id])}

    async def _take_in(self, names: list[JobName], seen: dict[JobName, Job], done: _Round) -> None:
        """What a list showed; and by id, whole, what it did not show or showed as final."""
        singly = []
        for name in names:
            job = seen.get(name)
            if job is None or job.final:
                singly.append(name)
            else:
                done.news += self._seen(name, job)
        for name, answer in await each(singly, self._reader.whole, self._policy.concurrent_reads):
            if isinstance(answer, OrchestratorError):
                done.errors.append(answer)
                continue
            done.answers += 1
            if answer is None:
                self._missed(name, seen.get(name))
            else:
                done.news += self._seen(name, answer)

    def _seen(self, name: JobName, job: Job) -> bool:
        """Tell who waits for it. Whether its State is another than before."""
        news = False
        for watched in self._watched.pop(name, ()) if job.final else self._watched.get(name, ()):
            watched.missed = 0
            news = news or watched.last is None or watched.last.state != job.state
            if job.final and not watched.future.done():
                watched.future.set_result(job)
            elif watched.last is None or watched.last.state != job.state:
                if job.state not in _KNOWN:
                    logger.warning("Job %s has the State %r, which this version does not know", job.id, job.state)
                watched.notice(job)
            watched.last = job
        return news

    def _missed(self, name: JobName, listed: Job | None) -> None:
        """A read by id found nothing. Only that it does so again and again means gone."""
        now = self._clock.now()
        for watched in list(self._watched.get(name, ())):
            watched.missed += 1
            watched.missed_since = watched.missed_since if watched.missed > 1 else now
            long = now - watched.missed_since >= self._policy.gone_after
            if watched.missed >= self._policy.gone_looks and long and not watched.future.done():
                logger.error("Job %s (%s) is gone: Orchestrator answers 404", *name)
                watched.future.set_result(listed or Gone(name, seen_alive=watched.last is not None))
                self._forget(watched)

    def _say(self, done: _Round) -> None:
        """One line when an outage begins, changes its kind, or ends."""
        error = done.errors[0] if done.errors else done.refusal
        kind = type(error).__name__ if error else ""
        if kind == self._trouble:
            return
        if error:
            logger.warning("folder %s: cannot read Jobs, trying again: %s", self._reader.folder.id, error.message)
        else:
            logger.warning("folder %s: Jobs can be read again", self._reader.folder.id)
        self._trouble = kind


def is_named(job: Job, name: JobName) -> bool:
    """Whether it is that Job: the same id and the same key."""
    return job.id == name[0] and job.key.lower() == name[1].lower()
