"""The fates that a kind of step has by itself: what does not depend on what a script says."""

from __future__ import annotations

from flowrun.core.commands import StartStep
from flowrun.core.plan import Json
from flowrun.core.status import Cancelled, ErrorClass, Failed, Phase, Succeeded
from flowrun.rehearsal.fate import Fate, Spell
from flowrun.steps.instant import until_of

ENDED_EARLY = Cancelled("it was asked to end before its time")


def wait_fate(start: StartStep, now: float) -> Fate:
    """A wait step's: it ends at its instant, or as soon as it is asked to."""
    try:
        until = until_of(start.arguments.get("wait"), now)
    except ValueError as error:
        return Fate(Failed(ErrorClass.EXPRESSION, str(error)), begins=False)
    handle: Json = {"until": until}
    return Fate(Succeeded(), spells=(Spell(Phase.RUNNING, max(0.0, until - now)),), handle=handle, stopped=ENDED_EARLY)
