from __future__ import annotations

from dataclasses import replace

import pytest

from flowrun.simulation.faults import FAULTS, Trouble, draw
from flowrun.simulation.weather import Weather


def test_the_same_seed_draws_the_same_trouble() -> None:
    assert draw(7, tuple(FAULTS), 600.0, swarm=True) == draw(7, tuple(FAULTS), 600.0, swarm=True)
    assert draw(7, tuple(FAULTS), 600.0, swarm=True) != draw(8, tuple(FAULTS), 600.0, swarm=True)


def test_a_family_left_out_leaves_the_others_as_they_are() -> None:
    every = draw(7, tuple(FAULTS), 600.0, swarm=True)
    assert "hang" not in draw(7, [name for name in FAULTS if name != "hang"], 600.0, swarm=True).families
    for seed in range(40):
        every = draw(seed, tuple(FAULTS), 600.0, swarm=True)
        without = draw(seed, [name for name in FAULTS if name != "hang"], 600.0, swarm=True)
        assert replace(every, hangs=0.0, families=without.families) == without


def test_no_family_is_fair_weather() -> None:
    assert draw(7, (), 600.0, swarm=False) == Trouble()


@pytest.mark.parametrize("name", FAULTS)
def test_each_family_does_something_when_it_is_named(name: str) -> None:
    drawn = [draw(seed, (name,), 600.0, swarm=False) for seed in range(20)]
    assert all(trouble.families == (name,) for trouble in drawn)
    assert any(replace(trouble, families=()) != Trouble(calm_at=trouble.calm_at) for trouble in drawn)


def test_a_server_is_blind_where_it_keeps_nothing_that_it_can_be_asked_by() -> None:
    assert not Weather().blind
    assert not Weather(keeps_reference=False).blind
    assert Weather(keeps_reference=False, keeps_batch_key=False).blind
    assert any(draw(seed, ("tags",), 600.0, swarm=False).weather.blind for seed in range(40))
    assert any(not draw(seed, ("tags",), 600.0, swarm=False).weather.blind for seed in range(40))
