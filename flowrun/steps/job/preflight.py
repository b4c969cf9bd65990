"""Preflight: what a look at Orchestrator says of job steps before anything starts. Each thing is looked up once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from flowrun.core.plan import Json, Step
from flowrun.errors import OrchestratorError, PlanError, Refused
from flowrun.nearest import nearest
from flowrun.orchestrator.protocol import Orchestrator
from flowrun.orchestrator.wire import Folder, Release, Robot, StartInfo, Strategy
from flowrun.steps.fields import described
from flowrun.steps.job.arguments import Argument, gives, schema_digest, takes
from flowrun.steps.job.pending import reasons
from flowrun.steps.job.request import (
    argument_text,
    attaches,
    encode_arguments,
    robot_id,
    robots_named,
    start_info,
    those_there_are,
)
from flowrun.steps.job.verdict import starts_several
from flowrun.steps.model import fits
from flowrun.steps.pace import each
from flowrun.steps.protocol import Finding, Preflight
from flowrun.templating.analysis import Reference, references, references_of
from flowrun.templating.syntax import Path, Placeholder, is_template, plain_path, split, templates

AT_ONCE = 8
"""Look-ups under way at the same time."""

K = TypeVar("K")
T = TypeVar("T")
FolderName: TypeAlias = str | int | None
ReleaseName: TypeAlias = tuple[FolderName, str, str]
"""Folder, `release` or `release_key`, and its value."""


@dataclass(slots=True)
class _Seen:
    """What the look-ups gave; a Refused stands in for what is not there."""

    folders: Mapping[FolderName, Folder | Refused]
    releases: Mapping[ReleaseName, Release | Refused]
    robots: Mapping[FolderName, list[Robot] | Refused]

    def folder(self, step: Step) -> Folder | None:
        found = self.folders.get(_folder_name(step)) if _folder_is_plain(step) else None
        return found if isinstance(found, Folder) else None

    def release(self, step: Step) -> Release | None:
        name = _release_name(step)
        found = self.releases.get(name) if name else None
        return found if isinstance(found, Release) else None


async def preflight(orchestrator: Orchestrator, steps: Sequence[Step]) -> Preflight:
    """Findings on every step, and facts for those whose Release is there. Raises OrchestratorError."""
    seen = await _look(orchestrator, steps)
    schemas: dict[str, tuple[Mapping[str, Argument] | None, Mapping[str, Argument] | None]] = {}
    findings: list[Finding] = []
    facts: dict[str, Mapping[str, Json]] = {}
    findings += _check_folders(steps, seen)
    for step in steps:
        findings += _check_release(step, seen)
        folder, release = seen.folder(step), seen.release(step)
        if folder is not None:
            findings += _check_robots(step, folder, seen)
            findings += _check_strategy(step, folder)
        if folder is not None and release is not None:
            if release.key not in schemas:
                schemas[release.key] = (takes(release), gives(release))
            findings += _check_arguments(step, release, schemas[release.key][0])
            findings += _check_promises(step, release, schemas[release.key][1])
            facts[step.id] = _facts(folder, release)
    given = {step.id: schemas[release.key][1] for step in steps if (release := seen.release(step)) is not None}
    taken = {step.id: schemas[release.key][0] for step in steps if (release := seen.release(step)) is not None}
    several = {step.id for step in steps if step.fan_out is not None or starts_several(step.arguments)}
    for step in steps:
        findings += _check_uses(step, given)
        findings += _check_handed_on(step, given, taken.get(step.id), several)
    findings += await _ask(orchestrator, steps, seen, {finding.step_id for finding in findings})
    return Preflight(tuple(findings), facts)


async def look_up(orchestrator: Orchestrator, steps: Sequence[Step]) -> Preflight:
    """Where the Releases of steps are and what they are, and nothing else. Raises OrchestratorError."""
    bare = [replace(step, arguments={**step.arguments, "robots": (), "robot_ids": ()}) for step in steps]
    seen = await _look(orchestrator, bare)
    findings = [*_check_folders(bare, seen), *(one for step in bare for one in _check_release(step, seen))]
    found = ((step.id, seen.folder(step), seen.release(step)) for step in bare)
    return Preflight(
        tuple(findings), {step_id: _facts(folder, release) for step_id, folder, release in found if folder and release}
    )


async def _look(orchestrator: Orchestrator, steps: Sequence[Step]) -> _Seen:
    folders = await _each(
        dict.fromkeys(_folder_name(step) for step in steps if _folder_is_plain(step)), orchestrator.folder
    )

    def there(name: FolderName) -> Folder:
        folder = folders[name]
        assert isinstance(folder, Folder)  # noqa: S101 - only those that are there are asked for
        return folder

    async def release(name: ReleaseName) -> Release:
        folder, by, value = name
        if by == "release":
            return await orchestrator.release(there(folder), name=value)
        return await orchestrator.release(there(folder), key=value)

    async def robots(name: FolderName) -> list[Robot]:
        return await orchestrator.robots(there(name))

    named = dict.fromkeys(name for step in steps if (name := _release_name(step)) is not None)
    asked = dict.fromkeys(_folder_name(step) for step in steps if _folder_is_plain(step) and _robots(step))
    return _Seen(
        folders,
        await _each([name for name in named if isinstance(folders[name[0]], Folder)], release),
        await _each([name for name in asked if isinstance(folders[name], Folder)], robots),
    )


async def _ask(
    orchestrator: Orchestrator, steps: Sequence[Step], seen: _Seen, faulty: Collection[str]
) -> list[Finding]:
    """What the server's own validation says, once for all steps that would start the same. Warnings: Jobs can wait."""
    asked: dict[str, tuple[Folder, StartInfo]] = {}
    of_step: dict[str, str] = {}
    for step in steps:
        folder, release = seen.folder(step), seen.release(step)
        if folder is None or release is None or step.id in faulty or _open(step):
            continue
        known = seen.robots.get(_folder_name(step))
        try:
            ids = tuple(
                robot_id(name, known if isinstance(known, list) else [], folder)
                for name in robots_named(step.arguments)
            )
            info = start_info(folder, release, ids, step.arguments)
        except PlanError:  # the start itself will say so
            continue
        of_step[step.id] = f"{folder.id} {info.model_dump_json()}"
        asked[of_step[step.id]] = (folder, info)

    async def one(name: str) -> tuple[str, ...]:
        answer = await orchestrator.validate(*asked[name])
        return () if answer is None or answer.is_valid else reasons(answer)

    said = await _each(dict.fromkeys(asked), one)
    findings = []
    for step_id, name in of_step.items():
        why = said[name]
        if isinstance(why, tuple) and why:
            message = f"a Job of this step would stay Pending now: {'; '.join(why)}"
            findings.append(Finding("FR510", step_id, (), message, severity="warning"))
    return findings


