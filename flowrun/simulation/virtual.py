"""Virtual time: an asyncio loop whose clock jumps to the next timer whenever nothing else is to be done."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

EPOCH = 1_767_225_600.0
"""Where virtual time begins: 2026-01-01T00:00:00Z."""


MOST_ROUNDS = 300_000
"""Rounds of a loop in one moment: far more than any run needs."""


class Stuck(AssertionError):
    """Everything waits, and no timer will ever wake anything: in real life it would hang."""


class _Jumping(selectors.SelectSelector):
    """A selector that never blocks: the time that it was to wait is added to the clock instead."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0
        self._rounds = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck("nothing is left to happen, and somebody still waits")
        self._rounds = 0 if timeout > 0.0 else self._rounds + 1
        if self._rounds > MOST_ROUNDS:
            self._rounds = 0
            raise Stuck("it goes round and round, and no time passes")
        self.time += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs callbacks in the order of their times, and takes no time for it. The same program gives the same order."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since the loop began."""
        return self._jumping.time


class VirtualClock:
    """Implements `steps.protocol.Clock` on a virtual loop. `drift` is added to what `now` says: clocks get set."""

    def __init__(self) -> None:
        self.drift = 0.0

    def now(self) -> float:
        """Seconds since the epoch, as this clock says."""
        return EPOCH + asyncio.get_running_loop().time() + self.drift

    async def sleep(self, seconds: float) -> None:
        """Return after that many virtual seconds."""
        await asyncio.sleep(seconds)


def run(main: Coroutine[Any, Any, T], longest: float = 1e7) -> T:
    """What the coroutine gives, in virtual time. Raises Stuck where it would hang, or last longer than `longest`."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(_bounded(main, longest))
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()


async def _bounded(main: Coroutine[Any, Any, T], longest: float) -> T:
    try:
        async with asyncio.timeout(longest):
            return await main
    except TimeoutError as error:
        raise Stuck(f"still going after {longest} virtual seconds") from error
