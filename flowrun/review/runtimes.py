"""Runtimes: how many Jobs of a plan may run in a folder at one time, as far as that can be said before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowrun.core.fan import combinations
from flowrun.core.plan import Json, Plan, Step
from flowrun.errors import FlowrunError
from flowrun.review.width import widest
from flowrun.steps.job.request import expected_jobs
from flowrun.templating.syntax import templates

Facts = Mapping[str, Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class Need:
    """At most `jobs` Jobs at once in `folder`; where steps are `open`, at least: one for each leg of these."""

    folder: str
    folder_id: int
    jobs: int
    open: tuple[str, ...] = ()


def needs(plans: Mapping[str, Plan], facts: Mapping[str, Facts]) -> tuple[Need, ...]:
    """For each folder in which the plan starts something. The plan of the workflow itself has the empty name."""
    folders = {str(fact["folder"]): int(fact["folder_id"]) for some in facts.values() for fact in some.values()}
    found = []
    for folder, folder_id in sorted(folders.items()):
        opened: dict[str, None] = {}
        jobs = _width("", folder, plans, facts, opened)
        found.append(Need(folder, folder_id, jobs, tuple(opened)))
    return tuple(found)


def _width(
    file: str, folder: str, plans: Mapping[str, Plan], facts: Mapping[str, Facts], opened: dict[str, None]
) -> int:
    plan = plans[file]
    weights = {}
    for step in plan.steps:
        inner = step.arguments.get("workflow")
        if isinstance(inner, str) and inner in plans:
            each = _width(inner, folder, plans, facts, opened)
        elif facts.get(file, {}).get(step.id, {}).get("folder") == folder:
            each = _jobs(step, opened)
        else:
            continue
        weights[step.id] = each * (_legs(step, plan, opened) if each else 0)
    return widest(plan, weights)


def _jobs(step: Step, opened: dict[str, None]) -> int:
    """How many one start makes."""
    try:
        count = expected_jobs(step.arguments)
    except FlowrunError:
        count = None
    if count is None:
        opened[step.id] = None
    return count or 1


def _legs(step: Step, plan: Plan, opened: dict[str, None]) -> int:
    """How many go on at once."""
    fan = step.fan_out
    if fan is None:
        return 1
    most = min(fan.max_parallel or plan.max_parallel or 1, plan.max_parallel or fan.max_parallel or 1)
    written = {"matrix": dict(fan.matrix), "include": fan.include, "exclude": fan.exclude}
    if any(templates(written)):
        if fan.max_parallel is None:
            opened[step.id] = None
            return 1
        return most
    try:
        return max(1, min(len(combinations(fan.matrix, fan.include, fan.exclude)), most))
    except FlowrunError:
        return 1