def _open(step: Step) -> bool:
    """Whether something that decides where its Jobs run is known only when it starts."""
    given = step.arguments
    return any(_templated(given.get(name)) for name in ("robots", "robot_ids", "jobs_count", "runtime_type", "start"))


async def _each(names: Mapping[K, None] | Sequence[K], call: Callable[[K], Awaitable[T]]) -> dict[K, T | Refused]:
    """One look-up for each name. Raises what is not a refusal: then nothing can be said of the plan."""
    answers: dict[K, T | Refused] = {}
    for name, answer in await each(list(names), call, AT_ONCE):
        if isinstance(answer, OrchestratorError) and not isinstance(answer, Refused):
            raise answer
        answers[name] = answer
    return answers


def _check_folders(steps: Sequence[Step], seen: _Seen) -> Iterator[Finding]:
    """A folder that is not there, at each step that names it; at the first alone where they name none."""
    told = False
    for step in steps:
        folder = seen.folders.get(_folder_name(step)) if _folder_is_plain(step) else None
        if not isinstance(folder, Refused):
            continue
        if _folder_name(step) is not None:
            yield Finding("FR501", step.id, ("folder",), folder.message, folder.hint)
        elif not told:
            yield Finding("FR501", step.id, (), folder.message, folder.hint)
            told = True


def _check_release(step: Step, seen: _Seen) -> Iterator[Finding]:
    name = _release_name(step)
    release = seen.releases.get(name) if name else None
    if name is not None and isinstance(release, Refused):
        yield Finding("FR502", step.id, (name[1],), release.message, release.hint)


def _check_robots(step: Step, folder: Folder, seen: _Seen) -> Iterator[Finding]:
    known = seen.robots.get(_folder_name(step))
    if not isinstance(known, list):
        return
    ids = {robot.id for robot in known}
    for path, robot in _robots(step):
        if isinstance(robot, int):
            if robot not in ids:
                there = sorted(f"{one.id} ({one.name})" for one in known)
                message = f"folder {_path(folder)} has no robot with id {robot}"
                yield Finding("FR503", step.id, path, message, those_there_are(str(robot), there))
            continue
        try:
            robot_id(robot, known, folder)
        except PlanError as error:
            yield Finding("FR503", step.id, path, error.message, error.hint)


def _check_strategy(step: Step, folder: Folder) -> Iterator[Finding]:
    strategy, modern = step.arguments.get("strategy"), folder.provision_type == "Automatic"
    if modern and strategy in (Strategy.ALL, Strategy.ROBOT_COUNT):
        message = f"strategy {strategy} is for classic folders, and {_path(folder)} is a modern one"
        yield Finding("FR504", step.id, ("strategy",), message)
    if folder.is_classic and strategy == Strategy.MODERN_JOBS_COUNT:
        message = f"strategy {strategy} is for modern folders, and {_path(folder)} is a classic one"
        hint = "write `strategy: JobsCount` with `jobs_count: 1`"
        yield Finding("FR504", step.id, ("strategy",), message, hint)


