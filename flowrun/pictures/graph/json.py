"""JSON: what is drawn, as data; in the words of `drawing`. What is not said is left out."""

from __future__ import annotations

import json
from typing import Any

from flowrun.pictures.drawing import Drawing, Edge, Node, Part

SCHEMA = "flowrun.graph/v1"


def render(drawing: Drawing) -> str:
    """The whole, with each node on its own."""
    return json.dumps(document(drawing), indent=2, ensure_ascii=False) + "\n"


def document(drawing: Drawing) -> dict[str, Any]:
    """The whole as a plain value. `seconds` is how long a step took, or usually takes where it is foreseen."""
    return {
        "schema": SCHEMA,
        "title": drawing.title,
        "state": drawing.state.value,
        "words": drawing.words,
        "parts": [_part(part) for part in drawing.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    shown = {"file": part.file, "stage": part.stage or ("" if part.file else "steps"), "title": part.title}
    named = {name: value for name, value in shown.items() if value}
    return {**named, "nodes": [_node(node) for node in part.nodes], "edges": [_edge(edge) for edge in part.edges]}


def _node(node: Node) -> dict[str, Any]:
    shown = {
        "what": node.what,
        "notes": list(node.notes),
        "seconds": None if node.took is None else round(float(node.took), 3),
        "several": node.several,
        "longest": node.longest,
        "undoes": node.undoes,
        "runs": node.runs,
    }
    return {"id": node.id, "state": node.state.value, **{name: value for name, value in shown.items() if value}}


def _edge(edge: Edge) -> dict[str, Any]:
    return {"before": edge.before, "after": edge.after, **({"optional": True} if edge.optional else {})}
