"""The ways to draw a Chart. Each is a pure function from Chart to text, and this is the whole list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from flowrun.pictures.chart import Chart
from flowrun.pictures.timeline import mermaid, svg, text

Form: TypeAlias = Callable[[Chart], str]

FORMS: Mapping[str, Form] = {"text": text.render, "mermaid": mermaid.render, "svg": svg.render}
CROWDED = ("svg", "mermaid")
"""Those that show what is alike in one row where there is much (`chart.gathered`)."""
