"""Pools that several runs share: who of those that wait may take slots now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flowrun.core.commands import Wish
from flowrun.core.pools import Slots, lacking


@dataclass(frozen=True, slots=True)
class Asked:
    """Slots that a run asked for in vain, and waits for. `number`: in the order in which all runs asked."""

    number: int
    slots: Slots


@dataclass(frozen=True, slots=True)
class Grant:
    """What a run gets: these wishes, each with all its slots. `waits`: what it now waits for, each once."""

    granted: tuple[Wish, ...]
    waits: tuple[Slots, ...]


def grant(
    capacities: Slots, held: Slots, others: Iterable[Asked], own: Iterable[Asked], wishes: Sequence[Wish], most: int
) -> Grant:
    """Answer the wishes of one run, at most so many of them.

    `capacities` are those that the asking run knows, `held` is what legs of all runs hold. `others` wait in other runs,
    `own` says since when this one waits for what. All stand in one queue, in the order in which they asked, and within
    the run in that of `wishes`. For who is before it in the queue its slots are kept; but who lacks slots of one pool
    keeps nobody out of another.
    """
    since = {_key(asked.slots): asked.number for asked in own}
    queue: list[tuple[float, int, Slots, Wish | None]] = [(asked.number, 0, asked.slots, None) for asked in others]
    for at, wish in enumerate(wishes):
        queue.append((since.pop(_key(wish.slots), float("inf")), at, wish.slots, wish))
    taken, closed = Counter(held), set[str]()
    granted: list[Wish] = []
    waits: dict[tuple[tuple[str, int], ...], Slots] = {}
    for _, _, slots, asker in sorted(queue, key=lambda entry: entry[:2]):
        if asker is not None and len(granted) == most:
            continue
        lacks = lacking(capacities, taken, slots)
        if not lacks and closed.isdisjoint(slots):
            taken.update(slots)
            granted += [asker] if asker is not None else []
        elif asker is not None:
            waits.setdefault(_key(slots), slots)
        closed |= lacks
    return Grant(tuple(granted), tuple(waits.values()))


def _key(slots: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(slots.items()))
