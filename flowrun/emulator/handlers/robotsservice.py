"""The robot service: what a robot of UiPath's says to Orchestrator, and what it is told (API facts 10).

It connects with the token and gets a licence key, with which it signs everything else it says. Names are in camel case.
"""

from __future__ import annotations

import base64
import binascii
import json
import uuid

from flowrun.emulator.blobs import READ, WRITE
from flowrun.emulator.call import PLAIN_JSON, ApiError, Call, Reply, folded
from flowrun.emulator.entities import Job, Json
from flowrun.emulator.files import Attachment
from flowrun.emulator.handlers.attachments import blob_access
from flowrun.emulator.handlers.blobs import BLOB_TYPE
from flowrun.emulator.sessions import Offer, Report, Session
from flowrun.orchestrator.wire import JobState

_STATES = {
    state.lower(): state for state in (JobState.RUNNING, JobState.SUCCESSFUL, JobState.FAULTED, JobState.STOPPED)
}


def connection_data(call: Call) -> Reply:
    """`GET /api/robotsservice/getsharedconnectiondata`: a licence key. It asks for the token, not for a licence."""
    session = call.tenant.sessions.connect(_machine(call))
    return Reply(200, {"licenseKey": session.key}, PLAIN_JSON)


def start_service(call: Call) -> Reply:
    """`POST /api/robotsservice/startservice`."""
    session_of(call)
    return Reply(200, {}, PLAIN_JSON)


def stop_service(call: Call) -> Reply:
    """`POST /api/robotsservice/stopservice`."""
    call.tenant.sessions.leave(session_of(call))
    return Reply(200, {}, PLAIN_JSON)


def begin_session(call: Call) -> Reply:
    """`POST /api/robotsservice/BeginSession`: the robot of a user."""
    session = session_of(call)
    username = call.json().get("username")
    if not isinstance(username, str) or not username.strip():
        raise ApiError(400, 1000, "Invalid request! userName is missing.")
    call.tenant.sessions.name(session, username.strip())
    body = {"robotKey": _robot_key(session), "robotName": session.robot.name, "hasLicense": True}
    return Reply(200, body, PLAIN_JSON)


def end_session(call: Call) -> Reply:
    """`POST /api/robotsservice/EndSession`."""
    session_of(call)
    return Reply(200, {}, PLAIN_JSON)


def heartbeat(call: Call) -> Reply:
    """`POST /api/robotsservice/heartbeatv2`: what to do."""
    session = session_of(call)
    offer, stops = call.tenant.sessions.beat(session)
    commands = [_command(session, job, {"type": "StopProcess"}) for job in stops]
    if offer is not None:
        commands.append(_command(session, offer.job, _start(offer)))
    body = {
        "commands": commands,
        "serviceSettingsStamp": call.tenant.deployment.digest[:16],
        "isUnattended": False,
        "isUnattendedLicensed": False,
    }
    return Reply(200, body, PLAIN_JSON)


def submit_state(call: Call) -> Reply:
    """`POST /api/robotsservice/SubmitJobState`: a list, one entry for each Job."""
    session = session_of(call)
    for report in [_report(item) for item in _list(call)]:
        call.tenant.sessions.report(session, report)
    return Reply(200, {}, PLAIN_JSON)


def input_file(call: Call) -> Reply:
    """`GET /api/robotsservice/GetInputFileAccess?jobKey=…`: where the arguments of the robot's own Job are."""
    offer = _offered(call)
    if offer.input_file is None:
        raise ApiError(404, 1002, "The Job has no input file.")
    attachment = call.tenant.files.attachments[offer.input_file]
    access = blob_access(call, call.tenant.files.blobs.address(attachment.id, READ), "GET")
    return _file(attachment, access, offer.job)


def output_file(call: Call) -> Reply:
    """`GET /api/robotsservice/GetOutputFileAccess?jobKey=…&fileName=…`: where to put what is too large to say."""
    offer = _offered(call)
    attachment = call.tenant.files.attach(parameter(call, "filename") or f"{offer.job.key}.json")
    address = call.tenant.files.blobs.address(attachment.id, WRITE)
    return _file(attachment, blob_access(call, address, "PUT", {BLOB_TYPE: "BlockBlob"}), offer.job)


def submit_logs(call: Call) -> Reply:
    """`POST /api/Logs/SubmitLogs`: a list of JSON texts, one for each line of a Job's log."""
    session = session_of(call)
    lines: list[tuple[str, str]] = []
    for text in _list(call):
        try:
            entry = folded(json.loads(text))
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise ApiError(400, 1000, "Invalid request! A log entry is not an object in JSON.") from None
        line = " ".join(str(entry.get(name, "")) for name in ("timestamp", "level", "message"))
        lines.append((str(entry.get("jobid", "")), line))
    call.tenant.sessions.log(session, lines)
    return Reply(200, {}, PLAIN_JSON)


def download_package(call: Call) -> Reply:
    """`GET /odata/Processes/….DownloadPackage(key='id:version')`: the nupkg."""
    built = call.tenant.sessions.packages.find(call.arguments.get("key", ""))
    if built is None:
        raise ApiError(404, 1002, "Package does not exist.")
    name = f"{built.id}.{built.version}.nupkg"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Reply(200, media_type="application/octet-stream", headers=headers, content=built.content)


