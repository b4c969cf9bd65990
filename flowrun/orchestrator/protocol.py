"""Orchestrator, as flowrun uses it. Every call raises only `errors.OrchestratorError` and its kinds.

`start_jobs` and `stop_jobs` are exactly one request each: whether to send it again is the caller's to decide. The
reads are repeated inside, with back-off and Retry-After, for as long as `patience` allows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from flowrun.orchestrator.query import JobPage, JobQuery
from flowrun.orchestrator.wire import (
    Export,
    Folder,
    Job,
    ProcessSchedule,
    QueueDefinition,
    Release,
    Robot,
    StartInfo,
    StopStrategy,
    Tag,
    Validation,
)

Sink = Callable[[bytes], object]
"""Is given a body part by part."""


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

    async def find_jobs(
        self, folder: Folder, tag: Tag, values: Sequence[str], since: float | None = None
    ) -> list[Job] | None:
        """The Jobs of starts by what was sent with them, one list call for 50; None where it cannot be asked so.

        The list may lag some seconds behind. `since` is a time before which nobody can have made them, None if unknown.
        """
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

    async def validate(self, folder: Folder, info: StartInfo) -> Validation | None:
        """What the server says of a start beforehand; None where it cannot be asked. Raises Unreachable alone."""
        ...

    async def upload(self, folder: Folder, data: bytes) -> str:
        """Make an attachment, by one POST and one PUT; its id. Doing it again harms nothing."""
        ...

    async def download(self, folder: Folder, attachment_id: str) -> bytes:
        """The bytes of an attachment."""
        ...


class JobCalls(Orchestrator, Protocol):
    """The further calls of the API guide, for people. `folder` None is all folders that the account sees."""

    async def query_jobs(self, folder: Folder | None, query: JobQuery) -> JobPage:
        """The Jobs of a query, page by page (rate limited by the server). Arguments are null in what it gives."""
        ...

    async def job_by_id(self, folder: Folder | None, job_id: int) -> Job | None:
        """One Job, whole, with its robot, Release and machine; None where the server says 404."""
        ...

    async def job_by_key(self, folder: Folder | None, key: str) -> Job | None:
        """The same by its key."""
        ...

    async def export_jobs(self, folder: Folder | None, query: JobQuery) -> Export:
        """POST Export, once: each counts towards the 100 a day of a tenant."""
        ...

    async def export(self, folder: Folder | None, export_id: int) -> Export:
        """How far an export is."""
        ...

    async def read_export(self, folder: Folder | None, export_id: int, sink: Sink) -> None:
        """Give what a completed export holds to `sink`. After a failure the parts are worth nothing."""
        ...

    async def triggers(self, folder: Folder) -> list[ProcessSchedule]:
        """The folder's triggers of times and queues, each whole, with the ids of the robots that it names."""
        ...

    async def queues(self, folder: Folder) -> list[QueueDefinition]:
        """The folder's queues."""
        ...
