"""What a `startInfo` asks for: the Release, the robots, and one Job for each start (API facts 2)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TypeVar

from flowrun.emulator import arguments
from flowrun.emulator.call import ApiError, folded
from flowrun.emulator.entities import NOBODY, Folder, FolderKind, Job, Json, Release, Robot
from flowrun.emulator.faults import Faults
from flowrun.emulator.profile import Tags
from flowrun.emulator.properties import ECHOED
from flowrun.emulator.tenant import Tenant
from flowrun.orchestrator.wire import JobPriority, JobState, StopStrategy, Strategy

JOBS_LIMIT = 10_000
_PRIORITIES = {JobPriority.LOW: 25, JobPriority.NORMAL: 45, JobPriority.HIGH: 65}
_ROBOT_STRATEGIES = frozenset({Strategy.ALL, Strategy.SPECIFIC, Strategy.ROBOT_COUNT})
_REFERENCE_LIMIT = 128
_NO_ROBOTS = "Couldn't find any user with unattended robot permissions in the current folder."

Member = TypeVar("Member", bound=StrEnum)


def invalid(message: str) -> ApiError:
    """A request that says something impossible."""
    return ApiError(400, 1000, f"Invalid request! {message}")


def member(value: Json, members: Sequence[Member], name: str, first: int = 0) -> Member:
    """An enum's member, by its name in any case or by its number from `first`, as text or number. Raises ApiError."""
    text = str(value).lower()
    for number, item in enumerate(members, first):
        if text in {item.lower(), str(number)} and not isinstance(value, bool):
            return item
    raise invalid(f"{name} '{value}' is not one of {', '.join(members)}.")


def templates(info: dict[str, Json], folder: Folder, tenant: Tenant, faults: Faults | None = None) -> list[Job]:
    """The Jobs to create, without ids. `info` has its names in lower case; `faults` meet a start alone.

    Raises ApiError.
    """
    release = release_of(info, folder, tenant)
    pins = _pins(info, release, folder, tenant)
    batch = _batch_key(info.get("batchexecutionkey"))
    reference: str | None = _text(info, "reference", _REFERENCE_LIMIT) or None
    tags = Tags.NONE if faults and faults.passive("StartJobs", "no_tags") else tenant.profile.tags
    if tags is not Tags.BOTH:
        batch = str(uuid.uuid4())
    if tags is Tags.NONE:
        reference = None
    input_file = _input_file(info, tenant)
    if faults and faults.passive("StartJobs", "stuck_pending"):
        pins = [NOBODY] * len(pins)
    echoed = {name: info[name.lower()] for name in ECHOED if info.get(name.lower()) is not None}
    if input_file:
        echoed["InputFile"] = input_file
    _seconds(info, "alertpendingexpression")
    expected = _seconds(info, "alertrunningexpression")
    if expected is not None:
        echoed["MaxExpectedRunningTimeSeconds"] = expected
    return [
        Job(
            id=0,
            key="",
            folder=folder,
            release=release,
            batch_execution_key=batch,
            created=0.0,
            modified=0.0,
            reference=reference,
            input_arguments=None if input_file else input_arguments(info),
            source=str(info.get("source") or "Manual"),
            priority=_priority(info),
            runtime_type=_text(info, "runtimetype", 64) or "Unattended",
            pinned_robot_id=pin,
            echoed=echoed,
            stop_after=_seconds(info, "stopprocessexpression"),
            stop_with=str(member(info.get("stopstrategy") or StopStrategy.KILL, list(StopStrategy), "StopStrategy", 1)),
            kill_after=_seconds(info, "killprocessexpression"),
        )
        for pin in pins
    ]


def release_of(info: dict[str, Json], folder: Folder, tenant: Tenant) -> Release:
    """By ReleaseKey, or where that is missing by ReleaseName, in the folder. Raises ApiError (1002)."""
    key, name = _text(info, "releasekey", 64), _text(info, "releasename", 256)
    if not key and not name:
        raise invalid("Neither ReleaseKey nor ReleaseName is given.")
    for release in tenant.store.releases:
        if release.folder == folder and (release.key == key.lower() if key else release.name == name):
            return release
    raise ApiError(404, 1002, "The job's associated process could not be found.")


