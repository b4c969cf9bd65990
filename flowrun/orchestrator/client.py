"""OrchestratorClient: Orchestrator over HTTP.

The reads are repeated with patience; StartJobs and StopJobs are one request each. How many list calls a process
allows itself is decided by those who make them (the watcher of `steps`), since only they know which can wait.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from flowrun.errors import Refused
from flowrun.orchestrator import advice, odata
from flowrun.orchestrator.blobs import Blobs
from flowrun.orchestrator.connection import Connection
from flowrun.orchestrator.folders import Folders, near
from flowrun.orchestrator.inspection import Inspection
from flowrun.orchestrator.memory import Remembered
from flowrun.orchestrator.records import JobRecords
from flowrun.orchestrator.replies import Unreadable, document, folded, is_of_api
from flowrun.orchestrator.requests import Requests
from flowrun.orchestrator.retry import Clock
from flowrun.orchestrator.schedules import Schedules
from flowrun.orchestrator.tagged import Tagged
from flowrun.orchestrator.transport import Limits
from flowrun.orchestrator.wire import Folder, Job, Release, Robot, StartInfo, StopStrategy, Tag

logger = logging.getLogger(__name__)

_JOBS = "/odata/Jobs"
_RELEASES = "/odata/Releases"
_ROBOTS = "/odata/Robots"
_ROBOTS_REMEMBERED = 60.0
_NOT_FOUND = 404


class OrchestratorClient(JobRecords, Schedules):
    """Implements `orchestrator.protocol.Orchestrator` and `JobCalls`. To be used as an async context manager."""

    def __init__(
        self, connection: Connection, *, clock: Clock, dice: Callable[[], float], limits: Limits | None = None
    ) -> None:
        self._configured = connection.folder
        limits = limits or Limits()
        requests = Requests(connection, clock, dice, limits)
        super().__init__(requests, Blobs(requests, connection, clock, limits))
        self.inspection = Inspection(requests)
        self._find_by = Folders(requests)
        self._folders: Remembered[Folder] = Remembered(clock)
        self._releases: Remembered[Release] = Remembered(clock)
        self._robots: Remembered[list[Robot]] = Remembered(clock, _ROBOTS_REMEMBERED)
        self._knows_in = True
        self._tagged = Tagged(requests, self.query_jobs)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._blobs.close()
        await self._requests.close()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many requests of each kind were sent: `start_jobs`, `stop_jobs`, `job`, `jobs`, `find_jobs`, `token`."""
        return self._requests.counts

    async def folder(self, path_or_id: str | int | None) -> Folder:
        """By path, key or id; None is the configured one."""
        wanted = self._configured if path_or_id is None else path_or_id
        name = str(wanted or "").strip().strip("/")
        if not name:
            raise Refused("no folder is named", hint="Name one: `folder:` in the step, or UIPATH_FOLDER_PATH.")
        return await self._folders.get(name.lower(), lambda: self._find_by.find(name))

    async def release(self, folder: Folder, *, name: str | None = None, key: str | None = None) -> Release:
        """By name or key."""
        wanted = key if key is not None else name
        if wanted is None:
            raise TypeError("a name or a key is needed")
        return await self._releases.get(
            (folder.id, key is not None, wanted.lower()), lambda: self._find_release(folder, name, key)
        )

    async def _find_release(self, folder: Folder, name: str | None, key: str | None) -> Release:
        by = f"Key eq {odata.text(key)}" if key is not None else f"Name eq {odata.text(name or '')}"
        found = await self._requests.rows(advice.RELEASES, Release, _RELEASES, folder, filter=by)
        where = folder.fully_qualified_name or str(folder.id)
        if len(found) > 1:
            keys = ", ".join(release.key for release in found)
            raise Refused(f"{len(found)} Releases in folder {where} are named {name}", hint=f"Use release_key: {keys}.")
        if found:
            return found[0]
        known = [release.key if key is not None else release.name for release in await self.releases(folder)]
        what = f"with key {key}" if key is not None else name
        raise Refused(f"there is no Release {what} in folder {where}", hint=near(key or name or "", known, "Releases"))

    async def releases(self, folder: Folder) -> list[Release]:
        """All of the folder's."""
        return await self._requests.rows(advice.RELEASES, Release, _RELEASES, folder)

    async def robots(self, folder: Folder) -> list[Robot]:
        """All of the folder's, remembered for a minute."""
        return await self._robots.get(folder.id, lambda: self._find_robots(folder))

    async def _find_robots(self, folder: Folder) -> list[Robot]:
        path = f"{_ROBOTS}/{odata.ODATA}.GetRobotsFromFolder(folderId={folder.id})"
        try:
            return await self._requests.rows(advice.ROBOTS, Robot, path, folder)
        except Refused as error:
            if error.status != _NOT_FOUND:
                raise
        return await self._requests.rows(advice.ROBOTS, Robot, _ROBOTS, folder)  # older servers have only this

    async def start_jobs(self, folder: Folder, info: StartInfo) -> list[Job]:
        """POST StartJobs, once. Empty where the server says 2xx and names no Job."""
        path = f"{_JOBS}/{odata.ODATA}.StartJobs"
        reply = await self._requests.post(advice.START, path, folder, {"startInfo": info.to_wire()})
        value = folded(document(reply)).get("value")
        if not isinstance(value, list):
            raise Unreadable(f"the answer of {path} holds no list", url=reply.url, method="POST", status=reply.status)
        jobs, fault = [], None
        for row in value:
            try:
                jobs.append(self._requests.entity(Job, row, path))
            except Unreadable as error:
                fault = error
        if fault is not None and not jobs:
            raise fault
        if fault is not None:
            logger.warning(
                "%d of %d started Jobs cannot be read: %s", len(value) - len(jobs), len(value), fault.message
            )
        return jobs

    async def find_jobs(
        self, folder: Folder, tag: Tag, values: Sequence[str], since: float | None = None
    ) -> list[Job] | None:
        """The Jobs of starts by a tag, 50 starts in a list call; None where the server cannot be asked so."""
        return await self._tagged.find(folder, tag, values, since)

    async def jobs(self, folder: Folder, ids: Sequence[int]) -> list[Job]:
        """One list call per 100 ids; per 15 where the server does not know `in`."""
        if self._knows_in:
            try:
                return await self._listed(folder, ids, odata.IN_CHUNK, odata.ids_in)
            except Refused as error:
                if not odata.is_about_query(error):
                    raise
                self._knows_in = False
        return await self._listed(folder, ids, odata.OR_CHUNK, odata.ids_or)

    async def _listed(
        self, folder: Folder, ids: Sequence[int], size: int, filter_of: Callable[[Sequence[int]], str]
    ) -> list[Job]:
        found: list[Job] = []
        for chunk in odata.chunks(ids, size):
            query = {"$filter": filter_of(chunk), "$top": str(odata.PAGE)}
            answer: Any = folded(await self._requests.read(advice.JOBS, _JOBS, folder, query))
            wanted = set(chunk)
            found += [job for job in self._requests.entities(Job, answer.get("value"), _JOBS) if job.id in wanted]
        return found

    async def job(self, folder: Folder, job_id: int) -> Job | None:
        """One Job, whole, with its robot. None only where Orchestrator itself says 404, not something before it."""
        path = f"{_JOBS}({int(job_id)})"
        try:
            answer = await self._requests.read(advice.JOB, path, folder, {"$expand": "Robot"})
        except Refused as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return self._requests.entity(Job, answer, path)

    async def stop_jobs(self, folder: Folder, ids: Sequence[int], strategy: StopStrategy) -> None:
        """POST StopJobs, once."""
        body = {"jobIds": [int(number) for number in ids], "strategy": strategy.value}
        reply = await self._requests.post(advice.STOP, f"{_JOBS}/{odata.ODATA}.StopJobs", folder, body)
        if reply.body.strip() and not is_of_api(reply):
            document(reply)
