"""The loop: settle, journal, act, sleep. Append, then act: a command is only ever derived from what is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from flowrun.core.events import Event, RunFinished
from flowrun.core.run import Run
from flowrun.engines.embedded.claims import Claims
from flowrun.engines.embedded.dispatch import Dispatch
from flowrun.engines.protocol import Watch
from flowrun.errors import EngineError
from flowrun.journal.protocol import Journal, Ownership
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

    async def wait(self, seconds: float | None) -> None:
        """Return when something is there, or after that many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()


class Scribe:
    """Commits events before anything is done about them, and tells who watches."""

    def __init__(self, journal: Journal, ownership: Ownership, seq: int, watch: Watch | None) -> None:
        self._journal = journal
        self._ownership = ownership
        self._seq = seq
        self._watch = watch

    def commit(self, events: Sequence[Event], run: Run) -> None:
        """Write them, all or none. Raises JournalError."""
        if not events:
            return
        self._seq = self._journal.append(self._ownership, events, self._seq)
        if self._watch is not None:
            for event in events:
                self._watch(event, run.state)


async def drive(
    run: Run,
    scribe: Scribe,
    inbox: Inbox,
    dispatch: Dispatch,
    claims: Claims,
    clock: Clock,
    *,
    detached: Callable[[], bool],
) -> RunFinished:
    """Go on until the run ends. Raises JournalError, and EngineError when it was detached."""
    while True:
        arrived: list[Event] = [event for event in inbox.take() if run.take(event)]
        events = arrived + run.settle(clock.now())
        scribe.commit(events, run)
        for place in run.touched():
            dispatch.reconcile(place, run.commands(place))
        if events and isinstance(events[-1], RunFinished):
            return events[-1]
        if detached():
            raise EngineError("detached: what was started goes on by itself", hint="flowrun runs resume")
        if claims.take():
            continue
        deadline = run.deadline()
        await inbox.wait(None if deadline is None else max(0.0, deadline - clock.now()))
