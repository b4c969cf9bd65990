"""All runs of small plans with one fault and with two, and with three of the start protocol: not a sample, each."""

from __future__ import annotations

import pytest

from tests.conftest import Amount, Figure
from tests.simulation.exhaustive import PLANS, STARTS, fewer, judged

pytestmark = pytest.mark.timeout(4 * 3600)

BY_DAY = ("one", "fan", "retry and finally", "abort")
"""The plans that are tried whole by day; in the night all are."""
PARTS = 16
"""Into which the long hours are divided."""


@pytest.mark.parametrize("name", PLANS)
def test_every_run_with_one_fault(name: str, amount: Amount, figure: Figure) -> None:
    if name not in BY_DAY and not amount(0, 1):
        pytest.skip("in the night")
    counts, wrong = judged(PLANS[name], 1)
    assert wrong == []
    assert counts[1] > 100
    figure("runs", counts[1])


def test_every_run_with_two_faults_one_of_each_class(figure: Figure) -> None:
    counts, wrong = judged(fewer(PLANS["one"]), 2)
    assert wrong == []
    assert counts[2] > 300
    figure("runs", counts[2])


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", PLANS)
def test_every_run_with_two_faults(name: str, part: int, amount: Amount, figure: Figure) -> None:
    if not amount(0, 1):
        pytest.skip("in the night")
    counts, wrong = judged(PLANS[name], 2, part, PARTS)
    assert wrong == []
    figure("runs", counts[2])


@pytest.mark.parametrize("part", range(PARTS))
def test_every_start_with_three_faults(part: int, amount: Amount, figure: Figure) -> None:
    if not amount(0, 1):
        pytest.skip("in the night")
    counts, wrong = judged(STARTS, 3, part, PARTS)
    assert wrong == []
    figure("runs", counts[3])
