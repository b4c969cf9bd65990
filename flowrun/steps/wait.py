"""WaitKind: a pause of some seconds, or until an instant. It holds no robot, and goes on over a restart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic_core import PydanticCustomError

from flowrun.core.plan import Json, Step
from flowrun.core.status import Cancelled, ErrorClass, Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.steps.alarm import Alarms
from flowrun.steps.fields import seconds, shown
from flowrun.steps.protocol import Attempt, Clock, Permission, Preflight, Progress, Started


class WaitKind:
    """Implements StepKind. The handle is `{"until": seconds since the epoch}`."""

    name: str = "wait"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._alarms = Alarms(clock)

    async def check(self, steps: Sequence[Step]) -> Preflight:
        """There is nothing outside to look at."""
        del steps
        return Preflight()

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        """Fix the instant at which it ends. An earlier process that did so too has left nothing behind."""
        if attempt.adopt_only or not may_start():
            return Cancelled("the run ended before it began to wait")
        try:
            until = _until(attempt.arguments.get("wait"), self._clock.now())
        except ValueError as error:
            return Failed(ErrorClass.EXPRESSION, str(error))
        return Started({"until": until})

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        """Return at the instant, or as soon as it is asked to end."""
        until = float(handle["until"])
        progress(Phase.RUNNING, f"until {datetime.fromtimestamp(until, UTC).isoformat(timespec='seconds')}")
        if await self._alarms.wait(attempt, until):
            return Succeeded()
        return Cancelled("it was asked to end before its time")

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """End it at once, whether it waits already or is about to."""
        del handle, force
        self._alarms.ring(attempt)


def _until(wait: Json, now: float) -> float:
    """The end in seconds since the epoch. Raises ValueError, in words for the author."""
    if not isinstance(wait, dict) or len(wait) != 1:
        raise ValueError("wait needs `for: 10m` or `until: <time>`")
    until = now + _duration(wait["for"]) if "for" in wait else _instant(wait.get("until"))
    try:
        datetime.fromtimestamp(until, UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"wait would last until {until!r}, which is no time of this calendar") from None
    return until


def _duration(value: Json) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"wait.for is {value}, and takes seconds from 0 or a duration such as 10m")
        return float(value)
    try:
        return seconds(value)
    except PydanticCustomError:
        raise ValueError(f"wait.for is {shown(value)}, and takes a duration such as 90s, 10m, 1h30m or 2d") from None


def _instant(value: Json) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        instant = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(
            f"wait.until is {shown(value)}, and takes a time such as 2026-01-31T18:00:00Z or seconds since the epoch"
        ) from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
