"""Chart: a timeline to draw, whatever it is of: rows of bars over one length of time.

`report.course` makes one of a run, and of a rehearsal of what nobody has run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flowrun.pictures.drawing import Drawing
from flowrun.pictures.state import State
from flowrun.span import Span


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time, in seconds from the beginning of the chart, and what was so in it."""

    begin: float
    end: float
    state: State


@dataclass(frozen=True, slots=True)
class Row:
    """A step. `lanes`: the bars of each of its legs, in the order of their time; none where it never began.

    `words` say more of it, such as `17/20 ok, 1 failed`; the other fields are as in `drawing.Node`.
    """

    id: str
    state: State
    lanes: tuple[tuple[Bar, ...], ...] = ()
    words: str = ""
    took: Span | None = None
    longest: bool = False
    told: str = ""
    called: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.called or self.id

    @property
    def begin(self) -> float | None:
        """When its first bar begins; None where there is none."""
        return min((lane[0].begin for lane in self.lanes if lane), default=None)

    @property
    def end(self) -> float:
        """When its last bar ends; 0 where there is none."""
        return max((bar.end for lane in self.lanes for bar in lane), default=0.0)

    @property
    def stand(self) -> str:
        """How it stands, in words with its mark: `✓ succeeded 4m02s, 20/20 ok`."""
        took = "" if self.took is None else str(self.took)
        if self.state.ahead:
            head = "" if self.state is State.FORESEEN else f"{self.state.mark} {self.state}"
            return ", ".join(filter(None, (head, f"about {took}" if took else "", self.words)))
        head = " ".join(filter(None, (self.state.mark, self.state, took)))
        return ", ".join(filter(None, (head, self.words)))


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole. `length` in seconds; `began`: the moment at its beginning, as text, empty where it has none.

    `counted`: nobody knows how long anything takes, and a second stands for a step. `now`: it goes on.
    """

    title: str
    rows: tuple[Row, ...]
    length: float
    words: str = ""
    began: str = ""
    counted: bool = False
    now: bool = False
    state: State = State.FORESEEN


def in_turn(chart: Chart) -> list[Row]:
    """The rows in the order in which they began; those that never did last."""
    return sorted(chart.rows, key=lambda row: (row.begin is None, row.begin or 0.0))


def gathered(chart: Chart, drawing: Drawing) -> Chart:
    """The chart with one row for what is one node in the drawing: each step of it is a lane."""
    nodes = {name: node for part in drawing.parts if not part.file for node in part.nodes for name in node.stands_for}
    groups: dict[str, list[Row]] = {}
    for row in chart.rows:
        groups.setdefault(nodes[row.id].id if row.id in nodes else row.id, []).append(row)
    names = {node.id: node.name for node in nodes.values()}
    return replace(chart, rows=tuple(_one(name, rows, names) for name, rows in groups.items()))


def _one(name: str, rows: list[Row], names: Mapping[str, str]) -> Row:
    if len(rows) == 1 and name not in names:
        return rows[0]
    took = [row.took for row in rows if row.took is not None]
    lanes = [lane for row in rows for lane in row.lanes]
    return replace(
        rows[0],
        called=names[name],
        lanes=tuple(sorted(lanes, key=lambda lane: lane[0].begin if lane else 0.0)),
        words=f"{len(rows)} steps",
        took=Span(max(took)) if took else None,
        longest=any(row.longest for row in rows),
        told="\n".join(" ".join(filter(None, (row.id, row.stand))) for row in rows),
    )
