"""Watches: the attempts of a run that run outside, looked after by few activities. Runs inside the workflow.

One watch takes all that nobody looks after. It returns with the first news; what it leaves goes into the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityHandle

from flowrun.core.plan import Json
from flowrun.core.status import Outcome
from flowrun.engines.temporal.ledger import Ledger
from flowrun.engines.temporal.requests import bug, name
from flowrun.engines.temporal.turns import Turns
from flowrun.engines.temporal.wire import WATCH, Awaited, Ended, Limits, Seen, Told, Watch, unpack
from flowrun.errors import EngineError
from flowrun.steps.protocol import Attempt, Progress

SPARE = 3
"""Watches beside those that are full; where there are more, the small ones are put together."""


@dataclass(eq=False, slots=True)
class _Entry:
    attempt: Attempt
    handle: Json
    progress: Progress
    told: Told | None
    outcome: asyncio.Future[Outcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def awaited(self) -> Awaited:
        return Awaited(self.attempt, self.handle, self.told)


@dataclass(eq=False, slots=True)
class _Flight:
    entries: list[_Entry]
    handle: ActivityHandle[Any]
    cancelled: bool = False


class Watches:
    """Attempts of one kind of step, of one run. `told`: the phases that were told in an earlier history."""

    def __init__(
        self,
        ledger: Ledger,
        kind: str,
        place: Json,
        limits: Limits,
        *,
        queue: str,
        told: Mapping[str, Told],
        starting: Callable[[], bool],
    ) -> None:
        self._ledger = ledger
        self._kind = kind
        self._place = place
        self._limits = limits
        self._queue = queue
        self._before = told
        self._starting = starting
        self._entries: dict[str, _Entry] = {}
        self._pool: list[_Entry] = []
        self._flights: list[_Flight] = []
        self._turns = Turns(self._gather)

    def told(self) -> dict[str, Told]:
        """The phase last told of each attempt in flight."""
        return {key: entry.told for key, entry in self._entries.items() if entry.told is not None}

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        """As StepKind.wait."""
        key = name(attempt)
        entry = self._entries[key] = _Entry(attempt, handle, progress, self._before.get(key))
        self._give([entry])
        try:
            return await entry.outcome
        finally:
            del self._entries[key]
            self._drop()

    def _drop(self) -> None:
        """A watch of which nobody waits for anything any more has nothing to do."""
        for flight in self._flights:
            if not flight.cancelled and all(entry.outcome.done() for entry in flight.entries):
                flight.cancelled = True
                self._ledger.cancel(flight.handle)

    def _give(self, entries: list[_Entry]) -> None:
        self._pool += entries
        if self._pool:
            self._turns.ring()

    async def _gather(self) -> None:
        await asyncio.sleep(0)  # starts that follow from the same news are asked for by now
        if self._starting():
            with suppress(TimeoutError):
                await workflow.wait_condition(lambda: not self._starting(), timeout=self._limits.grace)
            await asyncio.sleep(0)
        self._turns.over()
        self._merge()
        pool, self._pool = [entry for entry in self._pool if not entry.outcome.done()], []
        for at in range(0, len(pool), self._limits.waits):
            self._send(pool[at : at + self._limits.waits])

    def _merge(self) -> None:
        """Few watches cost a history less than many."""
        full = self._limits.waits
        if len(self._flights) <= SPARE + len(self._entries) // full:
            return
        for flight in self._flights:
            if not flight.cancelled and len(flight.entries) < full // 2:
                flight.cancelled = True
                self._ledger.cancel(flight.handle)
                self._pool += flight.entries

    def _send(self, entries: list[_Entry]) -> None:
        awaited = tuple(entry.awaited() for entry in entries)
        message = Watch(self._kind, self._place, awaited, self._limits.window)
        parts = (name(entry.attempt) for entry in entries)
        handle = self._ledger.call(WATCH, message, parts, sign=self._limits.sign, queue=self._queue)
        flight = _Flight(entries, handle)
        self._flights.append(flight)
        self._turns.spawn(self._carry(flight))

    async def _carry(self, flight: _Flight) -> None:
        try:
            seen = unpack(Seen, await flight.handle)
        except ActivityError as error:
            if (fault := bug(error)) is not None:
                self._fail(flight, fault)
                return
            seen = Seen()
        finally:
            self._flights.remove(flight)
        if flight.cancelled:
            return
        for news in seen.news:
            entry = flight.entries[news.at]
            if entry.outcome.done():
                continue
            if isinstance(news.what, Ended):
                entry.outcome.set_result(news.what.outcome)
            else:
                entry.told = news.what
                entry.progress(news.what.phase, news.what.detail)
        self._give([entry for entry in flight.entries if not entry.outcome.done()])

    def _fail(self, flight: _Flight, error: EngineError) -> None:
        for entry in flight.entries:
            if not entry.outcome.done():
                entry.outcome.set_exception(error)
