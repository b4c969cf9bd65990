"""Pools that several runs share: who of those that wait may take slots now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from flowrun.core.commands import Wish
from flowrun.core.pools import Slots, lacking


@dataclass(frozen=True, slots=True)
class Asked:
    """Slots that a run asked for in vain, and waits for. `number`: in the order in which all runs asked."""

    number: int
    slots: Slots


@dataclass(frozen=True, slots=True)
class Grant:
    """What a run gets: these wishes, each with all its slots. `waits`: what it waits for now, each once."""

    granted: tuple[Wish, ...]
    waits: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """Who waits: runs whose process lives, and the asking run itself. `last`: the greatest number given so far."""

    others: Sequence[Asked] = ()
    own: Sequence[Asked] = ()
    last: int = 0


def grant(capacities: Slots, held: Slots, queue: Queue, wishes: Sequence[Wish], most: int) -> Grant:
    """Answer the wishes of one run, at most so many of them.

    `capacities` are those that the asking run knows, `held` is what legs of all runs hold. All stand in one queue, in
    the order in which they asked, and within the run in that of `wishes`; who got something and wants more of it is
    the last again. For who comes first its slots are kept; but who lacks slots of one pool keeps nobody out of another.
    """
    since = {_key(asked.slots): asked.number for asked in queue.own}
    waiting = dict(since)
    line: list[tuple[float, int, Slots, Wish | None]] = [(asked.number, 0, asked.slots, None) for asked in queue.others]
    for at, wish in enumerate(wishes):
        line.append((waiting.pop(_key(wish.slots), float("inf")), at, wish.slots, wish))
    taken, closed = Counter(held), set[str]()
    granted: list[Wish] = []
    refused: dict[_Key, Slots] = {}
    for _, _, slots, asker in sorted(line, key=lambda entry: entry[:2]):
        if asker is not None and len(granted) == most:
            continue
        lacks = lacking(capacities, taken, slots)
        if not lacks and closed.isdisjoint(slots):
            taken.update(slots)
            granted += [asker] if asker is not None else []
        elif asker is not None:
            refused.setdefault(_key(slots), slots)
        closed |= lacks
    for wish in granted:
        since.pop(_key(wish.slots), None)
    fresh = count(queue.last + 1)
    waits = tuple(Asked(since[key] if key in since else next(fresh), slots) for key, slots in refused.items())
    return Grant(tuple(granted), waits)


_Key: TypeAlias = tuple[tuple[str, int], ...]


def _key(slots: Slots) -> _Key:
    return tuple(sorted(slots.items()))
