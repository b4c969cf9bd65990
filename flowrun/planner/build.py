"""Workflow → Plan: order, conditions, limits."""

from __future__ import annotations

from flowrun.core.plan import Condition, Plan, Stage, Step
from flowrun.spec.models import Workflow
from flowrun.spec.order import in_order
from flowrun.steps.model import StepModel
from flowrun.templating.analysis import functions

MAX_PARALLEL = 100
"""Attempts at once where the file says nothing: as many Jobs as one list call of the API can watch."""


def build(workflow: Workflow, *, max_parallel: int | None = None) -> Plan:
    """The plan of a valid workflow. `max_parallel` goes before the file's own."""
    work = _stage(workflow.steps, Stage.STEPS)
    undone = (workflow.steps[step.id].undoing(step.id) for step in work)
    steps = [*work, *(step for step in undone if step is not None), *_stage(workflow.finally_, Stage.FINALLY)]
    return Plan(
        workflow=workflow.name,
        steps=tuple(steps),
        max_parallel=max_parallel or workflow.max_parallel or MAX_PARALLEL,
        timeout=workflow.timeout,
        finally_timeout=workflow.finally_timeout,
        outputs=dict(workflow.outputs),
    )


def _stage(models: dict[str, StepModel], stage: Stage) -> list[Step]:
    order = in_order({step_id: [need.step for need in model.needs] for step_id, model in models.items()})
    return [models[step_id].step(step_id, stage, _condition(models[step_id].if_)) for step_id in order]


def _condition(expression: str | None) -> Condition | None:
    return None if expression is None else Condition(expression, asks_status=bool(functions(expression)))
