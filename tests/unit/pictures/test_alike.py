"""Folding hides no step, no failure and no need; it keeps the layers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowrun.pictures.alike import folded
from flowrun.pictures.drawing import Drawing, Edge, Node, Part, layers
from flowrun.pictures.state import State
from flowrun.span import Span


def chains(count: int, failed: frozenset[int] = frozenset()) -> Drawing:
    """As many chains of three between a first and a last step."""
    nodes, edges = [Node("first", "First")], []
    for at in range(count):
        state = State.FAILED if at in failed else State.SUCCEEDED
        nodes += [
            Node(f"get_{at}", "Get", state=State.SUCCEEDED, took=Span(at)),
            Node(f"post_{at}", "Post", state=state),
        ]
        edges += [Edge("first", f"get_{at}"), Edge(f"get_{at}", f"post_{at}"), Edge(f"post_{at}", "last")]
    return Drawing("chains", (Part((*nodes, Node("last", "Last")), tuple(edges)),))


def test_what_is_small_is_left_alone() -> None:
    assert folded(chains(10)) == chains(10)


def test_many_chains_become_one() -> None:
    (part,) = folded(chains(50)).parts
    assert [node.name for node in part.nodes] == ["first", "get_0 … 49", "post_0 … 49", "last"]
    assert [(edge.before, edge.after) for edge in part.edges] == [
        ("first", "get_0"),
        ("get_0", "post_0"),
        ("post_0", "last"),
    ]
    assert part.nodes[1].notes == ("50 steps",)
    assert part.nodes[1].took == Span(49)


def test_those_that_failed_stand_beside_those_that_did_not() -> None:
    (part,) = folded(chains(50, frozenset({7, 31, 32, 33}))).parts
    stands = {node.name: (node.state, node.notes) for node in part.nodes}
    assert stands["post_7 … 33"] == (State.FAILED, ("4 steps: post_7, post_31, post_32 …",))
    assert stands["post_0 … 49"] == (State.SUCCEEDED, ("46 steps",))


def test_where_nothing_is_alike_a_layer_becomes_one_but_for_the_longest_path() -> None:
    count = 400
    nodes = [Node(f"s{at}", f"Release{at}", several=bool(at * at % 7 % 2), longest=at % 20 == 0) for at in range(count)]
    edges = [
        Edge(f"s{before}", f"s{at}")
        for at in range(20, count)
        for before in {at - 20, (at // 20 - 1) * 20 + at * at % 13}
    ]
    (part,) = folded(Drawing("wild", (Part(tuple(nodes), tuple(edges)),))).parts
    assert [node.name for node in part.nodes if node.longest] == [f"s{at}" for at in range(0, count, 20)]
    assert [node.name for node in part.nodes if not node.longest] == [f"layer {depth}" for depth in range(1, 21)]


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    count = draw(st.integers(1, 30))
    states = st.sampled_from([State.SUCCEEDED, State.FAILED, State.SKIPPED])
    nodes = tuple(Node(f"s{at}", draw(st.sampled_from("ab")), state=draw(states)) for at in range(count))
    edges = tuple(
        Edge(f"s{need}", f"s{at}")
        for at in range(1, count)
        for need in sorted(draw(st.sets(st.integers(0, at - 1), max_size=2)))
    )
    return Drawing("any", (Part(nodes, edges),))


@given(drawings())
def test_nothing_is_lost(drawing: Drawing) -> None:
    before, after = drawing.parts[0], folded(drawing, most=0).parts[0]
    groups = [node.stands_for or (node.id,) for node in after.nodes]
    assert sorted(name for group in groups for name in group) == sorted(node.id for node in before.nodes)
    home = {name: group[0] for group in groups for name in group}
    assert {(home[edge.before], home[edge.after]) for edge in before.edges} == {
        (edge.before, edge.after) for edge in after.edges
    }
    states = {node.id: node.state for node in before.nodes}
    assert all(states[name] is node.state for node in after.nodes for name in node.stands_for)
    depth = {node.id: at for at, layer in enumerate(layers(before)) for node in layer}
    assert all(len({depth[name] for name in group}) == 1 for group in groups)
