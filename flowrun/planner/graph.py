"""The graph of a plan: its layers, its needed edges, its longest path. networkx's only door: import this file late."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import networkx as nx

from flowrun.core.plan import Plan, Stage
from flowrun.spec.order import reduced

_LITTLE = 0.001


def layers(plan: Plan, stage: Stage = Stage.STEPS) -> list[list[str]]:
    """The steps that may run side by side, layer after layer, each in the order of the plan."""
    graph = _graph(plan, stage)
    place = {step.id: at for at, step in enumerate(plan.steps)}
    return [sorted(layer, key=place.__getitem__) for layer in nx.topological_generations(graph)]


def edges(plan: Plan, stage: Stage = Stage.STEPS) -> list[tuple[str, str]]:
    """The edges, without those that follow from others: what a picture has to show."""
    return reduced({step.id: [need.step for need in step.needs] for step in plan.steps if step.stage is stage})


def longest_path(plan: Plan, seconds: Mapping[str, float] = MappingProxyType({})) -> list[str]:
    """The chain of steps that no parallelism shortens. Each step counts the same, or what it takes where that is known.

    A step of which nothing is known then counts as next to nothing.
    """
    graph = _graph(plan, Stage.STEPS)
    if not seconds:
        path: list[str] = nx.dag_longest_path(graph)
        return path
    for before, after in graph.edges:
        graph.edges[before, after]["weight"] = seconds.get(after, _LITTLE)
    for first in [step for step in graph if not graph.in_degree(step)]:
        graph.add_edge("", first, weight=seconds.get(first, _LITTLE))
    path = nx.dag_longest_path(graph, default_weight=0)
    return path[1:]


def _graph(plan: Plan, stage: Stage) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    members = [step for step in plan.steps if step.stage is stage]
    graph.add_nodes_from(step.id for step in members)
    graph.add_edges_from((need.step, step.id) for step in members for need in step.needs)
    return graph
