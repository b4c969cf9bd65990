from __future__ import annotations

from graphlib import CycleError
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.spec.order import MOST_CYCLES, Ancestry, cycles, in_order


def graphs() -> st.SearchStrategy[dict[str, list[str]]]:
    names = st.sampled_from("abcdefgh")
    return st.dictionaries(names, st.lists(names, max_size=4))


def test_needs_come_first_and_strangers_are_left_out() -> None:
    assert in_order({"c": ["b", "nobody"], "b": ["a"], "a": []}) == ("a", "b", "c")
    with pytest.raises(CycleError):
        in_order({"a": ["b"], "b": ["a"]})


def test_a_cycle_is_a_path_that_begins_with_its_first_step() -> None:
    assert cycles({"start": [], "a": ["start", "c"], "b": ["a"], "c": ["b"]}) == (("a", "c", "b", "a"),)


def test_every_knot_is_found_and_a_step_that_needs_itself_is_none() -> None:
    found = cycles({"a": ["b"], "b": ["a"], "x": ["y", "x"], "y": ["x"]})
    assert found == (("a", "b", "a"), ("x", "y", "x"))


def test_the_number_of_cycles_is_limited() -> None:
    pairs = {f"{name}{at}": [f"{other}{at}"] for at in range(50) for name, other in (("a", "b"), ("b", "a"))}
    assert len(cycles(pairs)) == MOST_CYCLES


def test_a_long_chain_is_no_trouble() -> None:
    chain = {str(at): [str(at - 1)] for at in range(10_000)}
    ancestry = Ancestry(chain)
    assert ancestry.precedes("0", "9999")
    assert not ancestry.precedes("9999", "0")


@given(graphs())
def test_cycles_are_found_where_there_are_any_and_every_edge_is_real(needs: dict[str, list[str]]) -> None:
    without_self = {step: [need for need in before if need != step] for step, before in needs.items()}
    found = cycles(needs)
    for ring in found:
        assert ring[0] == ring[-1]
        assert all(need in needs[step] for step, need in pairwise(ring))
    try:
        order = in_order(without_self)
    except CycleError:
        assert found
    else:
        assert not found
        assert sorted(order) == sorted(needs)


@given(graphs())
def test_ancestry_is_reachability(needs: dict[str, list[str]]) -> None:
    acyclic = {step: [need for need in before if need < step] for step, before in needs.items()}
    ancestry = Ancestry(acyclic)

    def reached(step: str) -> set[str]:
        above = {need for need in acyclic[step] if need in acyclic}
        return above | {name for need in above for name in reached(need)}

    for step, before in acyclic.items():
        assert {other for other in acyclic if ancestry.precedes(other, step)} == reached(step)
        direct = [need for need in dict.fromkeys(before) if need in acyclic]
        through = {name for need in direct for name in reached(need)}
        assert ancestry.latest(direct) == [need for need in direct if need not in through]
        assert ancestry.behind([step]) == {other for other in acyclic if step in reached(other)}
    assert ancestry.behind(acyclic) == {step for step in acyclic if reached(step)}
