"""The core and the oracle agree on what becomes of a graph that is exchanged while it is carried out."""

from __future__ import annotations

from random import Random

import pytest

from tests.conftest import Amount, Figure
from tests.simulation.core.algebra import random_graph
from tests.simulation.core.rewriting import check, unlike

pytestmark = pytest.mark.timeout(4 * 3600)


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_graph_that_is_another_at_each_of_its_moments(size: int, amount: Amount, figure: Figure) -> None:
    dice = Random(size)
    runs = refused = 0
    for _ in range(amount(150, 20_000)):
        nodes, file = (
            random_graph(dice, size),
            unlike(random_graph(dice, dice.choice((2, size))), dice.choice((0, 0, 1, size))),
        )
        for moment in range(check(nodes, nodes, -1)):
            moments = check(nodes, file, moment)
            runs += 1
            refused += not moments
    figure("runs", runs)
    assert runs > 400
    assert runs > 2 * refused > 0
