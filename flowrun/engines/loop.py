"""The loop of every engine: settle, journal, act, sleep.

Append, then act: a command is only ever derived from what is on record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from flowrun.core.events import Event, RunFinished
from flowrun.core.run import Run
from flowrun.engines.dispatch import Dispatch
from flowrun.steps.protocol import Clock


class Inbox:
    """What happened since the loop last looked. Filled by tasks and signal handlers of the same thread."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._failure: BaseException | None = None
        self._bell = asyncio.Event()

    def put(self, event: Event) -> None:
        """Take in an event that is not in the journal yet."""
        self._events.append(event)
        self._bell.set()

    def ring(self) -> None:
        """Wake the loop though there is no event."""
        self._bell.set()

    def fail(self, error: BaseException) -> None:
        """A bug of ours: the next `take` raises it."""
        self._failure = self._failure or error
        self._bell.set()

    def take(self) -> list[Event]:
        """All of them, in the order in which they came."""
        if self._failure is not None:
            raise self._failure
        events, self._events = self._events, []
        self._bell.clear()
        return events

    @property
    def rung(self) -> bool:
        """Whether something is there."""
        return self._bell.is_set()

    async def bell(self) -> None:
        """Return when something is there."""
        await self._bell.wait()

    async def wait(self, seconds: float | None) -> None:
        """Return when something is there, or after that many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()


class Scribe(Protocol):
    """Puts events on record. What an engine remembers a run by is its own affair.

    `most`: about how many events may follow from others before something is done about them; None: all.
    """

    most: int | None

    def commit(self, events: Sequence[Event], run: Run) -> None:
        """All or none, before anything is done about them. `run` has taken them in. Raises JournalError."""
        ...


class Claims(Protocol):
    """What a run shares with others: slots of pools, and turns in its concurrency group."""

    def take(self) -> bool:
        """Ask for the slots that legs wait for; whether some were granted, and the run is to settle again."""
        ...


async def drive(
    run: Run,
    scribe: Scribe,
    inbox: Inbox,
    dispatch: Dispatch,
    claims: Claims,
    clock: Clock,
    *,
    leave: Callable[[], BaseException | None],
) -> RunFinished:
    """Go on until the run ends. Raises JournalError, and what `leave` gives: it is asked when all is on record."""
    while True:
        arrived: list[Event] = [event for event in inbox.take() if run.take(event)]
        followed = run.settle(clock.now(), scribe.most)
        events = arrived + followed
        scribe.commit(events, run)
        for place in run.touched():
            dispatch.reconcile(place, run.commands(place))
        if events and isinstance(events[-1], RunFinished):
            return events[-1]
        reason = leave()
        if reason is not None:
            raise reason
        if claims.take():
            continue
        if scribe.most is not None and len(followed) >= scribe.most:
            await inbox.wait(0.0)
            continue
        deadline = run.deadline()
        await inbox.wait(None if deadline is None else max(0.0, deadline - clock.now()))