def _pins(info: dict[str, Json], release: Release, folder: Folder, tenant: Tenant) -> list[int | None]:
    """For each Job to create, the robot that must run it; None for any of the folder's."""
    given = info.get("strategy")
    strategy = None if given is None else member(given, list(Strategy), "Strategy")
    if strategy is Strategy.ALL and folder.kind is FolderKind.MODERN:
        raise ApiError(409, 2815, "The strategy All is not available in a modern folder.")
    if strategy is Strategy.MODERN_JOBS_COUNT and folder.kind is FolderKind.CLASSIC:
        raise ApiError(409, 2816, "The strategy ModernJobsCount is not available in a classic folder.")
    robots = [robot for robot in tenant.store.robots if robot.folder == folder]
    if not robots:
        raise ApiError(409, 1671, _NO_ROBOTS)
    if strategy in _ROBOT_STRATEGIES:
        return list(_chosen(strategy, info, robots, _with_pending(release, tenant)))
    pinned = _machine_robots(info, robots)
    count = _count(info, "jobscount", default=max(1, len(pinned)))
    return [pinned[index % len(pinned)] if pinned else None for index in range(count)]


def _chosen(
    strategy: Strategy | None, info: dict[str, Json], robots: Sequence[Robot], pending: frozenset[int]
) -> Iterable[int]:
    """The ids of the robots of a classic strategy. Raises ApiError (1671, 1670)."""
    known = [robot.id for robot in robots]
    wanted = known
    if strategy is Strategy.SPECIFIC:
        wanted = _ids(info.get("robotids"), "RobotIds")
        if not wanted or set(wanted) - set(known):
            raise ApiError(409, 1671, _NO_ROBOTS)
    elif strategy is Strategy.ROBOT_COUNT:
        free = sorted(known, key=lambda robot_id: robot_id in pending)
        wanted = free[: _count(info, "noofrobots", default=1)]
    if all(robot_id in pending for robot_id in wanted):
        raise ApiError(409, 1670, "The robots already have pending jobs for this Process.")
    return wanted


def _with_pending(release: Release, tenant: Tenant) -> frozenset[int]:
    return frozenset(
        job.pinned_robot_id
        for job in tenant.store.open()
        if job.pinned_robot_id is not None and job.state is JobState.PENDING and job.release.key == release.key
    )


def _machine_robots(info: dict[str, Json], robots: Sequence[Robot]) -> list[int]:
    given = info.get("machinerobots") or []
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise invalid("MachineRobots is not a list of objects.")
    wanted = [item["robotid"] for item in map(folded, given) if item.get("robotid") is not None]
    if set(wanted) - {robot.id for robot in robots}:
        raise ApiError(409, 1671, _NO_ROBOTS)
    return wanted


def _ids(value: Json, name: str) -> list[int]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, int) and not isinstance(item, bool) for item in value):
        raise invalid(f"{name} is not a list of numbers.")
    return list(dict.fromkeys(value))


def _count(info: dict[str, Json], name: str, default: int) -> int:
    value = info.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= JOBS_LIMIT:
        raise invalid(f"{name} must be a number from 1 to {JOBS_LIMIT}.")
    return value


def _batch_key(value: Json) -> str:
    if value is None:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise invalid(f"BatchExecutionKey '{value}' is not a uuid.") from None


def _text(info: dict[str, Json], name: str, limit: int) -> str:
    value = info.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise invalid(f"{name} is not text.")
    if len(value) > limit:
        raise invalid(f"{name} is longer than {limit} characters.")
    return value


def input_arguments(info: dict[str, Json]) -> str | None:
    """The text of InputArguments, None where it is left out. Raises ApiError."""
    text = info.get("inputarguments")
    if text is None:
        return None
    if not isinstance(text, str):
        raise invalid("InputArguments is a JSON text, not an object: encode it once more.")
    if len(text) > arguments.LIMIT:
        raise invalid(f"InputArguments has {len(text)} characters; {arguments.LIMIT} are the most.")
    try:
        arguments.parse_object(text or "{}")
    except ValueError as error:
        raise invalid(f"InputArguments is not a JSON object: {error}.") from None
    return text


def _seconds(info: dict[str, Json], name: str) -> int | None:
    """A number of seconds, which these fields write as text; None where it is left out. Raises ApiError."""
    text = _text(info, name, 9)
    if not text:
        return None
    if not text.isdecimal():
        raise invalid(f"{name} '{text}' is not a number of seconds.")
    return int(text)


def _input_file(info: dict[str, Json], tenant: Tenant) -> str:
    """The id of the attachment that stands for InputArguments, "" where there is none. Raises ApiError (1002)."""
    wanted = _text(info, "inputfile", 64).lower()
    if wanted and wanted not in tenant.files.attachments:
        raise ApiError(404, 1002, "Attachment does not exist.")
    return wanted


def _priority(info: dict[str, Json]) -> int:
    value = info.get("specificpriorityvalue")
    if value is not None:
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 100:  # noqa: PLR2004 - API's own
            raise invalid("SpecificPriorityValue must be a number from 1 to 100.")
        return value
    word = info.get("jobpriority")
    return 45 if word is None else _PRIORITIES[member(word, list(JobPriority), "JobPriority")]
