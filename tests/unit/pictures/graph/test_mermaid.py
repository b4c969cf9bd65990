"""Mermaid draws an error where a text has more than 50,000 characters or 500 edges."""

from __future__ import annotations

from flowrun.pictures.drawing import Drawing, Edge, Node, Part
from flowrun.pictures.graph.mermaid import render
from flowrun.pictures.state import State


def chain(size: int) -> Drawing:
    nodes = tuple(Node(f"s{at}", f"Release{at}") for at in range(size))
    edges = tuple(Edge(f"s{at - 1}", f"s{at}") for at in range(1, size))
    return Drawing("large", (Part(nodes, edges),))


def test_what_fits_is_whole() -> None:
    picture = render(chain(400))
    assert picture.count("-->") == 399
    assert "more steps" not in picture


def test_what_does_not_is_cut_and_says_so() -> None:
    for size in (502, 503, 3000):
        picture = render(chain(size))
        assert len(picture) <= 50_000
        assert picture.count("-->") <= 500
        shown = picture.count('["s')
        assert f"… and {size - shown} more steps" in picture


def test_a_long_text_is_cut_too() -> None:
    nodes = tuple(Node(f"s{at}", "x" * 150, state=State.FAILED) for at in range(400))
    picture = render(Drawing("long", (Part(nodes),)))
    assert 40_000 < len(picture) <= 50_000
    shown = picture.count('["s')
    assert f"… and {400 - shown} more steps" in picture


def test_what_fits_exactly_is_not_cut() -> None:
    assert "more steps" not in render(chain(501))
    assert "more steps" in render(chain(502))
