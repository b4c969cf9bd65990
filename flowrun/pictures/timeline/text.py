"""Text: a line for each step, with its bar in block characters."""

from __future__ import annotations

from flowrun.pictures.chart import Chart, Row, in_turn
from flowrun.pictures.state import State
from flowrun.span import Span

WIDTH = 50
_LONGEST_NAME = 32


def render(chart: Chart) -> str:
    """The title, the bars, what there is to say about the whole."""
    names = {row.id: _name(row) for row in chart.rows}
    width = max(map(len, names.values()), default=0)
    lines = [chart.title, *([f"  from {chart.began}"] if chart.began else [])]
    bars = ((row, _bar(row, chart.length)) for row in in_turn(chart))
    lines += [f"  {names[row.id]:<{width}}  {bar}  {row.stand}".rstrip() for row, bar in bars]
    end = f"{chart.length:g} steps" if chart.counted else str(Span(chart.length))
    lines.append(f"  {'':<{width}}  0{end:>{WIDTH - 1}}")
    if chart.words:
        lines += ["", chart.words]
    return "\n".join(lines) + "\n"


def _name(row: Row) -> str:
    name = row.name if len(row.name) <= _LONGEST_NAME else f"{row.name[: _LONGEST_NAME - 1]}…"
    return f"{'*' if row.longest else ' '} {name}"


def _bar(row: Row, length: float) -> str:
    """What shows most wins a cell: work before waiting."""
    cells = [" "] * WIDTH
    for lane in row.lanes:
        for bar in lane:
            first = min(WIDTH - 1, int(bar.begin / length * WIDTH)) if length else 0
            last = min(WIDTH - 1, max(first, int(bar.end / length * WIDTH - 0.001))) if length else WIDTH - 1
            sign = {State.WAITING: "·", State.PENDING: "░"}.get(bar.state, "█")
            for place in range(first, last + 1):
                cells[place] = max(cells[place], sign, key=" ·░█".index)
    return "".join(cells)
