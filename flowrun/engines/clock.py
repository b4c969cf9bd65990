"""The clock of the real world, and the names that runs get from it."""

from __future__ import annotations

import asyncio
import secrets
import time

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


class SystemClock:
    """Implements `steps.protocol.Clock`."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some moment, which nobody can set."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        await asyncio.sleep(seconds)


def new_run_id(now: float) -> str:
    """A name that sorts by time, can be read aloud, and is nobody else's: `20261123-2255-k3m9qx`."""
    stamp = time.strftime("%Y%m%d-%H%M", time.gmtime(now))
    return f"{stamp}-{''.join(secrets.choice(_LETTERS) for _ in range(6))}"
