"""R1 to R8: the core and the oracle agree on every graph that is small enough to be looked at whole."""

from __future__ import annotations

from itertools import combinations_with_replacement, islice, product
from random import Random

import pytest

from tests.conftest import Amount, Figure
from tests.simulation.core.algebra import (
    CONDITIONS,
    FACTS,
    LEVELS,
    MORE_CONDITIONS,
    check_all_aborts,
    check_decision,
    check_fan,
    endings,
    graphs,
    random_graph,
)
from tests.simulation.core.oracle import Fan

pytestmark = pytest.mark.timeout(4 * 3600)


def test_every_decision_about_a_step_with_up_to_two_needs(amount: Amount, figure: Figure) -> None:
    """What its needs came to, its `if`, the abort and its place are all that a decision turns on."""
    kinds = list(product(FACTS, (False, True)))
    pairs = [(), *((kind,) for kind in kinds), *combinations_with_replacement(kinds, 2)]
    cases = product(pairs, MORE_CONDITIONS, ("", *LEVELS), ((False, False), (True, False), (True, True)))
    count = 0
    for facts, words, abort, (last, lost) in list(cases)[:: amount(11, 1)]:
        check_decision(facts, words, abort, last=last, lost=lost)
        count += 1
    figure("decisions", count)
    assert count > 3_000


@pytest.mark.parametrize("size", [1, 2])
def test_graphs_of_one_and_two_steps_with_every_abort(size: int, amount: Amount, figure: Figure) -> None:
    words = (CONDITIONS, MORE_CONDITIONS)[amount(0, 1)]
    ways = (("succeeded", "failed"), ("succeeded", "failed", "failed!", "empty"))[amount(0, 1)]
    every = (nodes for graph in graphs(size, words) for nodes in endings(graph, ways))
    count = sum(check_all_aborts(nodes) for nodes in islice(every, 0, None, amount((1, 7)[size - 1], 1)))
    figure("runs", count)
    assert count > (100, 2_000)[size - 1]


@pytest.mark.parametrize("size", [3, 4, 5])
def test_graphs_of_more_steps_with_every_abort(size: int, amount: Amount, figure: Figure) -> None:
    dice = Random(size)
    count = sum(check_all_aborts(random_graph(dice, size)) for _ in range(amount(60, 200_000)))
    figure("runs", count)
    assert count > 400


def test_every_graph_of_three_steps(amount: Amount, figure: Figure) -> None:
    """By day one of some 2,500: of all edges, conditions, endings, places in `finally` and aborts."""
    count = 0
    for number, graph in enumerate(graphs(3, CONDITIONS)):
        if number % amount(311, 1) == 0:
            for nodes in list(endings(graph, ("succeeded", "failed")))[number % 8 :: amount(8, 1)]:
                count += check_all_aborts(nodes)
    figure("runs", count)
    assert count > 250


def fans(most: int) -> list[Fan]:
    return [
        Fan(ways, tolerate, percent, fail_fast, parallel, on_empty)
        for legs in range(most + 1)
        for ways in product(("succeeded", "failed"), repeat=legs)
        for tolerate, percent in ((0, None), (1, None), (0, 0), (0, 34), (0, 50))
        for fail_fast in (False, True)
        for parallel in ((99, 1) if most < 4 else (99, 1, 2))
        for on_empty in (("succeed", "skip", "fail") if legs == 0 else ("succeed",))
    ]


def test_every_fan_out_of_up_to_three_legs_with_every_abort(amount: Amount, figure: Figure) -> None:
    """By day one of three; in the night all, of up to five legs."""
    count = 0
    for fan in fans(amount(3, 5))[:: amount(3, 1)]:
        moments = check_fan(fan)
        count += 1
        for level, moment in product(LEVELS, range(moments)):
            check_fan(fan, level, moment)
            count += 1
    figure("runs", count)
    assert count > 1_500
