"""JobRecords: the calls of the API guide around Jobs that were started: queries, exports, attachments, validation."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from flowrun.errors import OrchestratorError, Refused, Unreachable
from flowrun.orchestrator import advice, odata
from flowrun.orchestrator.blobs import Blobs
from flowrun.orchestrator.query import MOST, JobPage, JobQuery
from flowrun.orchestrator.replies import document, folded
from flowrun.orchestrator.requests import Requests
from flowrun.orchestrator.transport import Sink
from flowrun.orchestrator.wire import Attachment, BlobAccess, Export, Folder, Job, StartInfo, Validation

logger = logging.getLogger(__name__)

_JOBS = "/odata/Jobs"
_EXPORTS = "/odata/Exports"
_ATTACHMENTS = "/odata/Attachments"
_NOT_BUILT = (404, 405, 501)
_NOT_FOUND = 404
_LARGEST_ATTACHMENT = 64 * 1024 * 1024


class JobRecords:
    """The half of the client that reads back. `folder` None is all folders that the account sees."""

    def __init__(self, requests: Requests, blobs: Blobs) -> None:
        self._requests = requests
        self._blobs = blobs

    async def query_jobs(self, folder: Folder | None, query: JobQuery) -> JobPage:
        """The Jobs of a query, page by page. Arguments are null in what lists give (API facts 3.3)."""
        found: dict[int, Job] = {}
        count: int | None = None
        skipped = query.skip
        while query.top is None or len(found) < query.top:
            asked = MOST if query.top is None else min(MOST, query.top - len(found))
            page = {**query.options(), "$top": str(asked), "$skip": str(skipped)}
            if query.count and count is None:
                page["$count"] = "true"
            answer: Any = folded(await self._requests.read(advice.JOBS, _JOBS, folder, page))
            rows = self._requests.entities(Job, answer.get("value"), _JOBS)
            total = answer.get("@odata.count")
            count = total if query.count and count is None and isinstance(total, int) else count
            known = len(found)
            found.update({job.id: job for job in rows})
            skipped += len(rows)
            if len(found) == known or (len(rows) < min(asked, odata.PAGE) and "@odata.nextlink" not in answer):
                break
        return JobPage(tuple(found.values())[: query.top], count)

    async def job_by_key(self, folder: Folder | None, key: str) -> Job | None:
        """One Job by its key, whole. Without a folder through a list, which may lag: GetByKey needs one."""
        guid = odata.guid(key)
        if folder is not None:
            path = f"{_JOBS}/{odata.ODATA}.GetByKey(identifier={guid})"
            try:
                answer = await self._requests.read(advice.JOB, path, folder, {"$expand": "Robot,Release,Machine"})
            except Refused as error:
                if error.status not in _NOT_BUILT:
                    raise
            else:
                return self._requests.entity(Job, answer, path)
        page = {"$filter": f"Key in ({odata.text(guid)})", "$top": "1"}
        answer = folded(await self._requests.read(advice.JOBS, _JOBS, folder, page))
        rows = self._requests.entities(Job, answer.get("value"), _JOBS)
        found = [job for job in rows if job.key.lower() == guid]
        return await self.job_by_id(folder, found[0].id) if found else None

    async def job_by_id(self, folder: Folder | None, job_id: int) -> Job | None:
        """One Job, whole, with its robot, Release and machine; None where Orchestrator says 404."""
        path = f"{_JOBS}({int(job_id)})"
        try:
            answer = await self._requests.read(advice.JOB, path, folder, {"$expand": "Robot,Release,Machine"})
        except Refused as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return self._requests.entity(Job, answer, path)

    async def export_jobs(self, folder: Folder | None, query: JobQuery) -> Export:
        """Ask for an export, by one request: each counts towards the 100 a day of the tenant."""
        path = f"{_JOBS}/{odata.ODATA}.Export"
        options = query.options()
        if query.top is not None:
            options["$top"] = str(query.top)
        reply = await self._requests.post(advice.EXPORT, path, folder, None, options)
        return self._requests.entity(Export, document(reply), path)

    async def export(self, folder: Folder | None, export_id: int) -> Export:
        """How far an export is."""
        path = f"{_EXPORTS}({int(export_id)})"
        return self._requests.entity(Export, await self._requests.read(advice.EXPORTS, path, folder), path)

    async def read_export(self, folder: Folder | None, export_id: int, sink: Sink) -> None:
        """Give what a completed export holds to `sink`, part by part. After a failure the parts are worth nothing."""
        path = f"{_EXPORTS}({int(export_id)})/{odata.ODATA}.GetDownloadLink"
        link = self._requests.entity(BlobAccess, await self._requests.read(advice.EXPORTS, path, folder), path)
        await self._blobs.get(advice.DOWNLOAD, link, sink)

    async def upload(self, folder: Folder, data: bytes) -> str:
        """Make an attachment of these bytes, by two requests; its id. Nothing comes of one that nobody names."""
        reply = await self._requests.post(advice.ATTACH, _ATTACHMENTS, folder, {"Name": f"{uuid.uuid4()}.json"})
        made = self._requests.entity(Attachment, document(reply), _ATTACHMENTS)
        await self._blobs.put(advice.UPLOAD, made.blob_file_access, data)
        return made.id

    async def download(self, folder: Folder, attachment_id: str) -> bytes:
        """The bytes of an attachment."""
        path = f"{_ATTACHMENTS}({odata.guid(attachment_id)})"
        answer = await self._requests.read(advice.ATTACHMENT, path, folder)
        access = self._requests.entity(Attachment, answer, path).blob_file_access
        data = bytearray()

        def keep(part: bytes) -> None:
            if len(data) + len(part) > _LARGEST_ATTACHMENT:
                raise Refused(f"attachment {attachment_id} is larger than {_LARGEST_ATTACHMENT} bytes")
            data.extend(part)

        await self._blobs.get(advice.ATTACHMENT, access, keep)
        return bytes(data)

    async def validate(self, folder: Folder, info: StartInfo) -> Validation | None:
        """What the server itself says of a start, without starting; None where it cannot be asked.

        Older servers do not have it, and an account that may only look is not allowed it: neither is a fault of the
        start. Raises Unreachable.
        """
        path = f"{_JOBS}/{odata.ODATA}.ValidateDynamicJob"
        try:
            reply = await self._requests.post(advice.VALIDATE, path, folder, {"startInfo": info.to_wire()})
            return self._requests.entity(Validation, document(reply), path)
        except Unreachable:
            raise
        except OrchestratorError as error:
            if error.status not in _NOT_BUILT:
                logger.info("a start could not be validated beforehand: %s", error.message)
            return None
