"""Workflows made of what is there already: a Job that has run, and the lines of a script that call uipcli."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun.api.imported import Imported, read_json, take_arguments, written
from flowrun.api.texts import read_text
from flowrun.errors import UsageError
from flowrun.orchestrator.wire import JobPriority

if TYPE_CHECKING:
    from flowrun.api.jobs import Place
    from flowrun.core.plan import Json
    from flowrun.orchestrator.wire import Job
    from flowrun.settings import Settings

_CALL = re.compile(r"uipcli(?:\.exe|\.dll)?[\"']?\s+job\s+run\s+(.*)")
_CONTINUED = re.compile(r"[ \t]*[\\`^]\r?\n")
_OPTIONS = {
    **dict.fromkeys(("-i", "--input_path"), "input"),
    **dict.fromkeys(("-j", "--jobscount"), "count"),
    **dict.fromkeys(("-P", "--priority"), "priority"),
    **dict.fromkeys(("-r", "--robots"), "robots"),
    **dict.fromkeys(("-U", "--user"), "user"),
    **dict.fromkeys(("-M", "--machine"), "machine"),
    **dict.fromkeys(("-b", "--job_type"), "type"),
    **dict.fromkeys(("-o", "--organizationUnit"), "folder"),
    **dict.fromkeys(("-W", "--timeout"), "timeout"),
    **dict.fromkeys(("-w", "--wait"), "wait"),
    **dict.fromkeys(("-f", "--fail_when_job_fails"), "fail"),
}
"""The options of `uipcli job run` that say what runs. Who signs in, and where results go, is said elsewhere."""
_ON = "true"


async def import_job(settings: Settings, place: Place, name: str) -> str:
    """A workflow of one step that starts what a Job was. Raises UsageError, OrchestratorError."""
    from flowrun.api.jobs import show_job  # noqa: PLC0415 - a script can be read without an HTTP client

    job = await show_job(settings, place, name)
    made = _of_job(job)
    head = [f"From Job {job.id} ({job.key}), which was {job.state}."]
    return written(str(made.keys["release"]), [made], head)


def import_uipcli(file: Path) -> str:
    """A workflow of the calls of `uipcli job run` in a script, one after the other. Raises UsageError."""
    text = _CONTINUED.sub(" ", read_text(file))
    calls = [found.group(1) for line in text.splitlines() if (found := _CALL.search(_uncommented(line)))]
    if not calls:
        raise UsageError(f"{file} has no line with `uipcli job run`")
    steps = [_of_call(call, file) for call in calls]
    head = [
        f"From {file.name}: its calls of `uipcli job run`, one after the other.",
        "What the script does between them, and who signs in where, is not here: see environments and settings.",
    ]
    return written(file.stem, steps, head)


def _of_job(job: Job) -> Imported:
    release = job.release_name or (job.release.name if job.release else None)
    if not release:
        raise UsageError(f"Job {job.id} does not say of which Release it is")
    made = Imported({"release": release})
    if job.organization_unit_fully_qualified_name:
        made.keys["folder"] = job.organization_unit_fully_qualified_name
    made.notes.append(
        "Which strategy started it is not kept with a Job; this one starts one Job, wherever there is room."
    )
    if job.robot and job.robot.name:
        made.notes.append(f"It ran on the robot {job.robot.name}: `strategy: Specific` and `robots` would ask for it.")
    if job.runtime_type:
        made.keys["runtime_type"] = job.runtime_type
    if job.job_priority in tuple(JobPriority):
        made.keys["job_priority"] = job.job_priority
    if job.input_file:
        made.notes.append("Its arguments were an attachment; write them here, with `arguments_over_limit: attach`.")
    take_arguments(made, job.input_arguments)
    if job.entry_point_path:
        made.keys["start"] = {"EntryPointPath": job.entry_point_path}
    returned = read_json(job.output_arguments)
    if isinstance(returned, dict) and returned:
        made.notes.append(f"It returned {', '.join(map(str, returned))}; `outputs` says what later steps read of that.")
    return made


def _of_call(call: str, file: Path) -> Imported:
    given, said = _options(call)
    if not given:
        raise UsageError(f"{file}: a call of `uipcli job run` names no process: {call[:60]}")
    made = Imported({"release": given[0]})
    if folder := said.get("folder"):
        made.keys["folder"] = folder
    made.keys |= _where(said)
    if path := said.get("input"):
        _take_file(made, file.parent / path.replace("\\", "/"))
    if said.get("fail", _ON).lower() != _ON:
        made.keys["continue_on_error"] = True
    if said.get("timeout", "").isdecimal() and int(said["timeout"]) > 0:
        made.keys["timeout"] = f"{int(said['timeout'])}s"
        made.notes.append("uipcli counts its timeout from the start; here it counts while the Job runs.")
    made.notes += _not_said(said)
    return made


def _where(said: dict[str, str]) -> dict[str, Json]:
    """The keys that say on which robots, how often and how urgently."""
    keys: dict[str, Json] = {}
    if robots := said.get("robots"):
        keys |= {"strategy": "Specific", "robots": [one.strip() for one in robots.split(",")]}
    elif said.get("count", "1").isdecimal() and int(said.get("count", "1")) > 1:
        keys["jobs_count"] = int(said["count"])
    if kind := said.get("type"):
        keys["runtime_type"] = kind
    if said.get("priority", "").capitalize() in tuple(JobPriority):
        keys["job_priority"] = said["priority"].capitalize()
    return keys


def _not_said(said: dict[str, str]) -> Iterator[str]:
    """What a call says that a step cannot."""
    if said.get("wait", _ON).lower() != _ON:
        yield "The script did not wait for it; here the next step does. A map of steps has no such order."
    for what in ("user", "machine"):
        if what in said:
            yield f"It was to run for the {what} {said[what]}, which a step cannot say."


def _options(call: str) -> tuple[list[str], dict[str, str]]:
    """What stands by itself, and the options that say what runs. The values of others are not kept."""
    lexer = shlex.shlex(call, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", ""
    try:
        words = list(lexer)
    except ValueError as error:
        raise UsageError(f"a call of `uipcli job run` cannot be read: {error}: {call[:60]}") from error
    given: list[str] = []
    said: dict[str, str] = {}
    option = ""
    for word in words:
        if re.fullmatch(r"-[A-Za-z]|--[A-Za-z_]+", word):
            option = word
            said.setdefault(_OPTIONS.get(word, ""), _ON)
        elif option:
            said[_OPTIONS.get(option, "")] = word
            option = ""
        elif word in ("|", ";", "&&", "||", "&", ">"):
            break
        else:
            given.append(word)
    said.pop("", None)
    return given, said


def _take_file(made: Imported, path: Path) -> None:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        made.notes.append(f"Its arguments are in {path.name}, which cannot be read from here.")
        return
    take_arguments(made, text)


def _uncommented(line: str) -> str:
    return "" if line.lstrip().startswith(("#", "::", "rem ", "REM ", "//")) else line
