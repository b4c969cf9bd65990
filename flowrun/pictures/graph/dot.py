"""DOT, for Graphviz: every node, since it lays out what is large by itself."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.pictures.drawing import Drawing, Node, Part
from flowrun.pictures.state import LIGHT, State


def render(drawing: Drawing) -> str:
    """A digraph; each file that is a step is a cluster."""
    lines = ["digraph workflow {", "  rankdir=LR;", "  compound=true;", "  node [shape=box];"]
    lines += [f'  label="{_escaped(drawing.title)}";', "  labelloc=t;"]
    ways = {"": "", **{file: f"f{number}." for number, file in enumerate(drawing.files, 1)}}
    firsts: dict[str, str] = {}
    for file, way in ways.items():
        parts = [part for part in drawing.parts if part.file == file]
        firsts[file] = next((node.id for part in parts for node in part.nodes), "")
        inside = [line for part in parts for line in _part(part, way)]
        if file:
            title = next((part.title for part in parts if part.title), file)
            lines.append(f'  subgraph cluster_{way[:-1]} {{ label="{_escaped(title)}";')
            inside = [*(f"  {line}" for line in inside), "  }"]
        lines += inside
    for part in drawing.parts:
        for node in part.nodes:
            if node.runs in ways and node.runs:
                to = f'"{ways[node.runs]}{_escaped(firsts[node.runs])}"'
                head = f"lhead=cluster_{ways[node.runs][:-1]}"
                lines.append(f'  "{ways[part.file]}{_escaped(node.id)}" -> {to} [style=dashed, {head}];')
    return "\n".join([*lines, "}"]) + "\n"


def _part(part: Part, way: str) -> Iterator[str]:
    for node in part.nodes:
        yield f'  "{way}{_escaped(node.id)}" [{_look(part, node)}];'
    for edge in part.edges:
        looks = (["style=dashed"] if edge.optional else []) + (["penwidth=2.5"] if edge.longest else [])
        look = f" [{', '.join(looks)}]" if looks else ""
        yield f'  "{way}{_escaped(edge.before)}" -> "{way}{_escaped(edge.after)}"{look};'
    for node in part.nodes:
        if node.undoes:
            yield f'  "{way}{_escaped(node.undoes)}" -> "{way}{_escaped(node.id)}" [style=dotted];'


def _look(part: Part, node: Node) -> str:
    words = "\\n".join(_escaped(line) for line in (node.id, node.what, *node.notes, node.stand) if line)
    looks = [f'label="{words}"']
    looks += ["peripheries=2"] if node.several else []
    looks += ["penwidth=2.5"] if node.longest else []
    styles = ["dashed"] if part.stage else []
    if node.state is not State.FORESEEN:
        colors = LIGHT.states[node.state]
        styles.append("filled")
        looks += [f'fillcolor="{colors.fill}"', f'color="{colors.line}"', f'fontcolor="{colors.ink}"']
    looks += [f'style="{",".join(styles)}"'] if styles else []
    return ", ".join(looks)


def _escaped(text: str) -> str:
    return " ".join(text.split("\n")).replace("\\", "\\\\").replace('"', '\\"')
