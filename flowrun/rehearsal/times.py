"""Times: what is going to happen, in the order of its time. The only clock of a rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count


class Times:
    """Virtual time in seconds since the epoch. It passes only by `advance`."""

    def __init__(self, now: float) -> None:
        self.now = now
        self._order = count()
        self._heap: list[tuple[float, int, Callable[[], None]]] = []

    def at(self, when: float, act: Callable[[], None]) -> None:
        """Let this happen then; of two things at one time, the one that was said first."""
        heappush(self._heap, (when, next(self._order), act))

    def advance(self, until: float | None) -> bool:
        """Go on to the next time at which something happens, or to `until`, and let all of that time happen.

        False where nothing is left to happen, and nothing to wait for.
        """
        if not self._heap and until is None:
            return False
        first = self._heap[0][0] if self._heap else None
        self.now = max(self.now, min(time for time in (first, until) if time is not None))
        while self._heap and self._heap[0][0] <= self.now:
            heappop(self._heap)[2]()
        return True
