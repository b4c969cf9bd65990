"""WaitKind: a pause of some seconds, or until an instant. It holds no robot, and goes on over a restart."""

from __future__ import annotations

from datetime import UTC, datetime

from flowrun.core.plan import Json
from flowrun.core.status import Cancelled, ErrorClass, Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.steps.alarm import Quiet
from flowrun.steps.instant import until_of
from flowrun.steps.protocol import Attempt, Permission, Progress, Started


class WaitKind(Quiet):
    """Implements StepKind. The handle is `{"until": seconds since the epoch}`."""

    name: str = "wait"

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        """Fix the instant at which it ends. An earlier process that did so too has left nothing behind."""
        if attempt.adopt_only or not may_start():
            return Cancelled("the run ended before it began to wait")
        try:
            until = until_of(attempt.arguments.get("wait"), self._clock.now())
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
