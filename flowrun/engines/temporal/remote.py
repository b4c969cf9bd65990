"""Kinds of steps inside the workflow, done by activities or only waiting; the workflow's own clock and inbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from flowrun.core.plan import Json, Step
from flowrun.core.status import Cancelled, Failed, Outcome, Phase, Unknown
from flowrun.engines.loop import Inbox
from flowrun.engines.temporal.ledger import Ledger
from flowrun.engines.temporal.requests import StartRequests, StopRequests, name
from flowrun.engines.temporal.watches import Watches
from flowrun.engines.temporal.wire import Limits, Told
from flowrun.steps.protocol import Attempt, Permission, Preflight, Progress, Started, StepKind

_TURNS = 6
"""Turns of the loop in which what follows from news comes to be an activity: steps are asked, and their requests
gathered."""

_LEAST = 0.001
"""Seconds: the server counts in milliseconds."""


class RemoteKind:
    """Implements StepKind for one run, by activities on `queue` that look after its attempts."""

    def __init__(
        self, name: str, place: Json, ledger: Ledger, limits: Limits, *, queue: str, told: Mapping[str, Told]
    ) -> None:
        self.name = name
        self._starts = StartRequests(ledger, name, place, limits)
        self._stops = StopRequests(ledger, name, place, limits)
        self._watches = Watches(ledger, name, place, limits, queue=queue, told=told, starting=lambda: self._starts.busy)

    @property
    def busy(self) -> bool:
        """Whether something is under way that another history could not take up."""
        return self._starts.busy or self._stops.busy

    def told(self) -> dict[str, Told]:
        """The phase last told of each attempt in flight."""
        return self._watches.told()

    def reconsider(self) -> None:
        """The run may want less than it asked for."""
        self._starts.reconsider()

    async def check(self, steps: Sequence[Step]) -> Preflight:
        """Who began the run has looked."""
        del steps
        return Preflight()

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        """As any kind. Whatever becomes of workers, it goes on until there is an answer."""
        return await self._starts.ask(attempt, may_start)

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        """As any kind."""
        return await self._watches.wait(attempt, handle, progress)

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """As any kind."""
        await self._stops.ask(attempt, handle, force=force)


class HereKind:
    """Implements StepKind for one run, by another that only waits: what was told in an earlier history is no news."""

    def __init__(self, kind: StepKind, told: Mapping[str, Told]) -> None:
        self.name = kind.name
        self._kind = kind
        self._before = told
        self._told: dict[str, Told] = {}

    def told(self) -> dict[str, Told]:
        """As RemoteKind."""
        return dict(self._told)

    async def check(self, steps: Sequence[Step]) -> Preflight:
        """As any kind."""
        return await self._kind.check(steps)

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        """As any kind."""
        with _hearing_of_it():
            return await self._kind.start(attempt, may_start)

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        """As any kind."""
        key = name(attempt)
        last = self._before.get(key)

        def tell(phase: Phase, detail: str) -> None:
            nonlocal last
            told = self._told[key] = Told(phase, detail)
            if told != last:
                last = told
                progress(phase, detail)

        try:
            with _hearing_of_it():
                return await self._kind.wait(attempt, handle, tell)
        finally:
            self._told.pop(key, None)

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """As any kind."""
        with _hearing_of_it():
            await self._kind.stop(attempt, handle, force=force)


@contextmanager
def _hearing_of_it() -> Iterator[None]:
    """Who is let go of hears of it as anywhere else: Temporal tells it as a failure of what was being asked for.

    A run fails for what comes out of a kind, and lets go of everything whenever it goes on in a new history.
    """
    try:
        yield
    except FailureError as error:
        if is_cancelled_exception(error):
            raise asyncio.CancelledError from error
        raise


class WorkflowClock:
    """Implements `steps.protocol.Clock`: the time of the workflow, which a replay sees again."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return workflow.time()

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        await asyncio.sleep(seconds)


class WorkflowInbox(Inbox):
    """An inbox that flushes before it waits, and makes a timer only where none rings early enough.

    Every timer is two events of the history, and most deadlines are far off and move further with every step.
    """

    def __init__(self, flush: Callable[[], None]) -> None:
        super().__init__()
        self._flush = flush
        self._alarm: asyncio.TimerHandle | None = None
        self._due = 0.0

    async def wait(self, seconds: float | None) -> None:
        """Return when something is there, or after that many seconds at the latest."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
            if self.rung:
                return
        self._flush()
        if seconds is not None:
            self._wake(max(seconds, _LEAST))
        await self.bell()

    def _wake(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        if self._alarm is not None and self._due <= due:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._due = due
        self._alarm = loop.call_later(seconds + _LEAST, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self.ring()

    def close(self) -> None:
        """Wait no more."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
