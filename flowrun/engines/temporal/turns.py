"""Turns: what is asked for in one turn of the loop is gathered, and carried by tasks that nobody else holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Turns:
    """Calls `gather` once for each turn in which it was rung."""

    def __init__(self, gather: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._gather = gather
        self._rung = False
        self._tasks: set[asyncio.Task[None]] = set()

    def ring(self) -> None:
        """There is something to gather."""
        if not self._rung:
            self._rung = True
            self.spawn(self._gathered())

    async def _gathered(self) -> None:
        await asyncio.sleep(0)  # all that is asked for in the same turn goes together
        await self._gather()

    def over(self) -> None:
        """It was gathered: what is asked for from here on is for the next time."""
        self._rung = False

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Have it carried out."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
