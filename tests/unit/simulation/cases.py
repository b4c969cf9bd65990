"""Small workflows to be simulated, as plans."""

from __future__ import annotations

from typing import Any

from flowrun.core.plan import Backoff, Need, Plan, RetryRule, Step
from flowrun.simulation.case import Case
from flowrun.simulation.courses import Course, Jobs, Script
from flowrun.templating.evaluator import Templates

EVALUATOR = Templates()
LASTS = {"a": 60.0, "b": 90.0, "c": 60.0}
MINUTES = Script({name: (Jobs(courses=(Course(lasts=lasts),)),) for name, lasts in LASTS.items()})


def step(name: str, *needs: str, **more: Any) -> Step:
    arguments = {"release": name, "outputs": {"Total": {"type": "integer", "required": True}}}
    given = {"kind": "job", "arguments": arguments, "outputs": ("Total",), "stop_timeout": 60.0, **more}
    return Step(id=name, needs=tuple(Need(one) for one in needs), **given)


def case(*steps: Step, span: float = 300.0, script: Script = MINUTES, **more: Any) -> Case:
    return Case(Plan(workflow="w", steps=steps, **more), {}, {"w": script}, span=span)


def chain(**more: Any) -> Case:
    """Three steps, one after the other, of a minute or so each."""
    return case(step("a", **more), step("b", "a", **more), step("c", "b", **more))


def join(**more: Any) -> Case:
    """Two steps side by side, and one that needs both."""
    return case(step("a", **more), step("b", **more), step("c", "a", "b", **more))


def retried(*errors: str) -> tuple[RetryRule, ...]:
    return (RetryRule(errors or ("*",), 2, backoff=Backoff(initial=1.0)),)
