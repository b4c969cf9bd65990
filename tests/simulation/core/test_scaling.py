"""An event costs the same in a run of thousands as in a run of hundreds."""

from __future__ import annotations

import pytest

from tests.conftest import Amount, Figure
from tests.simulation.core.scaling import LOADS, calls_for_an_event


@pytest.mark.parametrize("name", LOADS)
def test_the_work_for_an_event_does_not_grow(name: str, amount: Amount, figure: Figure) -> None:
    small = calls_for_an_event(LOADS[name], 100)
    large = calls_for_an_event(LOADS[name], amount(400, 5_000))
    figure("calls for an event", round(large))
    assert large < 1.2 * small + 1
