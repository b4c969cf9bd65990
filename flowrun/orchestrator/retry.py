"""Repeating a read until it is answered or patience ends.

A loop of our own rather than a retry library: it must wait through the Clock of the process, obey the server's
Retry-After, give up where another try would say the same, and say that it waits. What is left of a library then is a
`for` statement.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from flowrun.errors import OrchestratorError, Throttled, Unreachable
from flowrun.orchestrator.replies import Outage, Unreadable

logger = logging.getLogger(__name__)

T = TypeVar("T")

_FIRST = 0.5
_SLOWEST = 15.0
_UNREADABLE_TRIES = 2
_PATIENCE_BEFORE_FIRST_REPLY = 10.0


class Clock(Protocol):
    """The only way that this room knows or passes time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment, which nobody can set."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


class Patience:
    """How long to go on. Before anything was ever answered it is short: that is more often a typo than an outage."""

    def __init__(self, clock: Clock, dice: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._dice = dice
        self._seconds = seconds
        self._answered = False

    async def read(self, once: Callable[[], Awaitable[T]]) -> T:
        """The answer. Raises the last error once waiting longer would exceed the patience, or where it cannot help."""
        begin, waited, tries = self._clock.now(), 0.0, 0
        while True:
            try:
                answer = await once()
            except OrchestratorError as error:
                self._answered = self._answered or error.status is not None
                tries += 1
                wait = self._wait(error, tries)
                passed = max(waited, self._clock.now() - begin)
                if wait is None or passed + wait > self._limit():
                    raise
                logger.warning("%s; trying again in %.1f s", error.message, wait)
                await self._clock.sleep(wait)
                waited += wait
            else:
                self._answered = True
                return answer

    def _limit(self) -> float:
        return self._seconds if self._answered else min(self._seconds, _PATIENCE_BEFORE_FIRST_REPLY)

    def _wait(self, error: OrchestratorError, tries: int) -> float | None:
        """Seconds until the next try; None where there should be none."""
        spread = min(_FIRST * 2.0 ** (tries - 1), _SLOWEST) * (0.5 + self._dice() / 2)
        if isinstance(error, Throttled | Outage):
            return spread if error.retry_after is None else error.retry_after + spread * 0.2
        if isinstance(error, Unreadable) or isinstance(error.__cause__, Unreadable):
            return spread if tries <= _UNREADABLE_TRIES else None
        if isinstance(error, Unreachable):
            return spread
        return None
