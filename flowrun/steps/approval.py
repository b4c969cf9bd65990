"""ApprovalKind: asks a person, and waits for the answer or for the end of its time. It holds no robot.

The answer itself comes from outside, as the event that ends the attempt; here only the time runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from flowrun.core.plan import Json
from flowrun.core.status import Cancelled, ErrorClass, Failed, Outcome, Phase, Unknown
from flowrun.steps.alarm import Quiet
from flowrun.steps.answer import BY_TIMEOUT, Answer, Decision, instant
from flowrun.steps.fields import lasting
from flowrun.steps.inputs import InputModel
from flowrun.steps.protocol import Attempt, Permission, Progress, Started


class ApprovalKind(Quiet):
    """Implements StepKind. The handle is `{"asked", "until", "instructions", "inputs"}`.

    The two times are seconds since the epoch, `until` None where it waits for ever; `inputs` are the declarations of
    what an answer brings, by name.
    """

    name: str = "approval"

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        """Put the question. What an earlier process may have put, nobody has seen: its handle is not on record."""
        if attempt.adopt_only or not may_start():
            return Cancelled("the run ended before it was asked")
        put = question(attempt.arguments, self._clock.now())
        return put if isinstance(put, Failed) else Started(put)

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        """Return when its time is over, or as soon as it is asked to end. Who answers cancels this wait."""
        until = handle["until"]
        progress(Phase.RUNNING, f"waits for an answer{'' if until is None else f' until {instant(until)}'}")
        if not await self._alarms.wait(attempt, until):
            return Cancelled("it was asked to end before anybody answered")
        return unanswered(attempt.arguments, handle)


def question(arguments: Mapping[str, Json], now: float) -> Json | Failed:
    """The handle of an approval that is asked for now, or why it cannot be."""
    asked = arguments.get("approval")
    instructions = _text(asked.get("instructions")) if isinstance(asked, Mapping) else ""
    if not isinstance(asked, Mapping) or not instructions:
        return Failed(ErrorClass.EXPRESSION, "approval.instructions is empty, and says what is to be decided")
    timeout = asked.get("timeout")
    until = None if timeout is None else now + timeout
    return {"asked": now, "until": until, "instructions": instructions, "inputs": asked.get("inputs", {})}


def unanswered(arguments: Mapping[str, Json], handle: Json) -> Outcome:
    """What `on_timeout` says. The time of the answer is the deadline, however late somebody looked."""
    asked = arguments["approval"]
    words = f"nobody answered within {lasting(asked['timeout'])}"
    if asked.get("on_timeout") != "approve":
        return Answer(Decision.REJECTED, BY_TIMEOUT, handle["until"], words).outcome()
    inputs = {name: InputModel.model_validate(declared).default for name, declared in handle["inputs"].items()}
    return Answer(Decision.APPROVED, BY_TIMEOUT, handle["until"], words, inputs).outcome()


def _text(value: Json) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
