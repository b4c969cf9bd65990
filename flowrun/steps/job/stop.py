"""Stopper: asks Jobs to end, many in one call. That a request was taken proves nothing; the watcher tells."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from flowrun.errors import OrchestratorError, Refused
from flowrun.orchestrator.protocol import Orchestrator
from flowrun.orchestrator.wire import Folder, StopStrategy
from flowrun.steps.job.handle import JobName
from flowrun.steps.job.watch import CHUNK, Watcher, is_named
from flowrun.steps.pace import Backoff, Unsigned, each
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Clock

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    """One Job that one attempt wants to end. The future is done when the request was taken or the Job has ended."""

    name: JobName
    granted: asyncio.Future[None]

    def grant(self) -> None:
        if not self.granted.done():
            self.granted.set_result(None)


@dataclass(slots=True)
class _Batch:
    """The wishes of one folder and strategy that go out together."""

    folder: Folder
    strategy: StopStrategy
    wishes: list[_Wish] = field(default_factory=list)

    def open(self) -> list[_Wish]:
        """Those not granted yet, and not given up by whoever wished."""
        return [wish for wish in self.wishes if not wish.granted.done()]


Place: TypeAlias = tuple[int, StopStrategy]


class Stopper:
    """All stops of a process: what is asked for within `stop_gather` seconds goes out in one StopJobs per folder."""

    def __init__(self, orchestrator: Orchestrator, clock: Clock, policy: Policy, watcher: Watcher) -> None:
        self._orchestrator = orchestrator
        self._clock = clock
        self._policy = policy
        self._watcher = watcher
        self._batches: dict[Place, _Batch] = {}
        self._sending: set[asyncio.Task[None]] = set()

    async def stop(self, folder: Folder, names: Sequence[JobName], strategy: StopStrategy) -> None:
        """Return when the request was taken for each of these, or there is nothing left to end. Outlasts outages."""
        loop = asyncio.get_running_loop()
        alive = self._watcher.awaited(folder, names) or names
        wishes = [_Wish(name, loop.create_future()) for name in alive]
        place = (folder.id, strategy)
        batch = self._batches.get(place)
        if batch is None:
            batch = self._batches[place] = _Batch(folder, strategy)
            sending = asyncio.create_task(self._send(place, batch), name=f"{strategy} in folder {folder.id}")
            self._sending.add(sending)
            sending.add_done_callback(self._sending.discard)
        batch.wishes.extend(wishes)
        await asyncio.gather(*(wish.granted for wish in wishes))

    async def aclose(self) -> None:
        """Ask no more. Whoever still wishes is cancelled."""
        for sending in self._sending:
            sending.cancel()
        if self._sending:
            await asyncio.wait(self._sending)

    async def _send(self, place: Place, batch: _Batch) -> None:
        try:
            await self._clock.sleep(self._policy.stop_gather)
            self._batches.pop(place, None)
            await self._persist(batch)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - it goes to whoever wished
            self._batches.pop(place, None)
            for wish in batch.open():
                wish.granted.set_exception(error)

    async def _persist(self, batch: _Batch) -> None:
        """All together, as often as it takes; one by one where a list is refused."""
        waits = Backoff(self._policy.retry_first, self._policy.retry_slowest)
        unsigned = Unsigned(self._policy.sign_in_patience)
        together = True
        trouble = ""
        while wishes := batch.open():
            error = await (self._together(batch, wishes) if together else self._one_by_one(batch, wishes))
            if error is None:
                continue
            if together and isinstance(error, Refused):
                together = False
                continue
            wait = waits.after(error)
            unsigned.wait(error, wait)
            if trouble != type(error).__name__:
                trouble = type(error).__name__
                logger.warning("cannot ask %d Jobs to end, trying again: %s", len(batch.open()), error.message)
            together = together or not isinstance(error, Refused)
            await self._clock.sleep(wait)

    async def _together(self, batch: _Batch, wishes: list[_Wish]) -> OrchestratorError | None:
        for at in range(0, len(wishes), CHUNK):
            part = wishes[at : at + CHUNK]
            ids = list(dict.fromkeys(wish.name[0] for wish in part))
            try:
                await self._orchestrator.stop_jobs(batch.folder, ids, batch.strategy)
            except OrchestratorError as error:
                return error
            for wish in part:
                wish.grant()
            self._watcher.hurry(batch.folder)
        return None

    async def _one_by_one(self, batch: _Batch, wishes: list[_Wish]) -> OrchestratorError | None:
        """Only those that live: a list with an ended Job in it may be refused as a whole."""

        async def one(wish: _Wish) -> None:
            job = await self._orchestrator.job(batch.folder, wish.name[0])
            if job is not None and is_named(job, wish.name) and not job.final:
                await self._orchestrator.stop_jobs(batch.folder, [job.id], batch.strategy)
            wish.grant()

        answers = await each(wishes, one, self._policy.concurrent_reads)
        self._watcher.hurry(batch.folder)
        return next((answer for _, answer in answers if isinstance(answer, OrchestratorError)), None)
