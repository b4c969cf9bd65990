"""The rolling limit on list calls: so many in any sixty seconds, for the whole tenant (API facts 7.1)."""

from __future__ import annotations

import math
from collections import deque

WINDOW_S = 60.0
_SHOWN_FROM = 10


class RollingLimit:
    """The times of the calls that were let through. One that is refused does not count."""

    def __init__(self) -> None:
        self._calls: deque[float] = deque()

    def take(self, limit: int, now: float) -> tuple[int | None, dict[str, str]]:
        """Let a call through, or say in how many seconds there is room. With the headers that go with the answer."""
        while self._calls and self._calls[0] <= now - WINDOW_S:
            self._calls.popleft()
        if len(self._calls) >= limit:
            wait = max(math.ceil(self._calls[0] + WINDOW_S - now), 1)
            return wait, {"Retry-After": str(wait), "X-RateLimit-Remaining": "0"}
        self._calls.append(now)
        left = limit - len(self._calls)
        return None, {"X-RateLimit-Remaining": str(left if left >= _SHOWN_FROM else 0)}