def session_of(call: Call) -> Session:
    """The robot that asks, by its licence key. Raises ApiError."""
    session = call.tenant.sessions.find(call.headers.get("x-robot-license"))
    if session is None:
        raise ApiError(401, 0, "There is no robot with this license key: connect first.")
    return session


def _offered(call: Call) -> Offer:
    """What the robot was offered, if it asks for that Job. Raises ApiError."""
    offer = session_of(call).offer
    if offer is None or offer.job.key != parameter(call, "jobkey").lower():
        raise ApiError(404, 1002, "Job does not exist.")
    return offer


def parameter(call: Call, name: str) -> str:
    """A query parameter, by its name in lower case; empty where it is missing."""
    return str(folded(call.query).get(name, ""))


def _file(attachment: Attachment, access: Json, job: Job) -> Reply:
    """An attachment, and an access to it, as a robot reads them: names in camel case."""
    headers = {name.lower(): values for name, values in access["Headers"].items()}
    uri, verb, needs_token = access["Uri"], access["Verb"], access["RequiresAuth"]
    body = {
        "id": attachment.id,
        "name": attachment.name,
        "jobKey": job.key,
        "blobFileAccess": {"uri": uri, "verb": verb, "requiresAuth": needs_token, "headers": headers},
    }
    return Reply(200, body, PLAIN_JSON)


def _machine(call: Call) -> str:
    encoded = call.headers.get("x-robot-machine-encoded", "")
    try:
        return base64.b64decode(encoded, validate=True).decode() or call.headers.get("x-robot-machine", "machine")
    except (binascii.Error, UnicodeDecodeError):
        raise ApiError(400, 1000, "Invalid request! X-ROBOT-MACHINE-ENCODED cannot be read.") from None


def _list(call: Call) -> list[Json]:
    try:
        items = json.loads(call.body)
    except (ValueError, RecursionError):
        raise ApiError(400, 1000, "Invalid request! The body is not JSON.") from None
    if not isinstance(items, list):
        raise ApiError(400, 1000, "Invalid request! The body is not a list.")
    return items


def _report(item: Json) -> Report:
    if not isinstance(item, dict):
        raise ApiError(400, 1000, "Invalid request! A state is an object.")
    words = folded(item)
    state = _STATES.get(str(words.get("jobstate")).lower())
    if state is None:
        raise ApiError(400, 1000, f"Invalid request! The jobState '{words.get('jobstate')}' is not one of a robot's.")
    return Report(
        str(words.get("jobkey")),
        state,
        _text(words.get("outputarguments")),
        _text(words.get("outputfile")),
        _error(words.get("error")),
    )


def _error(given: Json) -> tuple[str, str] | None:
    if not isinstance(given, dict):
        return None
    words = folded(given)
    said = [str(words[name]) for name in ("title", "detail") if words.get(name)]
    return str(words.get("code") or "Robot"), "\n".join(said)


def _text(given: Json) -> str | None:
    return given if isinstance(given, str) else None


def _command(session: Session, job: Job, more: dict[str, Json]) -> dict[str, Json]:
    folder, robot = job.folder, session.robot
    data = {
        "id": str(uuid.uuid4()),
        "jobKey": job.key,
        "processKey": job.release.key,
        "processName": job.release.name,
        "folderId": folder.id,
        "folderKey": folder.key,
        "folderPath": folder.path,
        "fullyQualifiedFolderName": folder.path,
        **more,
    }
    return {
        "robotKey": _robot_key(session),
        "robotName": robot.name,
        "robotType": 1,
        "machineId": robot.id,
        "username": robot.username,
        "hasLicense": True,
        "isExternalLicensed": False,
        "executionSettings": {},
        "authSettings": {},
        "userDetails": {"key": _robot_key(session), "email": ""},
        "data": data,
    }


def _start(offer: Offer) -> dict[str, Json]:
    job, echoed = offer.job, offer.job.echoed
    goes_on = job.state is JobState.RESUMED
    return {
        "type": "StartProcess",
        "packageId": offer.built.id,
        "packageVersion": offer.built.version,
        "entryPointPath": echoed.get("EntryPointPath") or offer.built.entry_point,
        "inputArguments": offer.given if offer.input_file is None else None,
        "inputFile": offer.input_file,
        "environmentVariables": echoed.get("EnvironmentVariables"),
        "traceId": echoed.get("TraceId"),
        "parentSpanId": echoed.get("ParentSpanId"),
        "rootSpanId": echoed.get("RootSpanId"),
        "jobSource": job.source,
        "persistenceId": job.persistence_id if goes_on else None,
        "resumeVersion": job.resume_version if goes_on else None,
        "fpsProperties": echoed.get("FpsProperties"),
        "fpsContext": echoed.get("FpsContext"),
    }


def _robot_key(session: Session) -> str:
    return str(uuid.uuid5(uuid.UUID(session.key), "robot"))