def _check_arguments(step: Step, release: Release, known: Mapping[str, Argument] | None) -> Iterator[Finding]:
    given = step.arguments.get("input_arguments") or {}
    if not isinstance(given, Mapping):
        return
    if not _templated(given):
        try:
            (argument_text if attaches(step.arguments) else encode_arguments)(given)
        except PlanError as error:
            yield Finding("FR506", step.id, ("input_arguments",), error.message, error.hint)
    if known is None:
        return
    for name, value in given.items():
        path = ("input_arguments", name)
        argument = known.get(name)
        if argument is None:
            hint = _meant(name, known, "it takes")
            yield Finding("FR505", step.id, path, f"Release {release.name} takes no argument {name!r}", hint)
        elif value is not None and not _templated(value) and not fits(value, argument.type):
            message = f"argument {name!r} of Release {release.name} is {argument.type}, and this is {described(value)}"
            yield Finding("FR506", step.id, path, message)
    for name in [name for name, argument in known.items() if argument.required and name not in given]:
        message = f"Release {release.name} requires the argument {name!r}"
        yield Finding("FR507", step.id, ("input_arguments",) if given else (), message)


def _check_promises(step: Step, release: Release, known: Mapping[str, Argument] | None) -> Iterator[Finding]:
    if known is None:
        return
    for name, promise in (step.arguments.get("outputs") or {}).items():
        if name not in known:
            message = f"Release {release.name} gives no output {name!r}"
            certain = promise.get("required", True) and "default" not in promise
            severity = "error" if certain else "warning"
            yield Finding("FR508", step.id, ("outputs", name), message, _meant(name, known, "it gives"), severity)


def _check_uses(step: Step, given: Mapping[str, Mapping[str, Argument] | None]) -> Iterator[Finding]:
    """Outputs that expressions of this step take from another one. A `default` may make good what is missing."""
    for path, reference in _references(step):
        match reference.path:
            case ("steps", source, "outputs", name, *_):
                known = given.get(source)
                if known is not None and name not in known:
                    message = f"step {source} gives no output {name!r}, as its Release has none of that name"
                    yield Finding("FR508", step.id, path, message, _meant(name, known, "it gives"), "warning")


def _check_handed_on(
    step: Step,
    given: Mapping[str, Mapping[str, Argument] | None],
    takes_: Mapping[str, Argument] | None,
    several: Collection[str],
) -> Iterator[Finding]:
    """Outputs that are handed on as they are to an argument of another type. A warning, for robots convert some."""
    arguments = step.arguments.get("input_arguments")
    if not isinstance(arguments, Mapping) or takes_ is None:
        return
    for name, value in arguments.items():
        found = [one.path for one in references(value)] if _whole(value) else []
        match found:
            case [("steps", source, "outputs", output)] if name in takes_:
                known = (given.get(source) or {}).get(output)
                kind = "array" if source in several else known.type if known else "any"
                wanted = takes_[name].type
                if "any" not in (kind, wanted) and kind != wanted and (kind, wanted) != ("integer", "number"):
                    message = f"output {output!r} of step {source} is {kind}, and argument {name!r} is {wanted}"
                    yield Finding("FR506", step.id, ("input_arguments", name), message, severity="warning")


def _whole(value: Json) -> bool:
    """Whether the value is one plain path and nothing around it."""
    pieces = split(value) if isinstance(value, str) else []
    return len(pieces) == 1 and isinstance(pieces[0], Placeholder) and plain_path(pieces[0].expression) is not None


def _references(step: Step) -> Iterator[tuple[Path, Reference]]:
    """What the expressions of a step refer to, with where they stand in it."""
    if step.condition is not None:
        for reference in references_of(step.condition.expression):
            yield ("if",), reference
    for reference in references(step.arguments):
        yield reference.in_path, reference


def _templated(value: Json) -> bool:
    return any(templates(value))


def _robots(step: Step) -> list[tuple[Path, int | str]]:
    """The robots that the step names plainly, each with where it does so."""
    found: list[tuple[Path, int | str]] = []
    for key in ("robot_ids", "robots"):
        named = step.arguments.get(key) or ()
        if not isinstance(named, str):
            found += [((key, at), item) for at, item in enumerate(named) if not is_template(item)]
    return found


def _folder_name(step: Step) -> FolderName:
    folder = step.arguments.get("folder")
    return folder if isinstance(folder, str | int) else None


def _folder_is_plain(step: Step) -> bool:
    return not is_template(step.arguments.get("folder"))


def _release_name(step: Step) -> ReleaseName | None:
    for by in ("release_key", "release"):
        value = step.arguments.get(by)
        if isinstance(value, str) and not is_template(value) and _folder_is_plain(step):
            return _folder_name(step), by, value
    return None


def _meant(name: str, known: Mapping[str, Argument] | None, verb: str) -> str:
    names = list(known or ())
    near = nearest(name, names)
    meant = f"did you mean {near!r}? " if near else ""
    return f"{meant}{verb} {', '.join(sorted(names)) or 'none'}"


def _facts(folder: Folder, release: Release) -> dict[str, Json]:
    return {
        "release": release.name,
        "release_key": release.key,
        "package": release.process_key,
        "version": release.process_version,
        "entry_point": release.entry_point_path,
        "arguments": schema_digest(release),
        "folder": _path(folder),
        "folder_id": folder.id,
        "folder_key": folder.key,
    }


def _path(folder: Folder) -> str:
    return folder.fully_qualified_name or str(folder.id)
