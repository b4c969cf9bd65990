"""Inspection: what an Orchestrator is, who we are there and what we may do. Reads only; starts nothing of anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowrun.errors import Ambiguous
from flowrun.orchestrator import odata
from flowrun.orchestrator.advice import FOLDERS, JOBS, RELEASES, ROBOTS, Call
from flowrun.orchestrator.claims import Claims, claims_of
from flowrun.orchestrator.folders import Folders
from flowrun.orchestrator.replies import document, is_of_api
from flowrun.orchestrator.requests import Requests
from flowrun.orchestrator.wire import Folder, Release

_STATUS = "/api/Status/Get"
_VERSIONS = "api-supported-versions"
_ERROR = 500


@dataclass(frozen=True, slots=True)
class Server:
    """An Orchestrator that answered: its address, and the newest version of the API that it says it speaks."""

    api: str
    version: str


class Inspection:
    """Looks at one Orchestrator."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._folders = Folders(requests)

    async def server(self) -> Server:
        """Whether an Orchestrator answers, without a token. Raises Unreachable; Ambiguous where something else does."""
        reply = await self._requests.knock(_STATUS)
        versions = reply.headers.get(_VERSIONS, "")
        if reply.status >= _ERROR:
            raise Ambiguous(f"{self._requests.api} answers {reply.status}: it is down, or being serviced")
        if reply.succeeded and reply.body.strip() and not versions:
            document(reply)
        if not versions and not reply.succeeded and not is_of_api(reply):
            hint = "Check UIPATH_URL; a proxy or a sign-in page may also be in between."
            raise Ambiguous(f"what answers at {self._requests.api} is no Orchestrator ({reply.status})", hint=hint)
        return Server(self._requests.api, versions.split(",")[-1].strip())

    async def signed_in(self) -> Claims | None:
        """Sign in, and what the token says of itself; None where it is opaque. Raises OrchestratorError."""
        return claims_of(await self._requests.token())

    async def folders(self) -> list[Folder]:
        """Those that the account sees."""
        return await self._folders.all()

    async def versions(self, folder: Folder, release_key: str) -> dict[int, str]:
        """The numbers of the versions that a Release has and had, by the ids that Jobs name (`ReleaseVersionId`)."""
        by = f"Key eq {odata.text(release_key)}"
        found = await self._requests.rows(
            RELEASES, Release, "/odata/Releases", folder, filter=by, expand="ReleaseVersions"
        )
        return {one.id: one.version_number for release in found for one in release.release_versions or ()}

    async def probe(self, call: Call, folder: Folder | None) -> None:
        """Read one row of what the call reads. Raises what the server says against it."""
        path = _PROBES[call.name]
        if "{folder}" in path:
            path = path.format(folder=folder.id if folder else 0)
        await self._requests.read(call, path, folder, {} if call is ROBOTS else {"$top": "1"})


_PROBES: Mapping[str, str] = {
    JOBS.name: "/odata/Jobs",
    RELEASES.name: "/odata/Releases",
    ROBOTS.name: f"/odata/Robots/{odata.ODATA}.GetRobotsFromFolder(folderId={{folder}})",
    FOLDERS.name: "/odata/Folders",
}
PROBED = (FOLDERS, RELEASES, ROBOTS, JOBS)
"""The calls that can be tried without doing anything."""
