"""Width: how much of a plan may go on at one moment, counted in weights of its steps."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from flowrun.core.plan import Plan, Stage

_MOST = 400
"""Steps up to which it is worked out exactly; above, layer by layer, which is a lower bound."""


def widest(plan: Plan, weights: Mapping[str, int]) -> int:
    """The greatest sum of weights of steps none of which needs another, directly or through others.

    By Dilworth's theorem with weights: all of them less the greatest flow from steps to those that need them.
    """
    steps = [step for step in plan.steps if step.stage is Stage.STEPS]
    total = sum(weights.get(step.id, 0) for step in steps)
    if total == 0:
        return 0
    needs = {step.id: [need.step for need in step.needs] for step in steps}
    return _by_layers(needs, weights) if len(steps) > _MOST else total - _flow(needs, weights)


def _by_layers(needs: Mapping[str, list[str]], weights: Mapping[str, int]) -> int:
    depth: dict[str, int] = {}
    for step, before in needs.items():  # a plan has its steps in an order in which needs come first
        depth[step] = 1 + max((depth[one] for one in before), default=-1)
    sums = [0] * (max(depth.values()) + 1)
    for step, at in depth.items():
        sums[at] += weights.get(step, 0)
    return max(sums)


_Node = tuple[str, str]
_SOURCE, _SINK = ("", "source"), ("", "sink")


def _flow(needs: Mapping[str, list[str]], weights: Mapping[str, int]) -> int:
    """Edmonds and Karp. Each step is left once (`out`) and entered once (`in`), and may be passed through."""
    total = sum(weights.values())
    rest: dict[_Node, dict[_Node, int]] = {_SOURCE: {}, _SINK: {}}
    for step in needs:
        rest[step, "out"], rest[step, "in"] = {}, {}

    def edge(start: _Node, end: _Node, capacity: int) -> None:
        rest[start][end] = capacity
        rest[end].setdefault(start, 0)

    for step, before in needs.items():
        edge(_SOURCE, (step, "out"), weights.get(step, 0))
        edge((step, "in"), _SINK, weights.get(step, 0))
        edge((step, "in"), (step, "out"), total)
        for one in before:
            edge((one, "out"), (step, "in"), total)
    flow = 0
    while way := _way(rest):
        most = min(rest[start][end] for start, end in way)
        for start, end in way:
            rest[start][end] -= most
            rest[end][start] += most
        flow += most
    return flow


def _way(rest: Mapping[_Node, Mapping[_Node, int]]) -> list[tuple[_Node, _Node]]:
    came: dict[_Node, _Node] = {_SOURCE: _SOURCE}
    queue = deque([_SOURCE])
    while queue and _SINK not in came:
        here = queue.popleft()
        for there, capacity in rest[here].items():
            if capacity > 0 and there not in came:
                came[there] = here
                queue.append(there)
    if _SINK not in came:
        return []
    way = [(came[_SINK], _SINK)]
    while way[-1][0] != _SOURCE:
        way.append((came[way[-1][0]], way[-1][0]))
    return way
