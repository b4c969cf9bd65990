"""Timers: when legs must be looked at again though nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from flowrun.core.pools import Place


class Timers:
    """One queue for all legs of a run. A timer rings where the leg's deadline, asked anew, is still what it was.

    What has moved since has a timer of its own. So the old ones, which a run has that was not made of a snapshot, tell
    nothing: what is due follows from the state alone, and so does its order.
    """

    def __init__(self, deadline: Callable[[Place], float | None]) -> None:
        self._deadline = deadline
        self._queue: list[tuple[float, Place]] = []

    def set(self, place: Place) -> bool:
        """Whether the leg has a deadline; it is among those that are `over` then."""
        deadline = self._deadline(place)
        if deadline is not None:
            heappush(self._queue, (deadline, place))
        return deadline is not None

    def over(self, now: float) -> list[Place]:
        """Whose time has come, each once, who was due first the first. They ring no more."""
        found: dict[Place, float] = {}
        while self._queue and self._queue[0][0] <= now:
            place = heappop(self._queue)[1]
            deadline = self._deadline(place)
            if deadline is not None and deadline <= now:
                found[place] = deadline
        return sorted(found, key=lambda place: (found[place], place))

    def first(self) -> float | None:
        """When the next of them rings, in seconds since the epoch."""
        while self._queue and self._deadline(self._queue[0][1]) != self._queue[0][0]:
            heappop(self._queue)
        return self._queue[0][0] if self._queue else None
