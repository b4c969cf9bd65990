"""Mermaid's gantt, for a job summary. All times are UTC; what is foreseen begins at midnight.

What Mermaid has no room for is left out from the end, and the title says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from flowrun.pictures.chart import Chart, Row, in_turn
from flowrun.pictures.limits import MERMAID_TEXT
from flowrun.pictures.state import State

_MIDNIGHT = "2000-01-01T00:00:00Z"
_TAGS = {
    State.RUNNING: "active, ",
    State.ASKING: "active, ",
    State.FAILED: "crit, ",
    State.UNKNOWN: "crit, ",
    State.LET_THROUGH: "crit, ",
    State.FORESEEN: "",
    State.NEW: "",
    State.CHANGED: "",
}
_RESERVE = 1000


def render(chart: Chart) -> str:
    """A task for each step that began."""
    began = datetime.fromisoformat(chart.began or _MIDNIGHT)
    rows = [row for row in in_turn(chart) if row.begin is not None]
    tasks: list[str] = []
    room = MERMAID_TEXT - _RESERVE
    for row in rows:
        task = _task(row, began, len(tasks))
        room -= len(task) + 1
        if room < 0:
            break
        tasks.append(task)
    cut = f", the first {len(tasks)} of {len(rows)} steps" if len(tasks) < len(rows) else ""
    return "\n".join([*_head(chart, cut), *tasks]) + "\n"


def _head(chart: Chart, cut: str) -> Iterator[str]:
    yield "gantt"
    yield f"  title {_plain(chart.title)[:300]}{cut}"
    yield "  dateFormat YYYY-MM-DD HH:mm:ss.SSS"
    yield "  axisFormat %H:%M:%S" if chart.length < 24 * 3600 else "  axisFormat %m-%d %H:%M"


def _task(row: Row, began: datetime, number: int) -> str:
    tag = _TAGS.get(row.state, "done, ")
    begin = row.begin or 0.0
    first, last = (_time(began + timedelta(seconds=at)) for at in (begin, max(row.end, begin + 0.001)))
    return f"  {_plain(f'{row.name} {row.stand}')} :{tag}t{number}, {first}, {last}"


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.") + f"{at.microsecond // 1000:03}"


def _plain(text: str) -> str:
    """Without what Mermaid reads as its own: colons, hashes, semicolons, line breaks, comments."""
    kept = "".join(one if one.isprintable() and one not in ":;#%<>{}`" else " " for one in text)
    return " ".join(kept.split())[:200]
