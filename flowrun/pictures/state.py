"""State: how what is drawn stands, in a word, a mark and a colour, so that each of the three may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """The word is the value. `foreseen` is what nobody has tried: a plan; `new` and `changed` is so against a run."""

    FORESEEN = "foreseen"
    NEW = "new"
    CHANGED = "changed"
    WAITING = "waiting"
    PENDING = "pending"
    RUNNING = "running"
    ASKING = "waits for an answer"
    SUCCEEDED = "succeeded"
    KEPT = "kept"
    LET_THROUGH = "failed, let through"
    FAILED = "failed"
    UNKNOWN = "in doubt"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def mark(self) -> str:
        """One character that stands for it; none for what is foreseen."""
        return MARKS[self]

    @property
    def ahead(self) -> bool:
        """Whether it is still to come, of what nobody has begun: how long it takes is what is usual."""
        return self in (State.FORESEEN, State.NEW, State.CHANGED)

    @property
    def name_of_class(self) -> str:
        """What it is called where only letters are allowed: in CSS, in Mermaid."""
        return self.name.lower().replace("_", "")


MARKS: Mapping[State, str] = {
    State.FORESEEN: "",
    State.NEW: "+",
    State.CHANGED: "~",
    State.WAITING: "·",
    State.PENDING: "◔",
    State.RUNNING: "▶",
    State.ASKING: "?",
    State.SUCCEEDED: "✓",
    State.KEPT: "=",
    State.LET_THROUGH: "!",
    State.FAILED: "✗",
    State.UNKNOWN: "⁇",
    State.SKIPPED: "»",
    State.CANCELLED: "■",
}


class Colors(NamedTuple):
    """Of one state in one theme: what fills a box, what surrounds it and makes a bar, what is written in it."""

    fill: str
    line: str
    ink: str


class Theme(NamedTuple):
    """A whole theme: the paper, what is written on it, what is written on it in a low voice, lines, and the states."""

    paper: str
    ink: str
    faint: str
    line: str
    states: Mapping[State, Colors]


LIGHT = Theme(
    "#ffffff",
    "#1b1f24",
    "#59636e",
    "#818b98",
    {
        State.FORESEEN: Colors("#f6f8fa", "#818b98", "#1b1f24"),
        State.NEW: Colors("#e6f5e0", "#3c7a1e", "#1f4210"),
        State.CHANGED: Colors("#fff1cc", "#9a6700", "#543800"),
        State.WAITING: Colors("#f6f8fa", "#818b98", "#4a535d"),
        State.PENDING: Colors("#fff4d4", "#b87700", "#5c3c00"),
        State.RUNNING: Colors("#dcebff", "#0969da", "#0a3673"),
        State.ASKING: Colors("#f3e8ff", "#8250df", "#4a2391"),
        State.SUCCEEDED: Colors("#dff6e4", "#1a7f37", "#0b4a1c"),
        State.KEPT: Colors("#e3f4f2", "#1b7c83", "#0d4a4f"),
        State.LET_THROUGH: Colors("#fff0dc", "#bc4c00", "#6b2c00"),
        State.FAILED: Colors("#ffe4e1", "#cf222e", "#82071e"),
        State.UNKNOWN: Colors("#ffe3f2", "#bf3989", "#772057"),
        State.SKIPPED: Colors("#eff1f4", "#818b98", "#4a535d"),
        State.CANCELLED: Colors("#e6e9ed", "#59636e", "#32383f"),
    },
)
DARK = Theme(
    "#0d1117",
    "#e6edf3",
    "#9da7b3",
    "#6e7681",
    {
        State.FORESEEN: Colors("#1c222b", "#6e7681", "#e6edf3"),
        State.NEW: Colors("#1b3311", "#7bc657", "#cdeec0"),
        State.CHANGED: Colors("#3b2f08", "#e0b53a", "#f7e3a1"),
        State.WAITING: Colors("#161b22", "#6e7681", "#b3bcc6"),
        State.PENDING: Colors("#3a2b07", "#d29922", "#f5d98b"),
        State.RUNNING: Colors("#0c2d55", "#4493f8", "#c3dcff"),
        State.ASKING: Colors("#2d1a4f", "#ab7df8", "#e2d0ff"),
        State.SUCCEEDED: Colors("#0f3219", "#3fb950", "#b4f0c0"),
        State.KEPT: Colors("#0b3336", "#39c5cf", "#b3ecf0"),
        State.LET_THROUGH: Colors("#44230a", "#db6d28", "#ffd2ad"),
        State.FAILED: Colors("#4a1214", "#f85149", "#ffd0cc"),
        State.UNKNOWN: Colors("#42163a", "#db61a2", "#ffc9e6"),
        State.SKIPPED: Colors("#1c222b", "#6e7681", "#b3bcc6"),
        State.CANCELLED: Colors("#2b3139", "#9da7b3", "#d5dbe1"),
    },
)
