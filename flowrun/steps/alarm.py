"""Alarms: waits of attempts, each until an instant or until it is asked to end. No wait outlives its process."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import TypeAlias

from flowrun.core.plan import Json, Step
from flowrun.steps.pace import pause
from flowrun.steps.protocol import Attempt, Clock, Preflight

NAP = 3600.0
"""Seconds after which a long wait looks at the clock again, in case it was set or the machine slept."""

Identity: TypeAlias = tuple[str, str, str, int]


class Alarms:
    """The waits of one kind of step in one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bells: dict[Identity, asyncio.Event] = {}

    async def wait(self, attempt: Attempt, until: float | None) -> bool:
        """Whether the instant came, in seconds since the epoch; False as soon as it is asked to end.

        Where `until` is None only that can end it.
        """
        bell = self._bells.setdefault(_identity(attempt), asyncio.Event())
        end = math.inf if until is None else until
        try:
            while not bell.is_set() and (left := end - self._clock.now()) > 0.0:
                await pause(self._clock, min(left, NAP), bell)
            return not bell.is_set()
        finally:
            self._bells.pop(_identity(attempt), None)

    def ring(self, attempt: Attempt) -> None:
        """End its wait at once, whether it waits already or is about to."""
        self._bells.setdefault(_identity(attempt), asyncio.Event()).set()


class Quiet:
    """What kinds of steps have in common that hold no robot and do nothing but wait: most of a StepKind."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._alarms = Alarms(clock)

    async def check(self, steps: Sequence[Step]) -> Preflight:
        """There is nothing outside to look at."""
        del steps
        return Preflight()

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """End it at once, whether it waits already or is about to."""
        del handle, force
        self._alarms.ring(attempt)


def _identity(attempt: Attempt) -> Identity:
    return (attempt.run_id, attempt.step_id, attempt.leg, attempt.number)
