"""Text: layer after layer, a line for each step."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.pictures.drawing import Drawing, Part, layers


def render(drawing: Drawing) -> str:
    """The title, the parts, what there is to say about the whole."""
    lines = [drawing.title]
    for part in drawing.parts:
        if part.title:
            lines += ["", part.title]
        lines += _part(part)
    if drawing.words:
        lines += ["", drawing.words]
    return "\n".join(lines) + "\n"


def _part(part: Part) -> Iterator[str]:
    width = max((len(node.id) for node in part.nodes), default=0)
    needs: dict[str, list[str]] = {}
    for edge in part.edges:
        needs.setdefault(edge.after, []).append(f"{edge.before}{'?' if edge.optional else ''}")
    for number, layer in enumerate(layers(part), 1):
        head = part.stage[:3] if part.stage else f"{number:>3}"
        for node in layer:
            words = [node.what, f"undoes {node.undoes}" if node.undoes else "", *node.notes]
            words += [f"after {', '.join(needs[node.id])}"] if node.id in needs else []
            words.append(node.stand)
            yield f"{head}  {node.id:<{width}}  {' · '.join(filter(None, words))}".rstrip()
            head = "   "
