"""Alike: steps that stand in the same place of a graph and stand alike, drawn as one where there are many.

Two steps are alike where they do the same, and what they need is alike, and what needs them is. So fifty chains of
three become one chain of three stacks; one that failed stands beside the stack of those that did not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from flowrun.pictures.drawing import Drawing, Edge, Node, Part, layers
from flowrun.pictures.state import State
from flowrun.span import Span

MOST = 60
"""So many nodes of a part are all drawn; where there are more, those that are alike become one."""

MANY = 160
"""Where so many are left, all of a layer become one, but for the longest path."""

_NAMED = 3


def folded(drawing: Drawing, most: int = MOST, many: int = MANY) -> Drawing:
    """The drawing with no more to see than one can take in: at most `many` nodes that no layer holds together."""
    parts = (part if len(part.nodes) <= most else _folded(part, most, many) for part in drawing.parts)
    return replace(drawing, parts=tuple(parts))


def _folded(part: Part, most: int, many: int) -> Part:
    """By what they do and their place; if that is not enough by their kind and place; then by their layer."""
    made = part
    for sameness in (_doing, _kind):
        made = _joined(part, classes(part, sameness))
        if len(made.nodes) <= most:
            return made
    return made if len(made.nodes) <= many else _reduced(_joined(part, *_by_layer(part)))


def _doing(node: Node) -> Hashable:
    return (node.what, node.several, node.undoes != "", node.runs)


def _kind(node: Node) -> Hashable:
    return (node.several, bool(node.runs))


def _by_layer(part: Part) -> tuple[Sequence[Hashable], Mapping[str, str]]:
    """For each node its class, and what those are called that become one."""
    called = {node.id: f"layer {depth}" for depth, layer in enumerate(layers(part), 1) for node in layer}
    return [node.id if node.longest else called[node.id] for node in part.nodes], called


def _reduced(part: Part) -> Part:
    """Without the edges that follow from others; every node is a bit."""
    needs: dict[str, list[str]] = {}
    for edge in part.edges:
        needs.setdefault(edge.after, []).append(edge.before)
    above: dict[str, int] = {}
    for place, node in enumerate(node for layer in layers(part) for node in layer):
        above[node.id] = 1 << place
        for before in needs.get(node.id, ()):
            above[node.id] |= above[before]
    own = {name: bits.bit_length() - 1 for name, bits in above.items()}
    kept = []
    for edge in part.edges:
        others = (other for other in needs[edge.after] if other != edge.before)
        if not any(above[other] >> own[edge.before] & 1 for other in others):
            kept.append(edge)
    return replace(part, edges=tuple(kept))


def classes(part: Part, sameness: Callable[[Node], Hashable]) -> Sequence[int]:
    """For each node the number of its class. Nodes of one class are the same depth from where they begin."""
    above: dict[str, list[str]] = {node.id: [] for node in part.nodes}
    below: dict[str, list[str]] = {node.id: [] for node in part.nodes}
    for edge in part.edges:
        above[edge.after].append(edge.before)
        below[edge.before].append(edge.after)
    alike = [sameness(node) for node in part.nodes]
    down = _numbered(part.nodes, alike, above)
    up = _numbered(tuple(reversed(part.nodes)), alike[::-1], below)
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault((down[node.id], up[node.id]), len(numbers)) for node in part.nodes]


def _numbered(
    nodes: Iterable[Node], alike: Iterable[Hashable], neighbours: Mapping[str, Iterable[str]]
) -> Mapping[str, int]:
    """A number for each node, equal where they are the same and their neighbours, numbered before, are."""
    numbers: dict[Hashable, int] = {}
    found: dict[str, int] = {}
    for node, same in zip(nodes, alike, strict=True):
        near = frozenset(found[other] for other in neighbours[node.id])
        found[node.id] = numbers.setdefault((same, near), len(numbers))
    return found


def _joined(part: Part, numbers: Sequence[Hashable], called: Mapping[str, str] = MappingProxyType({})) -> Part:
    groups: dict[Hashable, list[Node]] = {}
    group_of: dict[str, list[Node]] = {}
    for node, number in zip(part.nodes, numbers, strict=True):
        group = groups.setdefault((number, node.state), [])
        group.append(node)
        group_of[node.id] = group
    edges: dict[tuple[str, str], Edge] = {}
    for edge in part.edges:
        ends = group_of[edge.before][0].id, group_of[edge.after][0].id
        known = edges.get(ends, Edge(*ends, optional=True))
        edges[ends] = replace(known, optional=known.optional and edge.optional, longest=known.longest or edge.longest)
    return replace(part, nodes=tuple(_one(group, called) for group in groups.values()), edges=tuple(edges.values()))


def _one(nodes: Sequence[Node], called: Mapping[str, str]) -> Node:
    """The node that stands for these; it takes as long as the one that takes longest."""
    if len(nodes) == 1:
        return nodes[0]
    first = nodes[0]
    whats = list(dict.fromkeys(node.what for node in nodes))
    took = [node.took for node in nodes if node.took is not None]
    names = tuple(node.id for node in nodes)
    named = f": {', '.join(names[:_NAMED])}{' …' if len(names) > _NAMED else ''}" if first.state is State.FAILED else ""
    return replace(
        first,
        what=whats[0] if len(whats) == 1 else f"{whats[0]} and {len(whats) - 1} other{'s' if len(whats) > 2 else ''}",  # noqa: PLR2004 - more than one other
        notes=(f"{len(nodes)} steps{named}",),
        took=Span(max(took)) if took else None,
        longest=any(node.longest for node in nodes),
        told="\n".join(" ".join(part for part in (node.id, node.stand) if part) for node in nodes),
        stands_for=names,
        called=called.get(first.id, ""),
    )
