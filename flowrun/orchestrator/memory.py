"""Answers that are asked for again and again and do not change meanwhile: folders, Releases, robots."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from flowrun.orchestrator.retry import Clock

V = TypeVar("V")


class Remembered(Generic[V]):
    """One request for all who ask at the same time, and its answer for `seconds`. Errors are not remembered."""

    def __init__(self, clock: Clock, seconds: float = math.inf) -> None:
        self._clock = clock
        self._seconds = seconds
        self._kept: dict[Hashable, tuple[float, V]] = {}
        self._locks: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[V]]) -> V:
        """The answer under this key; `ask` gets it where there is none yet."""
        async with self._locks[key]:
            kept = self._kept.get(key)
            if kept is not None and self._clock.now() - kept[0] < self._seconds:
                return kept[1]
            answer = await ask()
            self._kept[key] = (self._clock.now(), answer)
            return answer
