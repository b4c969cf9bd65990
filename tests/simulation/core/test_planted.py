"""What looks for bugs must find them: each planted one is found, and found by its invariant."""

from __future__ import annotations

from random import Random

import pytest

from tests.conftest import Amount
from tests.simulation.core.algebra import LEVELS, check_all_aborts, check_fan, random_graph
from tests.simulation.core.judge import judge
from tests.simulation.core.planted import ALGEBRA, PROTOCOL, RARE, RARE_ALGEBRA, Plant
from tests.simulation.core.simulation import simulate
from tests.simulation.core.test_algebra import fans


def named(plant: Plant) -> str:
    return plant.__name__.strip("_")


def simulated(seeds: int) -> None:
    for seed in range(seeds):
        judge(simulate(seed))


@pytest.mark.parametrize("plant", PROTOCOL, ids=named)
def test_the_simulation_finds_it(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        simulated(200)


@pytest.mark.parametrize("plant", RARE, ids=named)
def test_the_simulation_finds_it_in_the_night(plant: Plant, monkeypatch: pytest.MonkeyPatch, amount: Amount) -> None:
    if not amount(0, 1):
        pytest.skip("found too late for the day: --nightly")
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        simulated(6_000)


def agreed(count: int) -> None:
    dice, fan_outs = Random(1), fans(3)
    for _ in range(count):
        check_all_aborts(random_graph(dice, 3))
        fan = dice.choice(fan_outs)
        for level in LEVELS:
            for moment in range(check_fan(fan)):
                check_fan(fan, level, moment)


@pytest.mark.parametrize("plant", ALGEBRA, ids=named)
def test_the_oracle_finds_it(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        agreed(300)


@pytest.mark.parametrize("plant", RARE_ALGEBRA, ids=named)
def test_the_oracle_finds_it_in_the_night(plant: Plant, monkeypatch: pytest.MonkeyPatch, amount: Amount) -> None:
    if not amount(0, 1):
        pytest.skip("found too late for the day: --nightly")
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        agreed(5_000)
