"""What to do about a refusal: a sentence for each errorCode and each call (codes: the API facts, 8.2; scopes: 1.2)."""

from __future__ import annotations

from dataclasses import dataclass

from flowrun.errors import NotSignedIn, OrchestratorError


@dataclass(frozen=True, slots=True)
class Call:
    """A kind of request: its name in counts, what it is for, and what the account needs to be allowed it."""

    name: str
    purpose: str
    scope: str = ""
    permission: str = ""


START = Call("start_jobs", "start Jobs", "OR.Jobs.Write", "Jobs.Create")
STOP = Call("stop_jobs", "stop Jobs", "OR.Jobs.Write", "Jobs.Edit")
JOB = Call("job", "read a Job", "OR.Jobs.Read", "Jobs.View")
JOBS = Call("jobs", "list Jobs", "OR.Jobs.Read", "Jobs.View")
FIND = Call("find_jobs", "look up Jobs", "OR.Jobs.Read", "Jobs.View")
EXPORT = Call("export_jobs", "export Jobs", "OR.Jobs.Write", "Jobs.View")
EXPORTS = Call("exports", "read an export", "OR.Jobs.Read", "Jobs.View")
DOWNLOAD = Call("download", "download an export")
ATTACH = Call("attachments", "make an attachment", "OR.Folders.Write", "Jobs.Create")
UPLOAD = Call("upload", "upload an attachment")
ATTACHMENT = Call("attachment", "read an attachment", "OR.Folders.Read", "Jobs.View")
VALIDATE = Call("validate", "validate a start", "OR.Jobs.Write", "Jobs.Create")
RELEASES = Call("releases", "read Releases", "OR.Execution.Read", "Processes.View")
ROBOTS = Call("robots", "read robots", "OR.Robots.Read", "Robots.View")
TRIGGERS = Call("triggers", "read triggers", "OR.Jobs.Read", "Schedules.View")
QUEUES = Call("queues", "read queues", "OR.Queues.Read", "Queues.View")
FOLDERS = Call("folders", "read folders", "OR.Folders.Read", "Units.View")
TOKEN = Call("token", "sign in")

_CODES = {
    1000: "Orchestrator did not understand the request: its version may be older than this one expects.",
    1002: "Look whether what is named is in {folder}, and whether the account may see it there.",
    1009: "Orchestrator does not take one of the values; its message says which.",
    1100: "Check the path of {folder}, and that the account is assigned to it.",
    1101: "Name a folder: `folder:` in the step, `--folder`, or UIPATH_FOLDER_PATH.",
    1230: "The Release needs a desktop: give {folder} an unattended robot with one, or build a background process.",
    1670: "The robots have a waiting Job of this Release already: wait for it, or use strategy ModernJobsCount.",
    1671: "Assign a user or robot account with an unattended robot to {folder}.",
    2818: "Assign a machine with Unattended or NonProduction runtimes to {folder}.",
    4501: "The server took too long to write the export: ask for fewer Jobs, by a shorter time or a state.",
    4502: "A tenant may export 100 times a day, all its programs together, and today's are used up: "
    "wait until 00:00 UTC, or read the same Jobs with `flowrun jobs list -o csv`, which counts as no export.",
}
_CODES_OF_CALLS = {
    (1000, JOBS): "Orchestrator does not understand the query: look at the names in --order-by and --expand; "
    "an older version may also lack a property or a function that is used here.",
    (1002, START): "Look whether the Release is in {folder}, and whether the account may see it there.",
    (1002, STOP): "One of the Jobs is not in {folder}; name the folder that it runs in.",
    (1002, ATTACHMENT): "Attachments are deleted after a time; this one is gone, or the account may not see it.",
}
"""What is more to the point where such a code answers such a call."""


def advise(error: OrchestratorError, call: Call, folder: str = "") -> OrchestratorError:
    """The error, with a hint where there is something to do about it. `folder` is the one that was asked."""
    where = f"folder {folder}" if folder else "the folder"
    known = _CODES_OF_CALLS.get((error.code or 0, call)) or _CODES.get(error.code or 0)
    if known is not None:
        error.hint = known.format(folder=where)
    elif isinstance(error, NotSignedIn) and error.status == 401:  # noqa: PLR2004 - HTTP's own number
        error.hint = "The token is missing, wrong or expired: set UIPATH_ACCESS_TOKEN anew."
    elif isinstance(error, NotSignedIn) and call.scope:
        error.hint = (
            f"The token needs the scope {call.scope}, and the account the permission {call.permission} in {where}."
        )
    return error
