"""The ways to draw a Drawing. Each is a pure function from Drawing to text, and this is the whole list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from flowrun.pictures.drawing import Drawing
from flowrun.pictures.graph import dot, json, mermaid, svg, text

Form: TypeAlias = Callable[[Drawing], str]

FORMS: Mapping[str, Form] = {
    "text": text.render,
    "mermaid": mermaid.render,
    "dot": dot.render,
    "svg": svg.render,
    "json": json.render,
}

CROWDED = ("svg", "mermaid")
"""Those that are looked at whole, and so show what is alike as one where there is much (`alike.folded`)."""
