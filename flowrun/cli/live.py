"""A table that is redrawn in place, no taller than the screen: rich's door, entered only on a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from rich.console import Console as Terminal
from rich.console import Group, RenderableType
from rich.live import Live as Redrawn
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from flowrun.cli.rows import counts_line, outlook, screen

if TYPE_CHECKING:
    from flowrun.api import Change, Report

_STYLES = {"plain": "", "dim": "dim", "good": "green", "warn": "yellow", "bad": "red"}
_MARKS = {
    "failed": "x",
    "failed, let through": "x",
    "retrying": "~",
    "stopping": "!",
    "killing": "!",
    "pending": ".",
    "starting": ".",
    "ready": ".",
    "asking": "?",
}
_AROUND = 3
"""Lines above and below the rows: the title, the bar, and one to spare for the cursor."""


class Live:
    """The run as a table. Drawing follows the clock alone, so a thousand changes a second cost four drawings."""

    every = 0.25

    def __init__(
        self,
        *,
        color: bool,
        ours: bool = True,
        clock: Callable[[], float] = time.time,
        terminal: Terminal | None = None,
    ) -> None:
        self._keys = _keys if ours else _others_keys
        self._clock = clock
        self._terminal = terminal or Terminal(stderr=True, no_color=not color, highlight=False)
        self._redrawn = Redrawn(
            console=self._terminal, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._report: Report | None = None

    def __enter__(self) -> Self:
        with suppress(OSError, ValueError):
            self._redrawn.start()
        return self

    def __exit__(self, *reason: object) -> None:
        with suppress(OSError, ValueError):
            self._redrawn.stop()

    def follow(self, change: Change, report: Report) -> None:  # noqa: ARG002 - the table shows states, not changes
        """Keep the newest."""
        self._report = report

    def say(self, text: str) -> None:
        """Above the table, where it stays."""
        with suppress(OSError, ValueError):
            self._terminal.print(Text(text, style="yellow"))

    def tick(self) -> None:
        """Draw it as it is now; before there is a run, that there will be one."""
        picture = Text("preparing", style="dim") if self._report is None else self.picture(self._report)
        with suppress(OSError, ValueError):
            self._redrawn.update(picture, refresh=True)

    def picture(self, report: Report) -> RenderableType:
        """The whole table, for the size that the terminal has at this moment."""
        now = self._clock()
        width, height = self._terminal.size
        title = Text(
            f"{report.workflow}  run {report.run_id}  {report.duration(now)}", style="bold", overflow="ellipsis"
        )
        rows = Table.grid(padding=(0, 2, 0, 0), expand=False)
        for _ in range(3):
            rows.add_column(no_wrap=True, overflow="ellipsis", max_width=max(width // 3, 8))
        rows.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for row in screen(report, now, max(height - _AROUND, 1)):
            cells = (f"{_MARKS.get(row.state, '>')} {row.name}", row.state, row.time, row.detail)
            rows.add_row(*(Text(cell, style=_STYLES[row.tone]) for cell in cells))
        return Group(_one_line(title), rows, self._bar(report, now, width))

    def _bar(self, report: Report, now: float, width: int) -> RenderableType:
        counts = report.counts
        bar = ProgressBar(
            total=max(counts.total, 1),
            completed=counts.done,
            width=min(30, max(width // 4, 5)),
            complete_style="red" if counts.failed else "green",
            finished_style="red" if counts.failed else "green",
        )
        words = (counts_line(report), outlook(report, now), self._keys(report))
        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_row(bar, _one_line(Text("  ".join(filter(None, words)), style="dim")))
        return line


def _one_line(text: Text) -> Text:
    text.no_wrap = True
    text.overflow = "ellipsis"
    return text


def _keys(report: Report) -> str:
    if report.abort is None:
        return "Ctrl-C stops, twice kills"
    return "stopping, Ctrl-C kills" if report.abort.level != "kill" else "killing, Ctrl-C leaves"


def _others_keys(_: Report) -> str:
    return "Ctrl-C ends the watching"
