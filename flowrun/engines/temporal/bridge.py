"""Bridge: Temporal's client is async and belongs to one loop; who reads runs is not, and belongs to any or none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Any, TypeAlias, TypeVar

from temporalio.client import Client

from flowrun.engines.temporal.faults import answering

T = TypeVar("T")
Work: TypeAlias = Callable[[Client], Coroutine[Any, Any, T]]
"""What is to be done with a client, in the loop of the bridge."""


class Bridge:
    """One client in a loop and a thread of its own. It is connected at the first use, and again where that failed."""

    def __init__(self, connect: Callable[[], Awaitable[Client]]) -> None:
        self._connect = connect
        self._client: Client | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._starting = Lock()
        self._connecting = asyncio.Lock()

    def call(self, work: Work[T]) -> T:
        """Do it, and wait for it in this thread. Raises what it raises, refusals of the server as TemporalError."""
        future = self._submit(work)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # a KeyboardInterrupt of ours is its end, too
            raise

    async def reach(self, work: Work[T]) -> T:
        """Do it, and wait for it in the loop of the caller; cancelled there, it is cancelled here. Raises as `call`."""
        return await asyncio.wrap_future(self._submit(work))

    def close(self) -> None:
        """Let go of the client and all that it does. Nothing may be asked afterwards."""
        with self._starting:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join()

    def _submit(self, work: Work[T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(self._work(work), self._running())

    async def _work(self, work: Work[T]) -> T:
        async with self._connecting:
            if self._client is None:
                self._client = await self._connect()
        with answering(self._client):
            return await work(self._client)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = Thread(target=_run, args=(self._loop,), name="temporal", daemon=True)
                self._thread.start()
            return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Until it is stopped; what is still going on then is cancelled."""
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    finally:
        loop.close()
