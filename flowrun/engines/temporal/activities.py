"""Activities: the protocols of the steps, as workers carry them out for runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from temporalio import activity
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from flowrun.core.plan import Json
from flowrun.engines.temporal.lease import Late, Lease
from flowrun.engines.temporal.waits import Waits
from flowrun.engines.temporal.wire import (
    RECORD,
    START,
    STOP,
    WATCH,
    Answer,
    Answers,
    Ended,
    News,
    Seen,
    Starts,
    Stops,
    Told,
    Tree,
    Watch,
    pack,
    unpack,
)
from flowrun.orchestrator.address import named
from flowrun.steps.protocol import Attempt, StepKind

T = TypeVar("T")

LINGER = 0.02
"""Seconds that a watch waits for more when there is news; and as many again for each LINGER_FOR attempts beside it."""

LINGER_FOR = 25


@dataclass(frozen=True, slots=True)
class Place:
    """What this worker speaks to.

    `kinds` of steps by name; `orchestrator` as the origin of a run names it; `request`: seconds that one takes at most.
    """

    kinds: Mapping[str, StepKind]
    orchestrator: Json
    request: float


class Activities:
    """Those of one worker. Their first argument are records, which are only on their way into the history."""

    def __init__(self, client: Client, place: Place) -> None:
        self._client = client
        self._place = place
        self.waits = Waits(place.kinds)

    def starting(self) -> Sequence[Callable[..., Any]]:
        """Those of the queue of a context."""
        return [self.start, self.stop, self.record]

    def watching(self) -> Sequence[Callable[..., Any]]:
        """Those of the queue of its watches."""
        return [self.watch]

    @activity.defn(name=START)
    async def start(self, records: RawValue, tree: Tree) -> Tree:
        """Start each attempt once. A second go at it looks first whether the one before has."""
        del records
        starts = unpack(Starts, tree)
        kind = self._kind(starts.kind, starts.place)
        again = activity.info().attempt > 1
        attempts = [replace(attempt, recheck=attempt.recheck or again) for attempt in starts.attempts]

        async def work(lease: Lease) -> list[Answer | None]:
            return await _within(lease, [_start(kind, attempt, lease) for attempt in attempts])

        return pack(Answers(tuple(await self._held(work, self._place.request))))

    @activity.defn(name=STOP)
    async def stop(self, records: RawValue, tree: Tree) -> None:
        """Ask each attempt to end."""
        del records
        stops = unpack(Stops, tree)
        kind = self._kind(stops.kind, stops.place)

        async def work(lease: Lease) -> None:
            asked = [kind.stop(one.attempt, one.handle, force=stops.force) for one in stops.awaited]
            await _within(lease, asked, until_withdrawn=True)

        await self._held(work)

    @activity.defn(name=WATCH)
    async def watch(self, records: RawValue, tree: Tree) -> Tree:
        """Return with the first news of some of these attempts, and with what comes close behind it."""
        del records
        watch = unpack(Watch, tree)
        self._kind(watch.kind, watch.place)
        return pack(Seen(tuple(await self._held(lambda lease: self._look(watch, lease)))))

    @activity.defn(name=RECORD)
    async def record(self, records: RawValue, nothing: None = None) -> None:
        """Nothing is to be done about these records."""
        del records, nothing

    async def _held(self, work: Callable[[Lease], Coroutine[Any, Any, T]], request: float = 0.0) -> T:
        """Do it with a lease in hand. A run that wants it no more says so by the lease; it is not torn for that."""
        async with Lease.kept(self._client, request) as lease:
            doing = asyncio.create_task(work(lease))
            try:
                while not doing.done():
                    try:
                        await asyncio.wait([doing])
                    except asyncio.CancelledError:
                        if not lease.outlives():
                            raise
                return doing.result()
            finally:
                doing.cancel()
                await asyncio.gather(doing, return_exceptions=True)

    async def _look(self, watch: Watch, lease: Lease) -> list[News]:
        news: list[News] = []
        faults: list[BaseException] = []
        bell = asyncio.Event()

        def hearer(at: int) -> Callable[[Told | Ended | BaseException], None]:
            def hear(what: Told | Ended | BaseException) -> None:
                if isinstance(what, BaseException):
                    faults.append(what)
                else:
                    news.append(News(at, what))
                bell.set()

            return hear

        with ExitStack() as leaving:
            for at, awaited in enumerate(watch.awaited):
                leaving.callback(self.waits.hear(watch.kind, awaited, hearer(at)))
            ends = (bell.wait(), activity.wait_for_worker_shutdown(), lease.withdrawn.wait(), lease.lost.wait())
            await _first(ends, watch.window)
            if news:
                await asyncio.sleep(LINGER * (1 + len(watch.awaited) // LINGER_FOR))
            if faults and not news:
                raise faults[0]
        return news

    def _kind(self, name: str, place: Json) -> StepKind:
        """Raises ApplicationError where this worker cannot do it: the run waits for one that can."""
        if place != self._place.orchestrator:
            said = f"this worker speaks to {named(self._place.orchestrator)}, and the run belongs to {named(place)}"
            raise ApplicationError(f"{said}: give each Orchestrator a task queue of its own")
        if name not in self._place.kinds:
            raise ApplicationError(f"this flowrun knows no step of the kind {name}: the run waits for a newer worker")
        return self._place.kinds[name]


async def _start(kind: StepKind, attempt: Attempt, lease: Lease) -> Answer | None:
    try:
        return await kind.start(attempt, lease.permits)
    except Late:
        return None


async def _within(lease: Lease, work: Sequence[Awaitable[T]], *, until_withdrawn: bool = False) -> list[T]:
    """All of them, for as long as the lease is ours. Raises Late where it is not, and the first fault among them."""
    together = asyncio.gather(*work)
    ends: list[asyncio.Future[Any]] = [asyncio.create_task(lease.lost.wait())]
    ends += [asyncio.create_task(lease.withdrawn.wait())] if until_withdrawn else []
    try:
        await asyncio.wait([together, *ends], return_when=asyncio.FIRST_COMPLETED)
        if together.done():
            return list(together.result())
        raise Late
    finally:
        together.cancel()
        for end in ends:
            end.cancel()
        await asyncio.gather(together, *ends, return_exceptions=True)


async def _first(ends: Sequence[Awaitable[Any]], seconds: float) -> None:
    """Return when one of them has, or after so many seconds."""
    tasks = [asyncio.ensure_future(end) for end in ends]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
