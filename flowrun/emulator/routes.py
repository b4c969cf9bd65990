"""The explicit list of what is built, and how a path is read.

The API is mounted at `/`, at `/{org}/{tenant}` and at `/{org}/{tenant}/orchestrator_`. Names are taken in any case,
functions with or without their namespace and with or without empty brackets. What is not in the list answers 501 by
name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flowrun.emulator.call import Call, Reply
from flowrun.emulator.handlers import (
    attachments,
    blobs,
    control,
    exports,
    folders,
    identity,
    jobs,
    persistence,
    releases,
    robots,
    robotsservice,
    schedules,
    status,
    triggers,
    webhooks,
)
from flowrun.orchestrator.wire import ODATA

Handler = Callable[[Call], Reply]

_ENTITIES: Mapping[tuple[str, str, bool, str], tuple[str, Handler]] = {
    # method, entity set, whether a key stands in brackets, function
    ("GET", "folders", False, ""): ("Folders", folders.listed),
    ("GET", "folders", True, ""): ("Folder", folders.single),
    ("GET", "folders", False, "getbykey"): ("FolderByKey", folders.by_key),
    ("GET", "releases", False, ""): ("Releases", releases.listed),
    ("GET", "releases", True, ""): ("Release", releases.single),
    ("GET", "releases", False, "listreleases"): ("ListReleases", releases.listed),
    ("POST", "releases", True, "updatetospecificpackageversion"): ("UpdateRelease", releases.update),
    ("POST", "releases", False, "updatetospecificpackageversionbykey"): ("UpdateRelease", releases.update),
    ("POST", "releases", True, "updatetolatestpackageversion"): ("UpdateRelease", releases.update_to_latest),
    ("POST", "releases", False, "updatetolatestpackageversionbykey"): ("UpdateRelease", releases.update_to_latest),
    ("POST", "releases", True, "rollbacktopreviousreleaseversion"): ("UpdateRelease", releases.roll_back),
    ("POST", "releases", False, "rollbacktopreviousreleaseversionbykey"): ("UpdateRelease", releases.roll_back),
    ("GET", "robots", False, ""): ("Robots", robots.listed),
    ("GET", "robots", True, ""): ("Robot", robots.single),
    ("GET", "robots", False, "getrobotsfromfolder"): ("GetRobotsFromFolder", robots.from_folder),
    ("GET", "jobs", False, ""): ("Jobs", jobs.listed),
    ("GET", "jobs", True, ""): ("Job", jobs.single),
    ("GET", "jobs", False, "getbykey"): ("JobByKey", jobs.by_key),
    ("POST", "jobs", False, "startjobs"): ("StartJobs", jobs.start),
    ("POST", "jobs", False, "stopjobs"): ("StopJobs", jobs.stop_many),
    ("POST", "jobs", True, "stopjob"): ("StopJob", jobs.stop_one),
    ("POST", "jobs", False, "restartjob"): ("RestartJob", jobs.restart),
    ("POST", "jobs", False, "resumejob"): ("ResumeJob", jobs.resume),
    ("GET", "jobtriggers", False, ""): ("JobTriggers", triggers.listed),
    ("GET", "jobtriggers", False, "getbyjobkey"): ("JobTriggersByJobKey", triggers.by_job_key),
    ("GET", "jobtriggers", False, "getwithwaitevents"): ("JobTriggersWithWaitEvents", triggers.with_wait_events),
    ("GET", "processschedules", False, ""): ("ProcessSchedules", schedules.listed),
    ("GET", "processschedules", True, ""): ("ProcessSchedule", schedules.single),
    ("GET", "processschedules", False, "getrobotidsforschedule"): ("GetRobotIdsForSchedule", schedules.robot_ids),
    ("GET", "queuedefinitions", False, ""): ("QueueDefinitions", schedules.queues),
    ("POST", "jobs", False, "validatedynamicjob"): ("ValidateDynamicJob", jobs.validate),
    ("POST", "jobs", False, "export"): ("Export", exports.create),
    ("GET", "exports", True, ""): ("ExportStatus", exports.single),
    ("GET", "exports", True, "getdownloadlink"): ("GetDownloadLink", exports.download_link),
    ("GET", "webhooks", False, ""): ("Webhooks", webhooks.listed),
    ("POST", "webhooks", False, ""): ("CreateWebhook", webhooks.create),
    ("GET", "webhooks", True, ""): ("Webhook", webhooks.single),
    ("PUT", "webhooks", True, ""): ("UpdateWebhook", webhooks.update),
    ("PATCH", "webhooks", True, ""): ("UpdateWebhook", webhooks.update),
    ("DELETE", "webhooks", True, ""): ("DeleteWebhook", webhooks.delete),
    ("POST", "webhooks", True, "ping"): ("PingWebhook", webhooks.ping),
    ("GET", "webhooks", False, "geteventtypes"): ("GetEventTypes", webhooks.event_types),
    ("GET", "attachments", False, ""): ("Attachments", attachments.listed),
    ("POST", "attachments", False, ""): ("CreateAttachment", attachments.create),
    ("GET", "attachments", True, ""): ("Attachment", attachments.single),
    ("DELETE", "attachments", True, ""): ("DeleteAttachment", attachments.delete),
    ("GET", "processes", False, "downloadpackage"): ("DownloadPackage", robotsservice.download_package),
}
_PLAIN: Mapping[tuple[str, str], tuple[str, Handler]] = {
    ("POST", "api/account/authenticate"): ("Authenticate", identity.authenticate),
    ("GET", "api/foldersnavigation/getfoldersforcurrentuser"): ("GetFoldersForCurrentUser", folders.for_current_user),
    ("GET", "api/folders/getallforcurrentuser"): ("GetAllForCurrentUser", folders.for_current_user),
    ("GET", "api/robotsservice/getsharedconnectiondata"): ("GetSharedConnectionData", robotsservice.connection_data),
    ("POST", "api/robotsservice/startservice"): ("StartService", robotsservice.start_service),
    ("POST", "api/robotsservice/stopservice"): ("StopService", robotsservice.stop_service),
    ("POST", "api/robotsservice/beginsession"): ("BeginSession", robotsservice.begin_session),
    ("POST", "api/robotsservice/endsession"): ("EndSession", robotsservice.end_session),
    ("POST", "api/robotsservice/heartbeatv2"): ("HeartbeatV2", robotsservice.heartbeat),
    ("POST", "api/robotsservice/submitjobstate"): ("SubmitJobState", robotsservice.submit_state),
    ("POST", "api/robotsservice/suspendpersistentjob"): ("SuspendPersistentJob", persistence.suspend),
    ("GET", "api/robotsservice/getpersistentjob"): ("GetPersistentJob", persistence.state),
    ("GET", "api/robotsservice/getinputfileaccess"): ("GetInputFileAccess", robotsservice.input_file),
    ("GET", "api/robotsservice/getoutputfileaccess"): ("GetOutputFileAccess", robotsservice.output_file),
    ("POST", "api/logs/submitlogs"): ("SubmitLogs", robotsservice.submit_logs),
    ("GET", "api/status/get"): ("Status", status.get),
    ("GET", "api/status/version"): ("Version", status.version),
    ("POST", "emulator/faults"): ("emulator", control.add_fault),
    ("GET", "emulator/faults"): ("emulator", control.list_faults),
    ("DELETE", "emulator/faults"): ("emulator", control.clear_faults),
    ("POST", "emulator/tokens"): ("emulator", control.issue_token),
    ("DELETE", "emulator/tokens"): ("emulator", control.revoke_tokens),
    ("GET", "emulator/ledger"): ("emulator", control.ledger),
    ("GET", "emulator/state"): ("emulator", control.state),
    ("POST", "emulator/reload"): ("emulator", control.reload),
    ("POST", "emulator/shutdown"): ("emulator", control.shut_down),
}
_KEYED: Mapping[tuple[str, str], tuple[str, Handler]] = {
    # the last part of the path is a key
    ("POST", "api/jobtriggers/deliverpayload"): ("DeliverPayload", triggers.deliver),
    ("GET", "api/jobtriggers/getpayload"): ("GetPayload", triggers.payload),
}
OPEN = frozenset({identity.token, identity.authenticate, blobs.get, blobs.put})
"""The handlers that ask for the token themselves, or for a signature."""
_BLOBS: Mapping[str, Handler] = {"GET": blobs.get, "PUT": blobs.put}
OF_ROBOTS = frozenset(
    {
        robotsservice.start_service,
        robotsservice.stop_service,
        robotsservice.begin_session,
        robotsservice.end_session,
        robotsservice.heartbeat,
        robotsservice.submit_state,
        robotsservice.input_file,
        robotsservice.output_file,
        robotsservice.submit_logs,
        persistence.suspend,
        persistence.state,
    }
)
"""The handlers that a robot's licence key opens in place of the token."""

