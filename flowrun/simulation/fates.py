"""Fates: which fault strikes at which place, and at its how manyth passing: drawn from the seed, or written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple


class Passing(NamedTuple):
    """A place that was passed, and the how manyth time that was, from 1."""

    place: str
    number: int


@dataclass(frozen=True, slots=True)
class Fate:
    """A fault, and where it strikes. `amount` is from 0 to 1: how late, how long, how bad, as the fault has it.

    A fault is named by its family, and where that has several by a word more: `5xx`, `5xx-after`.
    """

    place: str
    number: int
    fault: str
    amount: float = 0.0

    @property
    def family(self) -> str:
        """Of which family it is."""
        return self.fault.partition("-")[0]


Dice = Callable[[str, int], Random]
"""The dice of a passing."""


def dice_of(seed: int) -> Dice:
    """Dice of its own for each passing, so that a fault that is left out leaves the others as they are."""
    return lambda place, number: Random(f"{seed}:{place}:{number}")  # noqa: S311 - the same seed, the same story


class Fates:
    """Asked at each place. With `written`, what stands there strikes and nothing else, whatever the chances."""

    def __init__(self, dice: Dice, written: Collection[Fate] | None = None) -> None:
        self.struck: list[Fate] = []
        self.passed: list[Passing] = []
        self.dice = dice
        self._counts: Counter[str] = Counter()
        self._written: dict[Passing, list[Fate]] | None = None
        if written is not None:
            self._written = {}
            for fate in written:
                self._written.setdefault(Passing(fate.place, fate.number), []).append(fate)

    def one(self, place: str, chances: Mapping[str, float]) -> Fate | None:
        """At most one of these faults: their chances are shares of one throw."""
        passing = self._pass(place)
        if self._written is not None:
            return next(iter(self._strike(self._written.get(passing, ()))), None)
        if not any(chances.values()):
            return None
        dice = self.dice(*passing)
        left = dice.random()
        for fault, chance in chances.items():
            if left < chance:
                return self._strike([Fate(*passing, fault, dice.random())])[0]
            left -= chance
        return None

    def each(self, place: str, chances: Mapping[str, float]) -> dict[str, Fate]:
        """Each of these faults by a throw of its own, by its name."""
        passing = self._pass(place)
        if self._written is not None:
            struck = self._strike(self._written.get(passing, ()))
        elif any(chances.values()):
            dice = self.dice(*passing)
            thrown = [(fault, dice.random() < chance, dice.random()) for fault, chance in chances.items()]
            struck = self._strike([Fate(*passing, fault, amount) for fault, hit, amount in thrown if hit])
        else:
            struck = []
        return {fate.fault: fate for fate in struck}

    def _pass(self, place: str) -> Passing:
        self._counts[place] += 1
        passing = Passing(place, self._counts[place])
        self.passed.append(passing)
        return passing

    def _strike(self, fates: Collection[Fate]) -> list[Fate]:
        self.struck += fates
        return list(fates)
