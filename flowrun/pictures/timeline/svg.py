"""SVG: a row for each step, a lane for each leg, over one axis; it grows downwards."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.pictures.chart import Bar, Chart, Row, in_turn
from flowrun.pictures.paper import MARGIN, SMALL, Paper, letters, line, number
from flowrun.pictures.state import LIGHT, State
from flowrun.pictures.words import BOLD, escaped, fitted, width
from flowrun.span import Span

BARS = 620.0
"""The width of the whole time."""

_ROW = 20.0
_LANE = 6.0
_HIGHEST = 56.0
_NAME, _SAID = 240.0, 300.0
_SIZE = 12.0
_AGAIN = 40
"""After so many rows the axis is drawn again."""

_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_MOST_TICKS = 8
_THIN = (State.WAITING, State.PENDING)


def render(chart: Chart, *, headed: bool = True) -> str:
    """The picture. `headed`: its title and words are written on it, and not only there for who cannot see it."""
    rows = in_turn(chart)
    name = min(_NAME, max([60.0, *(width(row.name, _SIZE) * BOLD + 14 for row in rows)]))
    said = min(_SAID, max([40.0, *(width(row.stand, SMALL) for row in rows)]))
    left = MARGIN + name + 10
    paper = Paper("timeline", chart.title, chart.words, name + BARS + said + 24, headed=headed)
    ticks = list(_ticks(chart))
    for place, row in enumerate(rows):
        if place % _AGAIN == 0:
            _axis(paper, ticks, left)
            _grid(paper, rows[place : place + _AGAIN], ticks, left)
        paper.add(*_row(row, chart, paper.y, left, name, said))
        paper.y += _height(row)
    if not rows:
        _axis(paper, ticks, left)
    paper.y += 8
    paper.remarks(_remarks(chart))
    return paper.finished()


def _height(row: Row) -> float:
    return max(_ROW, min(_HIGHEST, len(row.lanes) * _LANE) + 8)


def _axis(paper: Paper, ticks: list[tuple[float, str]], left: float) -> None:
    for at, words in ticks:
        paper.write(left + at * BARS - width(words, 10) / 2, paper.y + 14, words, size=10, faint=True)
    paper.y += 20


def _grid(paper: Paper, rows: list[Row], ticks: list[tuple[float, str]], left: float) -> None:
    high = number(sum(map(_height, rows)))
    paper.add(line("".join(f"M{number(left + at * BARS)} {number(paper.y)}v{high}" for at, _ in ticks), thick=0.4))


def _row(row: Row, chart: Chart, y: float, left: float, name: float, said: float) -> Iterator[str]:
    height = _height(row)
    middle = y + height / 2
    kind = "faint" if row.begin is None else "ink"
    told = "\n".join(part for part in (row.name, row.stand, row.told) if part)
    yield f"<g><title>{escaped(told)}</title>"
    if row.longest:
        yield line(f"M{number(MARGIN + 2)} {number(y + 3)}v{number(height - 6)}", kind="ink", thick=3)
    text = fitted(row.name, _SIZE * BOLD if row.longest else _SIZE, name - 10)
    yield letters(MARGIN + 10, middle + 4, text, size=_SIZE, bold=row.longest, kind=kind)
    yield from _bars(row, chart.length, y + 4, height - 8, left)
    yield letters(left + BARS + 14, middle + 4, fitted(row.stand, SMALL, said + 4), size=SMALL, kind=kind)
    yield "</g>"


def _bars(row: Row, length: float, top: float, height: float, left: float) -> Iterator[str]:
    """A path for each state: thin where it waits, thick where it works."""
    paths: dict[State, list[str]] = {}
    apart = height / max(1, len(row.lanes))
    for place, lane in enumerate(row.lanes):
        y = number(top + apart * (place + 0.5))
        for bar in lane:
            x, long = _stretch(bar, length)
            paths.setdefault(bar.state, []).append(f"M{number(left + x)} {y}h{number(long)}")
    thick = apart if len(row.lanes) < 3 else max(0.7, apart - 0.5)  # noqa: PLR2004 - lanes that need a gap between them
    for state, path in paths.items():
        kind, color = state.name_of_class, LIGHT.states[state].line
        wide = max(0.7, thick / 4) if state in _THIN else thick
        look = f'fill="none" stroke="{color}" stroke-width="{wide:.2f}"'
        yield f'<path class="fr-{kind}-line" d="{"".join(path)}" {look}/>'


def _stretch(bar: Bar, length: float) -> tuple[float, float]:
    """Where it begins and how wide it is; what took no time at all can be seen too."""
    begin = min(bar.begin / length, 1.0) * BARS if length else 0.0
    end = min(bar.end / length, 1.0) * BARS if length else BARS
    wide = max(1.5, end - begin)
    return min(begin, BARS - wide), wide


def _ticks(chart: Chart) -> Iterator[tuple[float, str]]:
    """Shares of the whole, and what stands at them."""
    if chart.length <= 0:
        yield 0.0, "0"
        return
    step = next((step for step in _STEPS if chart.length / step <= _MOST_TICKS), 0.0)
    step = step or 86400.0 * (int(chart.length / 86400.0 / _MOST_TICKS) + 1)
    for place in range(int(chart.length / step) + 1):
        at = place * step
        yield at / chart.length, f"{at:g}" if chart.counted else _said(at)


def _said(at: float) -> str:
    """`4m`, `1h30m`, `0.2s`: as a Span says it, without what is nothing."""
    if not at:
        return "0"
    words = str(Span(at))
    for nothing in ("00s", "00m", "00h"):
        words = words.removesuffix(nothing)
    return words.replace(".0s", "s")


def _remarks(chart: Chart) -> Iterator[str]:
    states = {bar.state for row in chart.rows for lane in row.lanes for bar in lane}
    marks = [
        ("a bar at the name: the longest path", any(row.longest for row in chart.rows)),
        ("thin: waits, for a slot or in Orchestrator's queue", bool(states & set(_THIN))),
        ("a line for each leg", any(len(row.lanes) > 1 for row in chart.rows)),
        (f"from {chart.began}", bool(chart.began)),
    ]
    if words := [words for words, there in marks if there]:
        yield "; ".join(words)