_TOKEN_PATH = re.compile(r"(?:/[^/]+)?/identity_?/connect/token", re.IGNORECASE)
_BLOB_PATH = re.compile(r"/blobs/([0-9a-zA-Z-]+)")
_MOUNTED = re.compile(r"((?:/[^/()]+/[^/()]+)?(?:/orchestrator_)?)/((odata|api|emulator)/.*)", re.IGNORECASE)
_ENTITY = re.compile(
    rf"odata/(?P<set>\w+)(?:\((?P<key>[^()]*)\))?/?(?:(?:{re.escape(ODATA)}\.)?(?P<function>\w+))?(?:\((?P<given>.*)\))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes. `operation` names it for faults and the ledger; `handler` is None where it is not built."""

    operation: str
    handler: Handler | None = None
    mount: str = ""
    key: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)


def find(method: str, path: str) -> Route | None:
    """The route of a path; None where it is no path of the API at all."""
    mounted = _MOUNTED.fullmatch(path)
    if mounted is None:
        return _beside(method, path)
    mount, rest = mounted[1], mounted[2].rstrip("/")
    plain = rest.lower().removesuffix("()")
    if not plain.startswith("odata/"):
        name = rest.removesuffix("()").rpartition("/")[2]
        if plain.startswith("emulator/") and mount:
            return None
        operation, handler = _PLAIN.get((method, plain), (name, None))
        keyed = _KEYED.get((method, plain.rpartition("/")[0]))
        return Route(operation, handler, mount) if keyed is None else Route(*keyed, mount, name)
    match = _ENTITY.fullmatch(rest)
    if match is None:
        return Route(rest.rpartition("/")[2], None, mount)
    key, function = match["key"] or "", match["function"] or ""
    unknown: tuple[str, None] = (function or match["set"], None)
    operation, handler = _ENTITIES.get((method, match["set"].lower(), bool(key), function.lower()), unknown)
    return Route(operation, handler, mount, key, _arguments(match["given"] or ""))


def _beside(method: str, path: str) -> Route | None:
    """What is no part of Orchestrator itself: the sign-in, and the blob store."""
    if _TOKEN_PATH.fullmatch(path):
        return Route("Token", identity.token if method == "POST" else None)
    blob = _BLOB_PATH.fullmatch(path)
    return None if blob is None else Route("Blob", _BLOBS.get(method), key=blob[1])


def _arguments(given: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in given.split(",") if part)
    return {name.strip().lower(): value.strip().strip("'") for name, _, value in pairs}
