"""What is posted: the arguments of a job step as Folder, Release and StartInfo. Raises PlanError if they do not fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from flowrun.core.plan import Json
from flowrun.errors import PlanError
from flowrun.nearest import nearest
from flowrun.orchestrator.protocol import Orchestrator
from flowrun.orchestrator.wire import LONGEST_ARGUMENTS, Folder, Release, Robot, StartInfo, Strategy, characters
from flowrun.steps.job.key import batch_key
from flowrun.steps.job.model import START_FIELDS

_FIELDS = {name.lower(): name for name in START_FIELDS}


@dataclass(frozen=True, slots=True)
class Request:
    """One StartJobs, ready to be posted, again and again the same."""

    folder: Folder
    release: Release
    info: StartInfo


async def build(orchestrator: Orchestrator, folder: Folder, arguments: Mapping[str, Json], key: str) -> Request:
    """Raises PlanError where the arguments do not make a request, OrchestratorError where a look-up fails.

    Arguments that go as an attachment are uploaded here, last of all: one that no start names is only in the way.
    """
    given = arguments.get("input_arguments")
    text = argument_text(given) if attaches(arguments) else encode_arguments(given)
    release = await find_release(orchestrator, folder, arguments)
    wanted = robots_named(arguments)
    known = await orchestrator.robots(folder) if any(isinstance(name, str) for name in wanted) else []
    info = start_info(folder, release, tuple(robot_id(name, known, folder) for name in wanted), arguments)
    tags = {"reference": arguments.get("reference") or key, "batch_execution_key": batch_key(key)}
    attached = await orchestrator.upload(folder, text.encode()) if text is not None and too_long(text) else None
    carried = {"input_file": attached, "input_arguments": None if attached else text}
    return Request(folder, release, info.model_copy(update={**tags, **carried}))


def start_info(
    folder: Folder, release: Release, robot_ids: tuple[int, ...], arguments: Mapping[str, Json]
) -> StartInfo:
    """What is started and where, without input arguments and without our tags. Raises PlanError."""
    strategy = strategy_of(arguments, folder)
    count = _jobs_count(arguments)
    counted = strategy in (Strategy.JOBS_COUNT, Strategy.MODERN_JOBS_COUNT)
    try:
        return StartInfo(
            release_key=release.key,
            strategy=strategy,
            robot_ids=robot_ids or None,
            no_of_robots=(count or 1) if strategy is Strategy.ROBOT_COUNT else None,
            jobs_count=(count or 1) if counted else None,
            job_priority=arguments.get("job_priority"),
            runtime_type=arguments.get("runtime_type"),
            more=start_fields(arguments.get("start")),
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise PlanError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}, not {first['input']!r}") from error


async def find_release(orchestrator: Orchestrator, folder: Folder, arguments: Mapping[str, Json]) -> Release:
    """The one that the step names by `release_key` or `release`."""
    key, name = arguments.get("release_key"), arguments.get("release")
    if key is None and name is None:
        raise PlanError("no Release is named", hint="write `release: NAME` or `release_key: UUID`")
    if key is not None:
        return await orchestrator.release(folder, key=str(key))
    return await orchestrator.release(folder, name=str(name))


def strategy_of(arguments: Mapping[str, Json], folder: Folder | None = None) -> Strategy:
    """The one that is named; else Specific where robots are named, else a count, as this kind of folder knows it."""
    named = arguments.get("strategy")
    if named is None and robots_named(arguments):
        return Strategy.SPECIFIC
    if named is None:
        return Strategy.JOBS_COUNT if folder is not None and folder.is_classic else Strategy.MODERN_JOBS_COUNT
    try:
        return Strategy(str(named))
    except ValueError:
        raise PlanError(f"no strategy is called {named!r}", hint=f"write one of {', '.join(Strategy)}") from None


def robots_named(arguments: Mapping[str, Json]) -> tuple[int | str, ...]:
    """Ids and names, in the order of the file: those of `robot_ids` first."""
    ids, names = arguments.get("robot_ids") or (), arguments.get("robots") or ()
    if isinstance(ids, str | int) or isinstance(names, str | int):
        raise PlanError("robots are named in a list", hint="write `robots: [NAME, …]` or `robot_ids: [ID, …]`")
    return (*(_id(item) for item in ids), *(_id_or_name(item) for item in names))


def robot_id(wanted: int | str, known: list[Robot], folder: Folder) -> int:
    """The id of a robot that is named either way."""
    if isinstance(wanted, int):
        return wanted
    ids = [robot.id for robot in known if robot.name == wanted]
    ids = ids or [robot.id for robot in known if robot.name.casefold() == wanted.casefold()]
    if len(ids) == 1:
        return ids[0]
    path = folder.fully_qualified_name or folder.id
    if ids:
        raise PlanError(f"{len(ids)} robots of folder {path} are called {wanted!r}", hint=f"write robot_ids: {ids}")
    raise PlanError(f"folder {path} has no robot {wanted!r}", hint=those_there_are(wanted, [r.name for r in known]))


def those_there_are(wanted: str, names: list[str], most: int = 8) -> str:
    """A hint: what was probably meant, and what there is."""
    near = nearest(wanted, names)
    meant = f"did you mean {near!r}? " if near else ""
    shown = ", ".join(sorted(names)[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
    return meant + (f"there are {shown}" if names else "there are none")


def expected_jobs(arguments: Mapping[str, Json]) -> int | None:
    """How many Jobs one start makes; None where only the server knows (strategy All)."""
    match strategy_of(arguments):
        case Strategy.ALL:
            return None
        case Strategy.SPECIFIC:
            return len(robots_named(arguments)) or None
        case _:
            return _jobs_count(arguments) or 1


def encode_arguments(values: Json) -> str | None:
    """InputArguments: compact JSON text, encoded once; None where there are none. Raises PlanError, for length too."""
    text = argument_text(values)
    if text is None or not too_long(text):
        return text
    lengths = {str(name): characters(_encode(str(name), value)) for name, value in values.items()}
    longest = sorted(lengths, key=lambda name: -lengths[name])[:3]
    raise PlanError(
        f"input_arguments are {characters(text):,} characters of JSON, and Orchestrator takes "
        f"{LONGEST_ARGUMENTS:,}; the longest: {', '.join(f'{name} {lengths[name]:,}' for name in longest)}",
        hint="pass a path, a bucket item or a queue reference, and let the automation read the rest; or write "
        "`arguments_over_limit: attach`, where Orchestrator and robots know InputFile (WebApi 20)",
    )


def argument_text(values: Json) -> str | None:
    """The same, however long it is."""
    if not values:
        return None
    if not isinstance(values, Mapping):
        raise PlanError(f"input_arguments are {_kind(values)}", hint="write a map: each argument's name and value")
    parts = {str(name): _encode(str(name), value) for name, value in values.items()}
    return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{part}" for name, part in parts.items()) + "}"


def too_long(text: str) -> bool:
    """Whether Orchestrator refuses it as InputArguments."""
    return characters(text) > LONGEST_ARGUMENTS


def attaches(arguments: Mapping[str, Json]) -> bool:
    """Whether arguments that are too long go as an attachment."""
    return arguments.get("arguments_over_limit") == "attach"


def start_fields(start: Json) -> dict[str, Any] | None:
    """The `start` map under the API's names: `resume_on_same_context` and `resumeOnSameContext` are the same."""
    if not start:
        return None
    if not isinstance(start, Mapping):
        raise PlanError(f"start is {_kind(start)}", hint="write a map of startInfo fields")
    fields = {str(name).replace("_", "").lower(): value for name, value in start.items() if value is not None}
    for name in fields:
        if name not in _FIELDS:
            near = those_there_are(name, list(START_FIELDS), most=len(START_FIELDS))
            raise PlanError(f"start may not set {name}", hint=near)
    return {_FIELDS[name]: value for name, value in fields.items()} or None


def _encode(name: str, value: Json) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        f"{name}{text}".encode()
    except (TypeError, ValueError, RecursionError) as error:
        reason = "half of a surrogate pair" if isinstance(error, UnicodeEncodeError) else str(error)
        raise PlanError(f"input argument {name!r} cannot be written as JSON: {reason}") from error
    return text


def _jobs_count(arguments: Mapping[str, Json]) -> int | None:
    count = arguments.get("jobs_count")
    if count is None:
        return None
    if isinstance(count, str) and count.strip().isdecimal():
        count = int(count)
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise PlanError(f"jobs_count is {count!r}", hint="write a whole number from 1")
    return count


def _id(item: Json) -> int:
    given = _id_or_name(item)
    if isinstance(given, str):
        raise PlanError(f"{given!r} is no robot id", hint="write a number, or put the name in `robots`")
    return given


def _id_or_name(item: Json) -> int | str:
    if isinstance(item, bool) or not isinstance(item, int | str):
        raise PlanError(f"{item!r} names no robot", hint="write its name or its id")
    return int(item) if isinstance(item, str) and item.isascii() and item.isdecimal() else item


def _kind(value: Json) -> str:
    return {list: "a list", str: "a text", bool: "a boolean"}.get(type(value), "a number")
