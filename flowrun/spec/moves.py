"""Moves: in which order the entries of a map come out, and that nothing but their order has changed."""

from __future__ import annotations

from typing import Any

from flowrun.core.plan import Json
from flowrun.spec.arrangement import Inside, Shape, inside_of, ranks
from flowrun.spec.layout import Node


def order(node: Node, shape: Shape | None) -> list[int]:
    """The entries of a map by their places in it, in the order of its shape; in its own where there is none.

    An alias stays behind its anchor: where the order of the shape would part them, the map keeps its own.
    """
    places = list(range(len(node.entries)))
    if shape is None:
        return places
    wanted = ranks([key.value for key, _ in node.entries], shape)
    moved = sorted(places, key=wanted.__getitem__)
    return places if moved != places and _parts(node, moved) else moved


def _parts(node: Node, moved: list[int]) -> bool:
    """Whether an order brings an alias before its anchor, or two anchors of one name out of their order."""
    anchors: list[set[str]] = []
    named: list[set[str]] = []
    for key, value in node.entries:
        inside = [*key.every(), *value.every()]
        anchors.append({one.anchor for one in inside if one.anchor is not None})
        named.append(anchors[-1] | {one.value for one in inside if one.kind == "alias"})
    for place, later in enumerate(moved):
        for earlier in moved[:place]:
            swapped = earlier > later
            if swapped and (anchors[earlier] & named[later] or named[earlier] & anchors[later]):
                return True
    return False


def frozen(data: Json, inside: Inside) -> Any:
    """The data of a file in a form that is equal for two texts that mean the same.

    Types count, and so does the order of every map but those that have an order of their own.
    """
    if isinstance(data, dict):
        shape, named = inside or (None, False)
        entries = [(key, frozen(value, inside_of(inside, key))) for key, value in data.items()]
        return ("map", *(entries if shape is None or named else sorted(entries, key=lambda entry: entry[0])))
    if isinstance(data, list):
        return ("list", *(frozen(item, inside and (inside[0], False)) for item in data))
    return type(data).__name__, data
