"""Process: who drives the run, and dies of it. Each call passes through here, and the world outlives all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from flowrun.core.plan import Json, Step
from flowrun.core.status import Cancelled, Failed, Outcome, Unknown
from flowrun.orchestrator.wire import Folder, Job, Release, Robot, StartInfo, StopStrategy, Tag, Validation
from flowrun.simulation.caller import CALLER, PROCESS
from flowrun.simulation.effects import Died, Life
from flowrun.simulation.orchestrator import World
from flowrun.steps.protocol import Attempt, Permission, Preflight, Progress, Started, StepKind

T = TypeVar("T")


class Link:
    """Implements Orchestrator for one process: starts and stops are effects; a dead process calls nobody."""

    def __init__(self, world: World, life: Life) -> None:
        self._world = world
        self._life = life

    async def folder(self, path_or_id: str | int | None) -> Folder:
        """Passed on."""
        return await self._read(self._world.folder(path_or_id))

    async def release(self, folder: Folder, *, name: str | None = None, key: str | None = None) -> Release:
        """Passed on."""
        return await self._read(self._world.release(folder, name=name, key=key))

    async def releases(self, folder: Folder) -> list[Release]:
        """Passed on."""
        return await self._read(self._world.releases(folder))

    async def robots(self, folder: Folder) -> list[Robot]:
        """Passed on."""
        return await self._read(self._world.robots(folder))

    async def start_jobs(self, folder: Folder, info: StartInfo) -> list[Job]:
        """Passed on, between two boundaries."""
        return await self._effect("a start", self._world.start_jobs(folder, info))

    async def find_jobs(
        self, folder: Folder, tag: Tag, values: Sequence[str], since: float | None = None
    ) -> list[Job] | None:
        """Passed on. The World's own clock is never set, so it is not told of a time."""
        del since
        return await self._read(self._world.find_jobs(folder, tag, values))

    async def jobs(self, folder: Folder, ids: Sequence[int]) -> list[Job]:
        """Passed on."""
        return await self._read(self._world.jobs(folder, ids))

    async def job(self, folder: Folder, job_id: int) -> Job | None:
        """Passed on."""
        return await self._read(self._world.job(folder, job_id))

    async def stop_jobs(self, folder: Folder, ids: Sequence[int], strategy: StopStrategy) -> None:
        """Passed on, between two boundaries."""
        await self._effect("a stop", self._world.stop_jobs(folder, ids, strategy))

    async def validate(self, folder: Folder, info: StartInfo) -> Validation | None:
        """Passed on."""
        return await self._read(self._world.validate(folder, info))

    async def upload(self, folder: Folder, data: bytes) -> str:
        """Passed on."""
        return await self._read(self._world.upload(folder, data))

    async def download(self, folder: Folder, attachment_id: str) -> bytes:
        """Passed on."""
        return await self._read(self._world.download(folder, attachment_id))

    async def _read(self, call: Coroutine[Any, Any, T]) -> T:
        if self._life.dead:
            call.close()
            await _for_ever()
        PROCESS.set(self._life.number)
        try:
            return await call
        finally:
            await self._life.awake()

    async def _effect(self, what: str, call: Coroutine[Any, Any, T]) -> T:
        PROCESS.set(self._life.number)
        try:
            self._life.count(f"before {what}")
            made = await call
            self._life.count(f"after {what}")
        except Died:
            call.close()
            await _for_ever()
            raise
        finally:
            await self._life.awake()
        return made


async def _for_ever() -> None:
    """A dead process gets no answer; it is cancelled soon."""
    await asyncio.Event().wait()


class Witness:
    """Implements StepKind: the shipped one, with a note of the attempt for which a start is made."""

    def __init__(self, kind: StepKind) -> None:
        self.name = kind.name
        self._kind = kind

    async def check(self, steps: Sequence[Step]) -> Preflight:
        """Passed on."""
        return await self._kind.check(steps)

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        """Passed on, and the world knows for whom."""
        token = CALLER.set(attempt)
        try:
            return await self._kind.start(attempt, may_start)
        finally:
            CALLER.reset(token)

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        """Passed on."""
        return await self._kind.wait(attempt, handle, progress)

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """Passed on."""
        await self._kind.stop(attempt, handle, force=force)
