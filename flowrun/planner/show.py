"""A plan in words and as JSON: what will be started, in which order, and what Orchestrator says about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from flowrun.core.plan import Json, Plan, Stage, Step
from flowrun.planner.graph import layers, longest_path
from flowrun.planner.source import NOWHERE, Sources
from flowrun.steps.fields import lasting
from flowrun.steps.label import label

Facts = Mapping[str, Mapping[str, Json]]
"""What a look at Orchestrator said about steps, by step id."""


Nested = Mapping[str, tuple[Plan, Facts]]
"""The plans of the files that are steps, by their names, each with its facts."""

NONE: Nested = MappingProxyType({})

Marks = Mapping[tuple[str, str], tuple[str, Sequence[str]]]
"""For a step, by its file (the workflow's own has no name) and its id: its mark, and what is different."""

NO_MARKS: Marks = MappingProxyType({})
_UNMARKED = ("+", ())
_ASKED = ("instructions", "inputs")
_UNANSWERED = {"reject": "rejected", "approve": "approved"}


def data(
    plan: Plan, inputs: Mapping[str, Json], facts: Facts, nested: Nested = NONE, sources: Sources = NOWHERE
) -> Mapping[str, Json]:
    """The plan as JSON. What is not set is left out; templates stand as they were written."""
    shown = {
        "workflow": plan.workflow,
        "environment": None if sources.environment is None else dict(sources.environment),
        "inputs": dict(inputs),
        "env": dict(plan.env),
        "sources": {one.name: {"value": one.value, "source": one.source} for one in sources.values},
        **_data(plan, facts),
    }
    files = {name: {"workflow": inner.workflow, **_data(inner, seen)} for name, (inner, seen) in nested.items()}
    return {**shown, "workflows": files} if files else shown


def _data(plan: Plan, facts: Facts) -> dict[str, Json]:
    return {
        "secrets": list(plan.secrets),
        "run_key": plan.key or None,
        "concurrency": None if plan.concurrency is None else asdict(plan.concurrency),
        "pools": dict(plan.pools),
        "max_parallel": plan.max_parallel,
        "timeout": plan.timeout,
        "layers": layers(plan),
        "longest_path": longest_path(plan),
        "steps": [{**_bare(asdict(step)), "orchestrator": dict(facts.get(step.id, {}))} for step in plan.steps],
        "outputs": dict(plan.outputs),
    }


def _bare(values: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: _bare(value) if isinstance(value, dict) else value for name, value in values.items()}
    return {name: value for name, value in kept.items() if value not in (None, "", [], {}, ())}


def text(
    plan: Plan,
    inputs: Mapping[str, Json],
    facts: Facts,
    nested: Nested = NONE,
    sources: Sources = NOWHERE,
    marks: Marks = NO_MARKS,
) -> str:
    """The plan layer by layer, then that of each file that is a step, once."""
    parts = [_text(plan.workflow, plan, list(_given(inputs, sources)), facts, _of("", marks))]
    for name, (inner, seen) in reversed(list(nested.items())):
        parts.append(_text(f"{name}: {inner.workflow}", inner, [], seen, _of(name, marks)))
    return "\n".join(parts)


def _of(file: str, marks: Marks) -> Mapping[str, tuple[str, Sequence[str]]]:
    return {step_id: marked for (name, step_id), marked in marks.items() if name == file}


def _given(inputs: Mapping[str, Json], sources: Sources) -> Iterator[str]:
    """The inputs; where there is an environment, all that can come from several places, with where it does."""
    if sources.environment is None:
        yield from (f"  {name} = {value!r}" for name, value in inputs.items())
        return
    yield f"  environment {sources.environment['name']}  ({sources.environment['file']})"
    for one in sources.values:
        yield f"  {one.name} = {json.dumps(one.value, ensure_ascii=False)}  ({one.source})"


def _text(
    title: str, plan: Plan, given: list[str], facts: Facts, marks: Mapping[str, tuple[str, Sequence[str]]]
) -> str:
    steps = {step.id: step for step in plan.steps}
    lines = [f"{title}: {_count(len(plan.steps), 'step')}, at most {plan.max_parallel} attempts at once", *given]
    lines += [f"  secrets: {', '.join(plan.secrets)}"] if plan.secrets else []
    lines += [f"  run key: {plan.key}"] if plan.key else []
    if plan.concurrency is not None:
        lines.append(f"  one at a time: {plan.concurrency.group}, else {plan.concurrency.on_conflict}")
    lines += [f"  pools: {', '.join(f'{count} of {name}' for name, count in plan.pools.items())}"] if plan.pools else []
    for stage in Stage:
        for number, layer in enumerate(layers(plan, stage), 1):
            lines += ["", f"layer {number}" if stage is Stage.STEPS else stage.value]
            for step_id in layer:
                lines += _step(steps[step_id], facts.get(step_id, {}), *marks.get(step_id, _UNMARKED))
    lines += ["", f"longest path: {' > '.join(longest_path(plan))}"]
    return "\n".join(lines) + "\n"


def _step(step: Step, facts: Mapping[str, Json], mark: str, changes: Sequence[str]) -> list[str]:
    version = facts.get("version")
    head = f"  {mark} {step.id}  {label(step)}{f' {version}' if version else ''}"
    folder = facts.get("folder")
    notes = [f"in {folder}"] if folder else []
    if step.fan_out is not None:
        notes.append(f"for each {', '.join(step.fan_out.matrix) or 'leg'}")
    notes += [f"after {', '.join(need.step for need in step.needs)}"] if step.needs else []
    notes += [f"if {step.condition.expression}"] if step.condition else []
    notes += [f"takes {', '.join(f'{count} of {name}' for name, count in step.pools.items())}"] if step.pools else []
    notes += [_count(sum(rule.most for rule in step.retry), "further try", "further tries")] if step.retry else []
    if step.timeout is not None:
        notes.append(f"timeout {step.timeout:g} s")
    asked = step.arguments.get("approval") or {}
    if "timeout" in asked:
        notes.append(f"{_UNANSWERED[asked['on_timeout']]} after {lasting(asked['timeout'])}")
    lines = [head + (f"  ({'; '.join(notes)})" if notes else ""), *(f"      ~ {change}" for change in changes)]
    asks = {name: asked[name] for name in _ASKED if name in asked}
    given = step.arguments.get("input_arguments") or step.arguments.get("inputs") or asks
    if isinstance(given, str):
        return [*lines, f"      inputs = {given!r}"]
    return lines + [f"      {name} = {value!r}" for name, value in given.items()]


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
