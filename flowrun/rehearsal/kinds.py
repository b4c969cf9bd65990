"""The fates that a kind of step has by itself: what does not depend on what a script says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowrun.core.commands import StartStep
from flowrun.core.plan import Json
from flowrun.core.status import Cancelled, ErrorClass, Failed, Outcome, Phase, Succeeded
from flowrun.rehearsal.fate import Fate, Spell
from flowrun.steps.answer import Answer, Decision
from flowrun.steps.approval import question, unanswered
from flowrun.steps.instant import until_of

ENDED_EARLY = Cancelled("it was asked to end before its time")
UNANSWERED = Cancelled("it was asked to end before anybody answered")


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody says to an approval, so many seconds after it was asked."""

    decision: Decision
    by: str
    after: float = 0.0
    comment: str = ""
    inputs: Mapping[str, Json] = field(default_factory=dict)


def wait_fate(start: StartStep, now: float) -> Fate:
    """A wait step's: it ends at its instant, or as soon as it is asked to."""
    try:
        until = until_of(start.arguments.get("wait"), now)
    except ValueError as error:
        return Fate(Failed(ErrorClass.EXPRESSION, str(error)), begins=False)
    handle: Json = {"until": until}
    return Fate(Succeeded(), spells=(Spell(Phase.RUNNING, max(0.0, until - now)),), handle=handle, stopped=ENDED_EARLY)


def approval_fate(start: StartStep, now: float, answered: Answered | None) -> Fate:
    """An approval step's: it is answered, or its time passes; without either it waits for ever."""
    handle = question(start.arguments, now)
    if isinstance(handle, Failed):
        return Fate(handle, begins=False)
    until = handle["until"]
    if answered is not None and (until is None or now + answered.after < until):
        at = now + answered.after
        outcome: Outcome | None = Answer(
            answered.decision, answered.by, at, answered.comment, answered.inputs
        ).outcome()
        return Fate(outcome, spells=(_asked(answered.after),), handle=handle, stopped=UNANSWERED)
    outcome = None if until is None else unanswered(start.arguments, handle)
    waits = 0.0 if until is None else until - now
    return Fate(outcome, spells=(_asked(waits),), handle=handle, stopped=UNANSWERED)


def _asked(seconds: float) -> Spell:
    return Spell(Phase.RUNNING, seconds, "waits for an answer")
