"""Lease: the proof that an activity is still this worker's. Nothing is posted without it.

A worker that was frozen, or cut off from the server, finds another at its work when it comes back. So each activity
gives signs of life that the server acknowledges, and whoever posts asks whether the last of them is fresh enough for
the request to end before the server could give the activity to somebody else.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.client import AsyncActivityCancelledError, AsyncActivityHandle, Client
from temporalio.service import RPCError, RPCStatusCode

MARGIN = 3.0
"""Seconds, at most, for a clock that runs differently and a reply that is on its way; a tenth of a short lease."""

_OFTEN = 4
"""Signs of life within the time after which the server takes the activity away."""

GRACE = 20.0
"""Seconds that what is under way has when a worker is told to end."""


class Late(Exception):
    """It is too late to begin anything here: somebody else may be at it, or this worker is being shut down."""


class Lease:
    """Of one activity. `request` is how many seconds a request takes at most.

    `withdrawn`: the run wants it no more. `lost`: it is somebody else's by now, or may be.
    """

    def __init__(self, handle: AsyncActivityHandle, timeout: float, request: float) -> None:
        self._handle = handle
        self._timeout = timeout
        self._whole = timeout - min(MARGIN, timeout / 10)
        self._good = self._whole - request
        self._sent = (-math.inf, -math.inf)
        self._end: asyncio.TimerHandle | None = None
        self.withdrawn = asyncio.Event()
        self.lost = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def kept(cls, client: Client, request: float) -> AsyncIterator[Lease]:
        """That of the activity in which this is asked, kept until the context ends."""
        info = activity.info()
        assert info.heartbeat_timeout is not None  # noqa: S101 - the workflow says so for all but records
        handle = client.get_async_activity_handle(task_token=info.task_token)
        lease = cls(handle, info.heartbeat_timeout.total_seconds(), request)
        await lease._sign()
        keeping = [asyncio.create_task(lease._keep()), asyncio.create_task(lease._leave())]
        try:
            yield lease
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)
            if lease._end is not None:
                lease._end.cancel()

    def permits(self) -> bool:
        """Whether something may be posted now. False where it is no longer wanted; raises Late."""
        if activity.is_worker_shutdown() or self.lost.is_set():
            raise Late
        if self.withdrawn.is_set():
            return False
        if self._age() >= self._good:
            raise Late
        return True

    @staticmethod
    def _times() -> tuple[float, float]:
        return time.time(), time.monotonic()

    def _age(self) -> float:
        """Of the last sign, by the clock that shows more: one may be set, the other stops while the machine sleeps."""
        return max(now - then for now, then in zip(self._times(), self._sent, strict=True))

    def outlives(self) -> bool:
        """Whether what was cancelled goes on: the run may want it no more, and yet wants to know what it came to."""
        details = activity.cancellation_details()
        if details is None or not details.cancel_requested:
            return False
        self.withdrawn.set()
        return True

    async def _keep(self) -> None:
        while not self.lost.is_set():
            await asyncio.sleep(self._timeout / _OFTEN)
            await self._sign()

    async def _leave(self) -> None:
        """The library ends what is under way as well, but not what it has cancelled before."""
        await activity.wait_for_worker_shutdown()
        await asyncio.sleep(GRACE)
        self.lost.set()

    async def _sign(self) -> None:
        sent, began = self._times(), asyncio.get_running_loop().time()
        activity.heartbeat()  # without it the library takes the activity for timed out, and drops what comes of it
        try:
            await self._handle.heartbeat(rpc_timeout=timedelta(seconds=self._timeout / _OFTEN))
        except AsyncActivityCancelledError as error:
            if error.details is not None and not error.details.cancel_requested:
                self.lost.set()  # somebody has paused it, or begins it anew
                return
            self.withdrawn.set()
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                self.lost.set()
            return
        self._sent = sent
        if self._end is not None:
            self._end.cancel()
        self._end = asyncio.get_running_loop().call_at(began + self._whole, self.lost.set)


def fits(lease: float, request: float) -> bool:
    """Whether there is time for a request that takes so many seconds at most."""
    return lease - request - min(MARGIN, lease / 10) > 0
