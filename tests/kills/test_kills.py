"""Processes that die with SIGKILL at a boundary, once, twice and again and again; `runs resume`; the ledger judges."""

from __future__ import annotations

import random
import statistics
from signal import SIGKILL

import pytest

from tests.conftest import Amount, Figure
from tests.kills.conftest import Undisturbed
from tests.kills.ground import Course, Ground
from tests.kills.judge import QUICK, judge

ALL = 10_000


def chosen(course: Course, most: int, salt: str = "") -> list[int]:
    """So many of the boundaries of an undisturbed run, the same ones every time.

    A run may have some fewer, where two words go into one commit: a sample is of those that every run has.
    """
    count = len(course.boundaries[0])
    numbers = range(1, 1 + (count if most >= count else count * 3 // 4))
    return sorted(random.Random(salt).sample(numbers, min(most, len(numbers))))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("plan", QUICK)
def test_who_dies_at_a_boundary_is_gone_on_with(
    ground: Ground, undisturbed: Undisturbed, plan: str, amount: Amount, figure: Figure
) -> None:
    numbers = chosen(undisturbed(plan), amount(1, ALL), plan)
    deaths, resumed = 0, list[float]()
    for number in numbers:
        course = ground.course(plan, {number: SIGKILL})
        judge(plan, course, undisturbed(plan))
        deaths += course.deaths
        resumed += course.resumed_after
    assert deaths
    figure("boundaries", len(numbers))
    figure("kills", deaths)
    figure("median seconds to take over", round(statistics.median(resumed), 2) if resumed else 0.0)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("plan", QUICK)
def test_who_goes_on_may_die_as_well(
    ground: Ground, undisturbed: Undisturbed, plan: str, amount: Amount, figure: Figure
) -> None:
    numbers = chosen(undisturbed(plan), amount(1, ALL), f"{plan}, again")
    dice = random.Random(plan)
    double = 0
    for number in numbers:
        left = len(undisturbed(plan).boundaries[0]) - number
        course = ground.course(plan, {number: SIGKILL}, {dice.randint(1, max(6, left)): SIGKILL})
        judge(plan, course, undisturbed(plan))
        double += course.deaths > 1
    figure("double kills", double)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("plan", ["family", "fan"])
def test_one_that_is_killed_again_and_again_ends_once(
    ground: Ground, undisturbed: Undisturbed, plan: str, amount: Amount, figure: Figure
) -> None:
    """Each of twenty processes comes a few boundaries further; then one is left alone."""
    dice = random.Random(plan)
    deaths = 0
    for _ in range(amount(0, 5)):
        course = ground.course(plan, *({dice.randint(7, 20): SIGKILL} for _ in range(20)))
        judge(plan, course, undisturbed(plan))
        deaths += course.deaths
    figure("kills in rows", deaths)
