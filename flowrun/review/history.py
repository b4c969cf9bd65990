"""History: what earlier runs of a workflow say of the next one: the last of them, and how long steps usually take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowrun.core.plan import Plan, Stage


@dataclass(frozen=True, slots=True)
class History:
    """`plans`: those of the last run by the file that they are of, made concrete as far as its inputs were known.

    `versions`: which version of its Release a step started then, by its id. `usual`: the median of the seconds that a
    step took in the latest successful runs, and of how many runs that is.
    """

    run_id: str = ""
    plans: Mapping[str, Plan] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, float] = field(default_factory=dict)
    runs: int = 0


def longest(plan: Plan, usual: Mapping[str, float]) -> tuple[tuple[str, ...], float]:
    """The chain of steps that usually takes longest, and how long. A step that never ran counts nothing."""
    best: dict[str, tuple[float, str]] = {}
    for step in plan.steps:
        if step.stage is Stage.STEPS:
            before = max(((best[need.step][0], need.step) for need in step.needs), default=(0.0, ""))
            best[step.id] = (before[0] + usual.get(step.id, 0.0), before[1])
    if not best:
        return (), 0.0
    last = max(best, key=lambda step_id: best[step_id][0])
    way = [last]
    while best[way[-1]][1]:
        way.append(best[way[-1]][1])
    return tuple(reversed(way)), best[last][0]
