"""Mermaid, for a README, a pull request, a job summary: a flowchart within Mermaid's limits.

What is larger than it draws is cut, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.pictures.drawing import Drawing, Node, Part
from flowrun.pictures.limits import MERMAID_EDGES, MERMAID_TEXT
from flowrun.pictures.state import LIGHT, State
from flowrun.pictures.words import escaped

_RESERVE = 2000
"""Characters kept for the looks of the states and for what is said of a cut."""

_SPARE = 12
"""Characters of an edge, or of a name in a list, beside names."""


def render(drawing: Drawing) -> str:
    """All of it where that fits, else as much as fits."""
    if sum(len(part.edges) for part in drawing.parts) <= MERMAID_EDGES:
        lines = list(_lines(drawing))
        if _edges(lines) <= MERMAID_EDGES and sum(len(line) + 1 for line in lines) <= MERMAID_TEXT:
            return "\n".join(lines) + "\n"
    return "\n".join(_first(drawing, _room(drawing.parts[0]))) + "\n"


def _lines(drawing: Drawing) -> Iterator[str]:
    yield "flowchart TB"
    names = {"": "s", **{file: f"f{number}" for number, file in enumerate(drawing.files, 1)}}
    for file, name in names.items():
        parts = [part for part in drawing.parts if part.file == file]
        lines = [line for part in parts for line in _part(part, name)]
        if file:
            title = next((part.title for part in parts if part.title), file)
            lines = [f'  subgraph {name}["{_quoted(title)}"]', *(f"  {line}" for line in lines), "  end"]
        yield from lines
    nodes = [(part, node) for part in drawing.parts for node in part.nodes]
    for part, node in nodes:
        at = names[part.file]
        if node.undoes:
            yield f"  {_name(at, node.undoes)} -.-o {_name(at, node.id)}"
        if node.runs in names and node.runs:
            yield f"  {_name(at, node.id)} -.- {names[node.runs]}"
    yield from _looks((names[part.file], node) for part, node in nodes)


def _part(part: Part, at: str) -> Iterator[str]:
    if not part.nodes:
        return
    if part.stage:
        yield f"  subgraph {at}_stage_{part.stage}[{part.stage}]"
    yield from (_box(at, node) for node in part.nodes)
    for edge in part.edges:
        arrow = "-.->" if edge.optional else "==>" if edge.longest else "-->"
        yield f"  {_name(at, edge.before)} {arrow} {_name(at, edge.after)}"
    if part.stage:
        yield "  end"


def _box(at: str, node: Node) -> str:
    left, right = ("[[", "]]") if node.several or node.stands_for else ("[", "]")
    words = "<br/>".join(_quoted(line) for line in (node.name, node.what, *node.notes, node.stand) if line)
    return f'  {_name(at, node.id)}{left}"{words}"{right}'


def _looks(nodes: Iterator[tuple[str, Node]]) -> Iterator[str]:
    """Colours by state; their words are in the boxes."""
    members: dict[State, list[str]] = {}
    for at, node in nodes:
        if node.state is not State.FORESEEN:
            members.setdefault(node.state, []).append(_name(at, node.id))
    for state, names in members.items():
        colors = LIGHT.states[state]
        yield f"  classDef {state.name_of_class} fill:{colors.fill},stroke:{colors.line},color:{colors.ink}"
        yield f"  class {','.join(names)} {state.name_of_class}"


def _room(part: Part) -> int:
    """How many of the first nodes there is room for, with the edges between them and what says how they stand."""
    needs: dict[str, list[str]] = {}
    for edge in part.edges:
        needs.setdefault(edge.after, []).append(edge.before)
    text, edges = MERMAID_TEXT - _RESERVE, MERMAID_EDGES
    for count, node in enumerate(part.nodes):
        before = needs.get(node.id, [])
        text -= (
            len(_box("s", node)) + len(node.id) + 2 * _SPARE + sum(len(one) + len(node.id) + _SPARE for one in before)
        )
        edges -= len(before)
        if text < 0 or edges < 0:
            return count
    return len(part.nodes)


def _first(drawing: Drawing, count: int) -> Iterator[str]:
    part = drawing.parts[0]
    nodes = part.nodes[:count]
    kept = {node.id for node in nodes}
    edges = tuple(edge for edge in part.edges if edge.before in kept and edge.after in kept)
    yield from _lines(Drawing(drawing.title, (Part(nodes, edges),)))
    total = sum(len(node.stands_for) or 1 for one in drawing.parts for node in one.nodes)
    left = total - sum(len(node.stands_for) or 1 for node in nodes)
    yield f'  s_cut_off["… and {left} more steps, which Mermaid has no room for"]'


def _edges(lines: list[str]) -> int:
    return sum(any(arrow in line for arrow in (" --> ", " ==> ", " -.-> ", " -.- ", " -.-o ")) for line in lines)


def _name(at: str, step_id: str) -> str:
    """A node's name for Mermaid, which keeps `end` and some other words to itself."""
    return f"{at}_{step_id.replace('.', '_')}"


def _quoted(text: str) -> str:
    return escaped(" ".join(text.split("\n")).replace("#", "#35;"))
