"""How soon planted bugs are found: `python -m tests.simulation.planted` prints a line for each, and the median."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from statistics import median
from typing import TypeAlias

import pytest

from tests.simulation.core.algebra import LEVELS, check_all_aborts, check_fan, random_graph
from tests.simulation.core.judge import judge
from tests.simulation.core.planted import ALGEBRA, PROTOCOL, RARE, RARE_ALGEBRA
from tests.simulation.core.simulation import simulate
from tests.simulation.core.test_algebra import fans
from tests.simulation.planted_outside import PLANTS, Found, finds

Plant: TypeAlias = Callable[[pytest.MonkeyPatch], None]
APART = 10_000
"""Seeds between two beginnings."""


@dataclass(frozen=True)
class Hunt:
    """How a planted bug is looked for: `finds` says whether the seed shows it; after `most` seeds it is given up."""

    where: str
    finds: Callable[[int], bool]
    most: int
    rare: bool = False


def hunts() -> Iterator[tuple[Plant, Hunt]]:
    """Every planted bug: those of the core, of the rules about steps, of the protocols and the engine."""
    yield from ((plant, Hunt("core", _in_the_core, 200)) for plant in PROTOCOL)
    yield from ((plant, Hunt("core", _in_the_core, 6_000, rare=True)) for plant in RARE)
    yield from ((plant, Hunt("rules", _in_the_rules, 300)) for plant in ALGEBRA)
    yield from ((plant, Hunt("rules", _in_the_rules, 5_000, rare=True)) for plant in RARE_ALGEBRA)
    yield from (
        (plant, Hunt("protocols", partial(_outside, found), found.most, found.rare)) for plant, found in PLANTS.items()
    )


def found_after(beginnings: int) -> Mapping[str, float | None]:
    """After how many seeds each is found, the median over so many beginnings; None where one of them found nothing."""
    rows: dict[str, float | None] = {}
    for plant, hunt in hunts():
        with pytest.MonkeyPatch.context() as patch:
            plant(patch)
            counts = [_count(hunt, at * APART) for at in range(1 if hunt.rare else beginnings)]
        known = [count for count in counts if count is not None]
        rows[f"{hunt.where}: {named(plant)}"] = median(known) if len(known) == len(counts) else None
    return rows


def named(plant: Plant) -> str:
    """Its name, in words."""
    return plant.__name__.strip("_").replace("_", " ")


def _count(hunt: Hunt, first: int) -> int | None:
    return next((number + 1 for number in range(hunt.most) if hunt.finds(first + number)), None)


def _outside(found: Found, seed: int) -> bool:
    return finds(seed, found)


def _in_the_core(seed: int) -> bool:
    try:
        judge(simulate(seed))
    except Exception:  # noqa: BLE001 - whatever it breaks, it is found
        return True
    return False


def _in_the_rules(seed: int) -> bool:
    dice = Random(seed)
    try:
        check_all_aborts(random_graph(dice, 3))
        fan = dice.choice(_FANS)
        for level in LEVELS:
            for moment in range(check_fan(fan)):
                check_fan(fan, level, moment)
    except Exception:  # noqa: BLE001 - as above
        return True
    return False


_FANS = fans(3)


def main() -> None:
    logging.getLogger("flowrun").setLevel(logging.CRITICAL + 1)
    rows = found_after(beginnings=5)
    for name, count in rows.items():
        print(f"{'not found' if count is None else f'{count:g}':>10}  {name}")
    print(f"{len(rows)} planted; {median([count for count in rows.values() if count is not None]):g} in the middle")


if __name__ == "__main__":
    main()
