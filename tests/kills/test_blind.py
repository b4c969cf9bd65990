"""Processes that are killed at random moments, wherever they are."""

from __future__ import annotations

import random

import pytest

from tests.conftest import Amount, Figure
from tests.kills.blind import blind
from tests.kills.conftest import Undisturbed
from tests.kills.ground import Ground


@pytest.mark.timeout(3600)
def test_no_moment_is_a_bad_one_to_die(
    ground: Ground, undisturbed: Undisturbed, amount: Amount, figure: Figure
) -> None:
    tally = blind(ground, undisturbed, amount(2, 200), random.Random(5))
    figure("rounds", tally.rounds)
    figure("kills at random moments", tally.kills)
    figure("killed more than once", tally.twice)
