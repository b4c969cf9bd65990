"""Orchestrator, as flowrun uses it. Every call raises only `errors.OrchestratorError` and its kinds.

`start_jobs` and `stop_jobs` are exactly one request each: whether to send it again is the caller's to decide. The
reads are repeated inside, with back-off and Retry-After, for as long as `patience` allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from flowrun.orchestrator.wire import Folder, Job, Release, Robot, StartInfo, StopStrategy


class Orchestrator(Protocol):
    """The calls. `folder` is a Folder as `folder()` gave it; ids are the API's own."""

    async def folder(self, path_or_id: str | int | None) -> Folder:
        """By path (`Finance/Close`), key or id; None is the configured one. Remembered. Refused if there is none."""
        ...

    async def release(self, folder: Folder, *, name: str | None = None, key: str | None = None) -> Release:
        """By name or key, remembered. Refused where the folder has none, with the near names in the hint."""
        ...

    async def releases(self, folder: Folder) -> list[Release]:
        """All of the folder's."""
        ...

    async def robots(self, folder: Folder) -> list[Robot]:
        """All of the folder's, remembered for a while."""
        ...

    async def start_jobs(self, folder: Folder, info: StartInfo) -> list[Job]:
        """POST StartJobs, once. Raises Unreachable, NotSignedIn, Throttled, Refused (none started) or Ambiguous."""
        ...

    async def find_jobs(self, folder: Folder, batch_execution_key: str) -> list[Job]:
        """The Jobs of one start, by the key that was sent with it. The list may lag some seconds behind."""
        ...

    async def jobs(self, folder: Folder, ids: Sequence[int]) -> list[Job]:
        """One list call per 100 ids (rate limited by the server). Arguments are null in what it gives."""
        ...

    async def job(self, folder: Folder, job_id: int) -> Job | None:
        """One Job, whole; None where the server says 404. Not rate limited."""
        ...

    async def stop_jobs(self, folder: Folder, ids: Sequence[int], strategy: StopStrategy) -> None:
        """POST StopJobs, once. That it was taken proves nothing about the Jobs: read them."""
        ...
