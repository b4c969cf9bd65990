"""SVG: boxes in layers, one part below the other, in one file with nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.pictures.drawing import Drawing, Part
from flowrun.pictures.layout import LINE, PAGE, TITLE, Box, Layout, Point, Route, layout
from flowrun.pictures.paper import MARGIN, Paper, letters, line, number
from flowrun.pictures.state import LIGHT, State
from flowrun.pictures.words import BOLD, escaped, fitted, width

_APART = 34.0
_LEAST = 420.0
_DASHED = (State.SKIPPED, State.WAITING, State.CANCELLED)


def render(drawing: Drawing, *, headed: bool = True) -> str:
    """The picture. `headed`: its title and words are written on it, and not only there for who cannot see it."""
    made = [(part, layout(part)) for part in drawing.parts if part.nodes]
    room = max(
        [_LEAST if headed else 0.0, *(one.width for _, one in made), *(min(_heading(part), PAGE) for part, _ in made)]
    )
    paper = Paper("graph", drawing.title, drawing.words, room, headed=headed)
    for part, one in made:
        _part(paper, part, one, room)
    paper.remarks(_remarks(drawing))
    return paper.finished()


def _heading(part: Part) -> float:
    return width(part.heading, TITLE) * 1.06


def _part(paper: Paper, part: Part, made: Layout, room: float) -> None:
    if part.heading:
        paper.write(MARGIN, paper.y + TITLE, fitted(part.heading, TITLE * BOLD, room), size=TITLE, bold=True)
        paper.add(line(f"M{number(MARGIN)} {number(paper.y + TITLE + 6)}h{number(room)}", thick=0.7))
        paper.y += TITLE + 18
    paper.add(f'<g transform="translate({number(MARGIN + (room - made.width) / 2)} {number(paper.y)})">')
    for route in sorted(made.routes, key=lambda route: route.edge.longest):
        paper.add(*_edge(route))
    for box in made.boxes:
        paper.add(*_box(box))
    paper.add("</g>")
    paper.y += made.height + _APART


def _edge(route: Route) -> Iterator[str]:
    edge = route.edge
    kind, thick = ("ink", 2.4) if edge.longest else ("line", 1.1)
    words = f"{edge.after} needs {edge.before}{', if that had anything to do' if edge.optional else ''}"
    yield f"<g><title>{escaped(words)}</title>"
    yield line(_way(route.points), kind=kind, thick=thick, dashes="5 4" if edge.optional else "")
    x, y = route.points[-1]
    fill = LIGHT.ink if edge.longest else LIGHT.line
    yield f'<path class="fr-{kind}-fill" d="M{number(x)} {number(y)}l-3.5 -7h7z" fill="{fill}"/></g>'


def _way(points: tuple[Point, ...]) -> str:
    """Curves that leave and arrive straight down; between them straight lines, where boxes are passed."""
    x, y = points[0]
    way = [f"M{number(x)} {number(y)}"]
    for place, (right, down) in enumerate(points[1:]):
        if place % 2:
            way.append(f"V{number(down)}")
        else:
            half = number((y + down) / 2)
            way.append(f"C{number(x)} {half} {number(right)} {half} {number(right)} {number(down)}")
        x, y = right, down
    return "".join(way)


def _box(box: Box) -> Iterator[str]:
    node, kind, colors = box.node, box.node.state.name_of_class, LIGHT.states[box.node.state]
    thick = "2.6" if node.longest else "1.2"
    dashes = ' stroke-dasharray="4 3"' if node.state in _DASHED else ""
    told = "\n".join(part for part in (node.name, *box.lines, node.told) if part)
    yield f"<g><title>{escaped(told)}</title>"
    frame = f'width="{number(box.width)}" rx="5" fill="{colors.fill}" stroke="{colors.line}"'
    behind = 2 if len(node.stands_for) > 1 else int(node.several)
    for place in range(behind, -1, -1):
        at = f'x="{number(box.x + 4 * place)}" y="{number(box.y + 4 * place)}"'
        yield (
            f'<rect class="fr-{kind}" {at} height="{number(box.height)}" {frame} '
            f'stroke-width="{thick if not place else "1"}"{dashes}/>'
        )
    left, room, y = box.x + 9, box.width - 16, box.y + 9 + TITLE - 2
    yield letters(left, y, fitted(node.name, TITLE * BOLD, room), size=TITLE, bold=True, kind=kind)
    for words in box.lines:
        y += LINE + 4
        yield letters(
            left,
            y,
            fitted(words, LINE, room),
            size=LINE,
            bold=words == node.stand and node.state is not State.FORESEEN,
            kind=kind,
        )
    yield "</g>"


def _remarks(drawing: Drawing) -> Iterator[str]:
    nodes = [node for part in drawing.parts for node in part.nodes]
    marks = [
        ("thick: the longest path", any(node.longest for node in nodes)),
        ("a sheet behind: a step with legs", any(node.several for node in nodes)),
        ("two sheets behind: steps that are drawn as one", any(node.stands_for for node in nodes)),
        ("dashed line: an optional need", any(edge.optional for part in drawing.parts for edge in part.edges)),
    ]
    if words := [words for words, there in marks if there]:
        yield "; ".join(words)
