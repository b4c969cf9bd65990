"""Progress: how a run is shown while it runs. Lines here, a live table in `live`; both take every change."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, Self

from flowrun.cli.console import Console
from flowrun.cli.rows import counts_line, longest, outlook

if TYPE_CHECKING:
    from flowrun.api import Change, Report

HEARTBEAT = 60.0
"""Seconds of silence before a line says that there is still life."""

_AFTER = {"failed, let through": ",", "resumed": ":", "replanned": ":"}
"""What stands between a state and its detail, where a space alone would not read well."""


class Progress(Protocol):
    """Shown from `__enter__` to `__exit__`. Nothing in it raises for a terminal that has gone away."""

    every: float

    def __enter__(self) -> Self: ...

    def __exit__(self, *reason: object) -> None: ...

    def follow(self, change: Change, report: Report) -> None:
        """Take a change and the whole so far. Called for each event: keep it cheap."""
        ...

    def say(self, text: str) -> None:
        """A line of ours, beside what is shown."""
        ...

    def tick(self) -> None:
        """Called every `every` seconds, whether anything happened or not."""
        ...


class Lines:
    """One line per change, and a heartbeat after a minute of silence: for logs and for `TERM=dumb`."""

    every = 1.0

    def __init__(
        self, console: Console, *, clock: Callable[[], float] = time.time, heartbeat: float = HEARTBEAT
    ) -> None:
        self._console = console
        self._clock = clock
        self._heartbeat = heartbeat
        self._report: Report | None = None
        self._spoke = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self._report = None

    def follow(self, change: Change, report: Report) -> None:
        """`12:04:31 post[EU] failed in 4m02s: faulted: no such invoice`."""
        self._report = report
        if not change.quiet:
            self._line(change.at, line_of(change), change.tone)

    def say(self, text: str) -> None:
        """With the time, as all lines."""
        self._line(self._clock(), f"flowrun {text}", "warn")

    def tick(self) -> None:
        """Speak up where nobody has for a minute."""
        now, report = self._clock(), self._report
        if report is None or now - self._spoke < self._heartbeat:
            return
        row = longest(report, now)
        first = f", {row.name} {row.state} {row.time}".rstrip() if row else ""
        words = ", ".join(part for part in (counts_line(report), outlook(report, now)) if part)
        self._line(now, f"run {words}{first}", "dim")

    def _line(self, at: float, text: str, tone: str) -> None:
        self._spoke = self._clock()
        self._console.say(f"{time.strftime('%H:%M:%S', time.localtime(at))} {text}", tone)


def line_of(change: Change) -> str:
    """A change on one line: who, what, and the detail."""
    detail = " ".join(change.detail.split())
    return f"{change.subject} {change.state}{_AFTER.get(change.state, '')} {detail}".rstrip()
