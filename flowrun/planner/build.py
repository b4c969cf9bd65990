"""Workflow → Plan: order, conditions, limits; and the plans of the files that are steps of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from flowrun.core.decide import KILL_GRACE
from flowrun.core.plan import Concurrency, Condition, Json, OnConflict, Plan, Stage, Step
from flowrun.spec.library import Loaded
from flowrun.spec.models import Workflow
from flowrun.spec.order import in_order
from flowrun.steps.model import StepModel
from flowrun.steps.workflow_model import WorkflowStep
from flowrun.templating.analysis import functions
from flowrun.templating.sensitivity import exposed
from flowrun.templating.syntax import secret, templates

MAX_PARALLEL = 100
"""Attempts at once where the file says nothing: as many Jobs as one list call of the API can watch."""

FINALLY = 600.0
"""Seconds that a file which is a step, and is asked to end, has for its `finally` where it sets no time itself."""

_SPARE = 15.0
"""Seconds more for each file in between, so that it is heard before it is given up."""


_NO_ENV: Mapping[str, Json] = MappingProxyType({})


def build(
    workflow: Workflow,
    *,
    max_parallel: int | None = None,
    workflows: Mapping[str, Plan] = MappingProxyType({}),
    env: Mapping[str, Json] = _NO_ENV,
) -> Plan:
    """The plan of a valid workflow. `max_parallel` goes before the file's own; `workflows`: those that it names.

    `env` is what `env.X` reads.
    """
    work = _stage(workflow.steps, Stage.STEPS, workflows)
    undone = (workflow.steps[step.id].undoing(step.id) for step in work)
    last = _stage(workflow.finally_, Stage.FINALLY, workflows)
    steps = [*work, *(step for step in undone if step is not None), *last]
    return Plan(
        workflow=workflow.name,
        steps=tuple(steps),
        max_parallel=max_parallel or workflow.max_parallel or MAX_PARALLEL,
        timeout=workflow.timeout,
        finally_timeout=workflow.finally_timeout,
        outputs=dict(workflow.outputs),
        pools=workflow.pools,
        concurrency=_concurrency(workflow),
        inputs={name: declared.declaration() for name, declared in workflow.inputs.items()},
        env=dict(env),
        secrets=tuple(_secrets(workflow.secrets, steps)),
        sensitive=tuple(_sensitive(workflow.outputs, steps)),
    )


def family(loaded: Loaded, env: Mapping[str, Json] = _NO_ENV) -> dict[str, Plan]:
    """The plans of all files that are steps of a valid one, directly or through others, by their names."""
    plans: dict[str, Plan] = {}
    for name, one in loaded.within().items():
        assert one.workflow is not None  # noqa: S101 - a file with problems has none that names it
        plans[name] = build(one.workflow, workflows=plans, env=env)
    return plans


def resized(plan: Plan, pools: Mapping[str, int]) -> Plan:
    """The plan with as many slots in its pools as an environment says."""
    return replace(plan, pools={name: pools.get(name, count) for name, count in plan.pools.items()})


def _concurrency(workflow: Workflow) -> Concurrency | None:
    """Its group still a template: `identity` makes it for a run, whoever begins a file as a step for that one."""
    written = workflow.concurrency
    return None if written is None else Concurrency(written.group, OnConflict(written.on_conflict))


def _sensitive(outputs: Mapping[str, Json], steps: Sequence[Step]) -> Iterator[str]:
    """The outputs of the workflow that are made of sensitive outputs of steps."""
    hidden = {step.id: step.sensitive for step in steps if step.sensitive}
    return (name for name, value in outputs.items() if hidden and list(exposed(value, hidden)))


def _secrets(declared: Iterable[str], steps: Sequence[Step]) -> Iterator[str]:
    """Those that are used, in the order in which they are declared."""
    used = {secret(text) for step in steps for _, text in templates(step.arguments)}
    return (name for name in declared if name in used)


def _stage(models: dict[str, StepModel], stage: Stage, workflows: Mapping[str, Plan]) -> list[Step]:
    order = in_order({step_id: [need.step for need in model.needs] for step_id, model in models.items()})
    return [_step(step_id, models[step_id], stage, workflows) for step_id in order]


def _step(step_id: str, model: StepModel, stage: Stage, workflows: Mapping[str, Plan]) -> Step:
    step = model.step(step_id, stage, _condition(model.if_))
    if not isinstance(model, WorkflowStep):
        return step
    plan = workflows[model.workflow]
    killed, stopped = _times(plan)
    return replace(
        step,
        outputs=tuple(plan.outputs),
        sensitive=plan.sensitive,
        stop_timeout=stopped if model.stop_timeout is None else step.stop_timeout,
        kill_timeout=killed,
    )


def _times(plan: Plan) -> tuple[float, float]:
    """How long a run of it may need to be seen ended, when it is killed and when it is asked to end."""
    killed = max((max(step.stop_timeout, step.kill_timeout, KILL_GRACE) for step in plan.steps), default=0.0) + _SPARE
    polite = max((step.stop_timeout for step in plan.steps), default=0.0)
    tidies = any(step.stage is not Stage.STEPS for step in plan.steps)
    last = FINALLY if plan.finally_timeout is None else plan.finally_timeout
    return killed, polite + killed + (last if tidies else 0.0)


def _condition(expression: str | None) -> Condition | None:
    return None if expression is None else Condition(expression, asks_status=bool(functions(expression)))
