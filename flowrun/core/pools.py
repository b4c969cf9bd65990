"""Pools: who waits for slots. One queue for each set of slots that is wanted, so that no leg is looked at in vain."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import TypeAlias

Place: TypeAlias = tuple[int, int]
"""A leg: the place of its step in the plan, and its own."""

Slots: TypeAlias = Mapping[str, int]
"""How many slots of which pools."""


def lacking(capacities: Slots, held: Slots, wanted: Slots) -> set[str]:
    """The pools that have not as many slots left as are wanted. One without a capacity has no end of them."""
    return {
        pool for pool, count in wanted.items() if pool in capacities and held.get(pool, 0) + count > capacities[pool]
    }


class Waiting:
    """The legs of one run that wait for slots, each in the queue of those who want the same, in the order of the plan.

    A leg does not pass an earlier one in a pool that the earlier one waits for: else one that wants two slots would
    wait until nobody wants one.
    """

    def __init__(self) -> None:
        self._queues: dict[tuple[tuple[str, int], ...], list[Place]] = {}
        self._members: set[Place] = set()

    def __contains__(self, place: Place) -> bool:
        return place in self._members

    def park(self, place: Place, wanted: Slots) -> None:
        """Let a leg wait."""
        self._members.add(place)
        heappush(self._queues.setdefault(tuple(wanted.items()), []), place)

    def leave(self, place: Place) -> None:
        """It does not wait any more. Its queue notices when it comes to it."""
        self._members.discard(place)

    def next(self, capacities: Slots, held: Slots, most: int = 1) -> list[tuple[Place, Slots]]:
        """Who could have slots, in order. Of those who want the same, `most` or as many as there are slots for.

        Each queue is looked at as if there were no other: somebody must see to it that no slot is given twice.
        """
        heads = sorted((queue[0], dict(key)) for key, queue in self._queues.items() if self._cleaned(queue))
        closed: set[str] = set()
        found: list[tuple[Place, Slots]] = []
        for _, wanted in heads:
            lacks = lacking(capacities, held, wanted)
            if not lacks and closed.isdisjoint(wanted):
                found += [(place, wanted) for place in self._first(wanted, capacities, held, most)]
            closed |= lacks
        return sorted(found, key=lambda one: one[0])

    def passes(self, place: Place, wanted: Slots, capacities: Slots, held: Slots) -> bool:
        """Whether nobody who comes before it waits for a pool that it wants."""
        for key, queue in self._queues.items():
            if self._cleaned(queue) and queue[0] < place:
                lacks = lacking(capacities, held, dict(key))
                if not lacks.isdisjoint(wanted):
                    return False
        return True

    def _first(self, wanted: Slots, capacities: Slots, held: Slots, most: int) -> list[Place]:
        rooms = [
            (capacities[pool] - held.get(pool, 0)) // count for pool, count in wanted.items() if pool in capacities
        ]
        queue = self._queues[tuple(wanted.items())]
        places: list[Place] = []
        while len(places) < min([most, *rooms]) and self._cleaned(queue):
            places.append(heappop(queue))
        for place in places:
            heappush(queue, place)
        return places

    def _cleaned(self, queue: list[Place]) -> bool:
        """Whether anybody is left in a queue, once those at its head who do not wait any more are out of it."""
        while queue and queue[0] not in self._members:
            heappop(queue)
        return bool(queue)
