"""Pace: how long to wait before asking again, and how often this process may ask at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from flowrun.errors import NotSignedIn, OrchestratorError, Throttled
from flowrun.steps.protocol import Clock

S = TypeVar("S")
T = TypeVar("T")

LONGEST_WAIT = 3600.0
"""Seconds. A Retry-After beyond this is taken for a mistake."""


LONGEST_CALL = 600.0
"""Seconds. More than a call lasts, with all that is repeated inside."""


class Backoff:
    """Waits that grow by a factor, from `first` to `slowest` seconds."""

    def __init__(self, first: float, slowest: float, factor: float = 2.0) -> None:
        self._first = first
        self._slowest = slowest
        self._factor = factor
        self._next = min(first, slowest)

    def next(self) -> float:
        """The wait to make now."""
        wait, self._next = self._next, min(self._slowest, self._next * self._factor)
        return wait

    def after(self, error: OrchestratorError) -> float:
        """The wait to make after this error: never less than the server asked for."""
        return max(self.next(), asked_for(error))

    def reset(self) -> None:
        """Begin with the first wait again."""
        self._next = min(self._first, self._slowest)


class Unsigned:
    """How long nobody has been signed in. A run that nobody is signed in for waits, and in the end is left as it is."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._waited = 0.0

    def wait(self, error: OrchestratorError, seconds: float) -> None:
        """Count a wait after this error. Raises the error where it would be one too many."""
        if not isinstance(error, NotSignedIn) or not error.lost:
            return
        if self._waited + seconds > self._patience:
            raise error
        self._waited += seconds

    def reset(self) -> None:
        """Somebody is."""
        self._waited = 0.0


def asked_for(error: OrchestratorError) -> float:
    """The seconds that a 429 asks to wait; 0 where it names none, and for every other error."""
    wait = error.retry_after if isinstance(error, Throttled) else None
    return min(max(0.0, wait or 0.0), LONGEST_WAIT)


def spent(clock: Clock, began: float) -> float:
    """Seconds since then, within what a call can take: a clock may have been set, and a machine may have slept."""
    return min(max(0.0, clock.now() - began), LONGEST_CALL)


class Quiet:
    """A time in which nobody shall ask. Never longer than what was asked for, however the clock is set meanwhile.

    `heard` counts how often it was asked for: who has waited looks whether more was, meanwhile.
    """

    def __init__(self, clock: Clock) -> None:
        self.heard = 0
        self._clock = clock
        self._until = 0.0
        self._length = 0.0

    def hold(self, seconds: float) -> None:
        """The server asked for so many seconds of quiet."""
        if seconds > self.left():
            self.heard += 1
            self._until, self._length = self._clock.now() + seconds, seconds

    def left(self) -> float:
        """Seconds of quiet still to keep."""
        return min(max(0.0, self._until - self._clock.now()), self._length)


class Budget:
    """At most `per_minute` calls in any 60 seconds, for all that this process does; None is no limit.

    A quarter of them may come at once; the rest is spread evenly. After `hold`, none comes before its time,
    not even one that was waiting already.
    """

    def __init__(self, clock: Clock, per_minute: int | None) -> None:
        self._clock = clock
        burst = 0 if per_minute is None else max(1, per_minute // 4)
        self._spacing = 0.0 if per_minute is None else 60.0 / max(1, per_minute - burst)
        self._slack = self._spacing * max(0, burst - 1)
        self._due = 0.0
        self._quiet = Quiet(clock)

    async def take(self) -> None:
        """Return when the next call may be made."""
        heard = -1
        while heard != self._quiet.heard:
            heard, wait, now = self._quiet.heard, self._quiet.left(), self._clock.now()
            if self._spacing:
                self._due = max(now + wait, self._due)
                wait = max(wait, self._due - self._slack - now)
                self._due += self._spacing
            if wait > 0.0:
                await self._clock.sleep(min(wait, LONGEST_WAIT))

    def hold(self, seconds: float) -> None:
        """The server asked for quiet."""
        self._quiet.hold(seconds)


async def pause(clock: Clock, seconds: float, bell: asyncio.Event) -> None:
    """Return after that many seconds, or at once when the bell rings."""
    if seconds <= 0.0 or bell.is_set():
        return
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    ringing = asyncio.ensure_future(bell.wait())
    try:
        await asyncio.wait({sleeping, ringing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeping.cancel()
        ringing.cancel()


async def each(
    items: Sequence[S], call: Callable[[S], Awaitable[T]], limit: int
) -> list[tuple[S, T | OrchestratorError]]:
    """Call for all of them, `limit` at a time; an error stands in for the answer that it kept away."""
    todo = iter(items)
    answers: list[tuple[S, T | OrchestratorError]] = []

    async def work() -> None:
        for item in todo:
            try:
                answers.append((item, await call(item)))
            except OrchestratorError as error:
                answers.append((item, error))

    await asyncio.gather(*(work() for _ in range(min(limit, len(items)))))
    return answers
