import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from flowrun.core.plan import Need, Plan, Stage, Step
from flowrun.planner.graph import edges, layers, longest_path


def plan(**needs: str) -> Plan:
    steps = [Step(name, "job", needs=tuple(Need(need) for need in text.split())) for name, text in needs.items()]
    return Plan("p", (*steps, Step("tidy", "job", stage=Stage.FINALLY)))


DIAMOND = plan(a="", b="a", c="a", d="a b c")


def test_layers_hold_what_may_run_side_by_side() -> None:
    assert layers(DIAMOND) == [["a"], ["b", "c"], ["d"]]
    assert layers(DIAMOND, Stage.FINALLY) == [["tidy"]]


def test_edges_leave_out_what_follows_from_others() -> None:
    assert edges(DIAMOND) == [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]


@given(st.lists(st.sets(st.integers(0, 11)), min_size=1, max_size=12))
def test_the_edges_that_are_left_are_the_transitive_reduction(needs: list[set[int]]) -> None:
    steps = [
        Step(f"s{at}", "job", needs=tuple(Need(f"s{one}") for one in before if one < at))
        for at, before in enumerate(needs)
    ]
    graph: nx.DiGraph[str] = nx.DiGraph((need.step, step.id) for step in steps for need in step.needs)
    assert set(edges(Plan("p", tuple(steps)))) == set(nx.transitive_reduction(graph).edges)


def test_the_longest_path_counts_steps() -> None:
    lopsided = plan(a="", b="a", c="b", slow="a", end="c slow")
    assert longest_path(lopsided) == ["a", "b", "c", "end"]


def test_with_seconds_it_is_what_takes_longest_and_not_what_has_most_steps() -> None:
    seconds = {"a": 1.0, "b": 2.0, "c": 9.5, "d": 1.0, "tidy": 99.0}
    assert longest_path(DIAMOND, seconds) == ["a", "c", "d"]
    lopsided = plan(a="", b="a", c="b", slow="a", end="c slow")
    assert longest_path(lopsided, {"slow": 9.5, "b": 2.0}) == ["a", "slow", "end"]


def test_a_plan_without_steps_has_none() -> None:
    assert longest_path(Plan("p", ())) == longest_path(Plan("p", ()), {"a": 1.0}) == []


def test_a_plan_of_one_step_has_a_path() -> None:
    assert longest_path(plan(only="")) == ["only"]
