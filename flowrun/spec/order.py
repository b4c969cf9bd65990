"""The order of steps, with the standard library alone: a topological order, cycles, and who comes before whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

Needs: TypeAlias = Mapping[str, Iterable[str]]
"""For each step the steps that it needs. Names that are no steps are left out everywhere."""

MOST_CYCLES = 20


def in_order(needs: Needs) -> tuple[str, ...]:
    """Every step after those that it needs. Raises graphlib.CycleError."""
    return tuple(TopologicalSorter(_edges(needs)).static_order())


def cycles(needs: Needs) -> tuple[tuple[str, ...], ...]:
    """Cycles as paths `(a, b, a)`, where a needs b and b needs a; each begins with its first step in the mapping.

    After each cycle one of its edges is left out and the search goes on, so every knot is shown, if not every way
    through it. A step that needs itself is no cycle here.
    """
    edges = {step: [need for need in before if need != step] for step, before in _edges(needs).items()}
    rank = {step: place for place, step in enumerate(edges)}
    found: list[tuple[str, ...]] = []
    while len(found) < MOST_CYCLES:
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as error:
            ring = list(reversed(error.args[1]))[:-1]
            start = ring.index(min(ring, key=rank.__getitem__))
            path = (*ring[start:], *ring[:start], ring[start])
            found.append(path)
            edges[path[-2]].remove(path[-1])
        else:
            break
    return tuple(sorted(found, key=lambda path: rank[path[0]]))


class Ancestry:
    """Who comes before whom, directly or through others: one bit for each step, one whole number for each set."""

    def __init__(self, needs: Needs) -> None:
        """Raises graphlib.CycleError."""
        edges = _edges(needs)
        self._bits = {step: 1 << place for place, step in enumerate(edges)}
        self._before: dict[str, int] = {}
        for step in TopologicalSorter(edges).static_order():
            above = 0
            for need in edges[step]:
                above |= self._before[need] | self._bits[need]
            self._before[step] = above

    def precedes(self, first: str, step: str) -> bool:
        """Whether `step` needs `first`, directly or through others."""
        return bool(self._before[step] & self._bits[first])

    def latest(self, several: Iterable[str]) -> list[str]:
        """Those of several that precede none of the others."""
        among = list(several)
        above = 0
        for step in among:
            above |= self._before[step]
        return [step for step in among if not self._bits[step] & above]

    def behind(self, several: Iterable[str]) -> frozenset[str]:
        """The steps that need any of several."""
        firsts = 0
        for step in several:
            firsts |= self._bits[step]
        return frozenset(step for step, above in self._before.items() if above & firsts)


def reduced(needs: Needs) -> list[tuple[str, str]]:
    """The edges, need first, without those that follow from others: what a picture has to show. In the order of steps.

    networkx's `transitive_reduction` walks all that lies behind every edge, which takes minutes for a chain of 10,000.
    """
    ancestry = Ancestry(needs)
    place = {step: at for at, step in enumerate(needs)}
    shown = ((need, step) for step, before in _edges(needs).items() for need in ancestry.latest(before))
    return sorted(shown, key=lambda edge: (place[edge[0]], place[edge[1]]))


def _edges(needs: Needs) -> dict[str, list[str]]:
    return {step: [need for need in dict.fromkeys(before) if need in needs] for step, before in needs.items()}
