"""Runs that are told: rehearsed by the script that stands in the arguments, as the engines' contract writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flowrun.core.commands import StartStep
from flowrun.core.events import Event, RunStarted
from flowrun.core.plan import Plan
from flowrun.core.status import Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.rehearsal.drive import Rehearsed, rehearse
from flowrun.rehearsal.fate import Fate, Spell
from flowrun.rehearsal.kinds import approval_fate, wait_fate
from flowrun.templating.evaluator import Templates
from tests.golden.events.plans import INPUTS

START = 1_000.0


class Told:
    """Implements Script."""

    def fate(self, start: StartStep, now: float) -> Fate:
        if start.kind == "wait":
            return wait_fate(start, now)
        if start.kind == "approval":
            return approval_fate(start, now, None)
        script, key = start.arguments, _key(start)
        if "refused" in script and start.attempt <= script.get("times", 1):
            return Fate(Failed(script["refused"], "not now"), begins=False)
        if script.get("lost"):
            return Fate(Unknown("no answer"), begins=False)
        pending, takes, deaf = script.get("pending", 0), script.get("takes", 1), script.get("deaf", 0)
        spells = [Spell(Phase.PENDING, pending, "pending")] if pending else []
        spells += [
            Spell(Phase(phase), seconds, phase) for phase, seconds in script.get("spells", [("running", float(takes))])
        ]
        return Fate(
            None if takes == "inf" else _outcome(start, key),
            begins_after=script.get("slow", 0),
            spells=tuple(spells),
            handle={"key": key},
            stops_after=None if deaf > 0 else 0.5,
            killed_after=None if deaf > 1 else 0.5,
            stopped=Failed("stopped_outside", "somebody asked it to end"),
            chance=0.5,
        )


def _key(start: StartStep) -> str:
    leg = f"[{start.leg_key}]" if start.leg_key else ""
    return f"{start.step_id}{leg}:{start.attempt}"


def _outcome(start: StartStep, key: str) -> Outcome:
    script = start.arguments
    if "fails" in script and start.attempt <= script.get("times", 1):
        return Failed(script["fails"], "as the script says")
    return Succeeded(script.get("gives", {"by": key}), {"jobs": [key]})


def told(plan: Plan, happens: Iterable[Event] = (), inputs: Mapping[str, Any] = INPUTS) -> Rehearsed:
    return rehearse(RunStarted(START, "run-1", plan, inputs), Templates(), Told(), happens)
