"""Birth: the run that a step is, as it follows from the run that the step stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flowrun.core.events import RunStarted
from flowrun.core.plan import Json, Plan
from flowrun.core.protocol import Evaluator, Scope
from flowrun.core.state import RunState
from flowrun.steps.workflow import reachable

_TEXTS = ("text", "texts")


def child(
    parent: RunState, run_id: str, workflow: str, inputs: Mapping[str, Json], evaluator: Evaluator, at: float
) -> RunStarted:
    """The first event of a child, with all that it needs to go on without its parent.

    Raises TemplateError where its concurrency group cannot be told.
    """
    plan = _settled(parent.workflows[workflow], inputs, evaluator)
    within = reachable(plan, parent.workflows)
    return RunStarted(at, run_id, plan, inputs, _origin(parent.origin, workflow), within, parent.run_id)


def _settled(plan: Plan, inputs: Mapping[str, Json], evaluator: Evaluator) -> Plan:
    """With the group that follows from the inputs, and no key: a key is for runs that somebody starts."""
    names = {"inputs": inputs, "env": plan.env, "workflow": {"name": plan.workflow}}
    concurrency = plan.concurrency
    if concurrency is not None:
        group = str(evaluator.render(concurrency.group, Scope(names)))
        concurrency = replace(concurrency, group=group)
    return replace(plan, key="", concurrency=concurrency)


def _origin(parent: Json, workflow: str) -> Json:
    """The parent's without the texts, which a hundred children need not repeat."""
    if not isinstance(parent, Mapping):
        return parent
    return {**{name: value for name, value in parent.items() if name not in _TEXTS}, "workflow": workflow}
