"""Telling: what happens to a run, and beside it, as changes for whoever follows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flowrun.report.model import Change, Report

if TYPE_CHECKING:
    from flowrun.api.beside import Beside
    from flowrun.core.events import Event
    from flowrun.core.state import RunState
    from flowrun.report.fold import Fold

Follow = Callable[[Change, Report], None]
"""Told of each change that is worth a line, with the whole so far."""


class Telling:
    """Folds events into `total`, looks `beside`, and tells `follow` of both."""

    def __init__(self, follow: Follow | None, total: Fold, beside: Beside) -> None:
        self._follow = follow
        self._total = total
        self.beside = beside

    def event(self, event: Event, _: RunState | None = None) -> None:
        """An event that was committed."""
        change = self.past(event)
        if change is not None:
            self.tell(change)

    def past(self, event: Event) -> Change | None:
        """An event that was told when it happened. What it changed, where that is worth a line."""
        self.beside.heard(event)
        return self._total.add(event)

    def look(self, now: float) -> None:
        """Look at what other runs mean for it now."""
        for change in self.beside.look(self._total.report(), now):
            self.tell(change)

    def tell(self, change: Change) -> None:
        """A change, with the whole so far."""
        if self._follow is not None:
            self._follow(change, self.report())

    def report(self) -> Report:
        """The whole so far. ValueError before the first event."""
        return self.beside.seen(self._total.report())
