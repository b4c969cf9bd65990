"""Whatever the graph: every node once, no box on another, every edge downwards and through no box."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.pictures.drawing import Edge, Node, Part, layers
from flowrun.pictures.layout import PAGE, Box, Layout, layout


@st.composite
def parts(draw: st.DrawFn) -> Part:
    """Any graph of up to 40 steps, with the names and words of any length."""
    count = draw(st.integers(1, 40))
    reach = draw(st.integers(1, 40))
    words = st.text("abcMW漢 ", max_size=30)
    nodes = tuple(Node(f"s{at}", draw(words), tuple(draw(st.lists(words, max_size=2)))) for at in range(count))
    edges = []
    for at in range(1, count):
        needs = draw(st.sets(st.integers(max(0, at - reach), at - 1), max_size=3))
        edges += [Edge(f"s{need}", f"s{at}") for need in sorted(needs)]
    return Part(nodes, tuple(edges))


def wide(count: int) -> Part:
    nodes = [Node("one"), *(Node(f"s{at}") for at in range(count)), Node("all")]
    edges = [*(Edge("one", f"s{at}") for at in range(count)), *(Edge(f"s{at}", "all") for at in range(count))]
    return Part(tuple(nodes), tuple(edges))


def sound(part: Part, made: Layout) -> None:
    """Raises AssertionError where the picture would lie or be illegible."""
    assert [box.node for box in made.boxes] == list(part.nodes)
    assert [route.edge for route in made.routes] == list(part.edges)
    boxes = {box.node.id: box for box in made.boxes}
    for one in made.boxes:
        assert one.x >= -0.01
        assert one.x + one.width <= made.width + 0.01
        assert one.y + one.height <= made.height + 0.01
    rows: dict[float, list[Box]] = {}
    for box in made.boxes:
        rows.setdefault(box.y, []).append(box)
    ordered = [sorted(rows[top], key=lambda box: box.x) for top in sorted(rows)]
    for row in ordered:
        assert all(right.x - left.x - left.width > 10 for left, right in pairwise(row))
    for upper, lower in pairwise(ordered):
        assert max(box.y + box.height for box in upper) + 20 < lower[0].y
    for route in made.routes:
        before, after = boxes[route.edge.before], boxes[route.edge.after]
        assert before.y + before.height < after.y
        points = route.points
        assert points[0][1] == before.y + before.height
        assert points[-1][1] == after.y
        assert before.x < points[0][0] < before.x + before.width
        assert after.x < points[-1][0] < after.x + after.width
        assert all(down > up for (_, up), (_, down) in pairwise(points))
        for (x, up), (_, down) in zip(points[1:-1:2], points[2:-1:2], strict=True):
            passed = [box for box in made.boxes if up <= box.y and box.y + box.height <= down]
            assert passed
            assert not [box for box in passed if box.x < x < box.x + box.width]


@given(parts())
def test_no_box_on_another_and_every_edge_downwards(part: Part) -> None:
    sound(part, layout(part))


@pytest.mark.parametrize("count", [10, 100, 500])
def test_a_wide_layer_goes_on_below_itself(count: int) -> None:
    part = wide(count)
    made = layout(part)
    sound(part, made)
    assert max(box.x + box.width for box in made.boxes) - min(box.x for box in made.boxes) <= PAGE
    assert made.width <= PAGE + 120


def test_the_same_picture_each_time() -> None:
    assert layout(wide(30)) == layout(wide(30))


def test_a_chain_stands_straight() -> None:
    part = Part(tuple(Node(f"s{at}") for at in range(5)), tuple(Edge(f"s{at}", f"s{at + 1}") for at in range(4)))
    assert {box.x for box in layout(part).boxes} == {0.0}


def test_nothing_has_no_size() -> None:
    assert layout(Part(())) == Layout((), (), 0.0, 0.0)


@given(parts())
def test_layers_hold_everything_once_below_what_it_needs(part: Part) -> None:
    made = layers(part)
    depth = {node.id: at for at, layer in enumerate(made) for node in layer}
    assert sorted(depth) == sorted(node.id for node in part.nodes)
    needs = {node.id: [edge.before for edge in part.edges if edge.after == node.id] for node in part.nodes}
    assert all(depth[name] == 1 + max((depth[one] for one in before), default=-1) for name, before in needs.items())
