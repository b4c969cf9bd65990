"""Scribe: what happened, in the journal."""

from __future__ import annotations

from collections.abc import Sequence

from flowrun.core.events import Event
from flowrun.core.run import Run
from flowrun.engines.protocol import Watch
from flowrun.journal.protocol import Journal, Ownership


class Scribe:
    """Commits events before anything is done about them, and tells who watches."""

    most: int | None = None

    def __init__(self, journal: Journal, ownership: Ownership, seq: int, watch: Watch | None) -> None:
        self._journal = journal
        self._ownership = ownership
        self._seq = seq
        self._watch = watch

    def commit(self, events: Sequence[Event], run: Run) -> None:
        """Write them, all or none. Raises JournalError."""
        if not events:
            return
        self._seq = self._journal.append(self._ownership, events, self._seq)
        if self._watch is not None:
            for event in events:
                self._watch(event, run.state)
