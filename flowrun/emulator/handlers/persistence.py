"""What a robot from outside says when its Job is to wait, and asks when it goes on (API facts 10).

The state of a waiting automation is bytes that only its robot understands. They lie beside the logs of Jobs, under the
persistence id that the robot gave them.
"""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime

from flowrun.emulator.call import PLAIN_JSON, ApiError, Call, Reply, folded
from flowrun.emulator.entities import Json
from flowrun.emulator.handlers.robotsservice import parameter, session_of
from flowrun.emulator.triggers import Suspension

_BOUNDARY = re.compile(r'multipart/form-data;.*\bboundary="?([^";]+)"?', re.IGNORECASE)
_NAME = re.compile(rb'\bname="?([^";\r\n]+)"?', re.IGNORECASE)
_INBOXES = frozenset({"inbox", "api"})
"""Kinds of triggers that DeliverPayload fires."""


def suspend(call: Call) -> Reply:
    """`POST /api/robotsservice/SuspendPersistentJob`: a form of `suspendJobDto` (JSON) and `file` (the state)."""
    session = session_of(call)
    form = _form(call)
    words = _words(form.get("suspendJobDto", b""))
    persistence = _guid(words.get("persistenceinstanceid"))
    suspension = _suspension(words.get("resumetriggers"), call.tenant.store.clock())
    job = call.tenant.sessions.suspend(session, str(words.get("jobid")), persistence, form.get("file", b""))
    if job is None:
        raise ApiError(404, 1002, "Job does not exist.")
    if not job.final:
        info = words.get("jobinfo") or suspension.message or "Job suspended"
        call.tenant.robots.suspend(job, str(info), suspension, persistence)
    return Reply(200, {}, PLAIN_JSON)


def state(call: Call) -> Reply:
    """`GET /api/robotsservice/GetPersistentJob?persistenceId=…&resumeVersion=…`: the bytes of the last suspension."""
    session = session_of(call)
    persistence, version = _guid(parameter(call, "persistenceid")), parameter(call, "resumeversion")
    content = call.tenant.sessions.state(session, persistence, version)
    if content is None:
        raise ApiError(404, 1002, "There is no such state of a Job.")
    return Reply(200, media_type="application/octet-stream", content=content)


def _form(call: Call) -> dict[str, bytes]:
    """The fields of a form by their names. Raises ApiError."""
    boundary = _BOUNDARY.match(call.headers.get("content-type", ""))
    if boundary is None:
        raise ApiError(400, 1000, "Invalid request! The body is not a form.")
    fields: dict[str, bytes] = {}
    for part in (b"\r\n" + call.body).split(b"\r\n--" + boundary[1].encode())[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if name is not None:
            fields[name[1].decode(errors="replace")] = content
    return fields


def _words(text: bytes) -> dict[str, Json]:
    try:
        return folded(json.loads(text))
    except (ValueError, AttributeError, RecursionError):
        raise ApiError(400, 1000, "Invalid request! suspendJobDto is not an object in JSON.") from None


def _suspension(triggers: Json, now: float) -> Suspension:
    """What the first trigger waits for; an automation without one waits for ResumeJob."""
    first = folded(triggers[0]) if isinstance(triggers, list) and triggers and isinstance(triggers[0], dict) else {}
    kind, message = str(first.get("triggertype") or "Inbox"), first.get("triggermessage")
    said = message if isinstance(message, str) else None
    if kind.lower() == "timer":
        return Suspension(said, max(0.0, _moment(first.get("resumetime")) - now))
    inbox = first.get("itemkey")
    if isinstance(first.get("apiresume"), dict):
        inbox = folded(first["apiresume"]).get("inboxid") or inbox
    return Suspension(said, inbox=str(inbox) if inbox else None, kind=None if kind.lower() in _INBOXES else kind)


def _moment(given: Json) -> float:
    try:
        return datetime.fromisoformat(str(given)).timestamp()
    except ValueError:
        raise ApiError(400, 1000, "Invalid request! resumeTime is not a time.") from None


def _guid(given: Json) -> str:
    try:
        return str(uuid.UUID(str(given)))
    except ValueError:
        raise ApiError(400, 1000, "Invalid request! The persistence id is not a GUID.") from None
