"""Jobs that a person starts or waits for, through the very protocols that steps use: one POST, look-ups, a watcher."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowrun.api.jobs import Place, at, find_jobs, folder_of
from flowrun.core.plan import Step
from flowrun.core.status import ErrorClass, Failed, Succeeded, Unknown
from flowrun.engines.clock import SystemClock, new_run_id
from flowrun.errors import OrchestratorError, PlanError, Throttled, UsageError
from flowrun.orchestrator import odata
from flowrun.orchestrator.wire import JobState, Strategy, Tag
from flowrun.steps.job.arguments import takes
from flowrun.steps.job.handle import Handle
from flowrun.steps.job.key import LONGEST, batch_key, start_key
from flowrun.steps.pace import Backoff
from flowrun.steps.protocol import Attempt, Started

if TYPE_CHECKING:
    from flowrun.bootstrap import Connected
    from flowrun.core.plan import Json
    from flowrun.core.status import Outcome, Phase
    from flowrun.orchestrator.protocol import JobCalls
    from flowrun.orchestrator.wire import Folder, Job
    from flowrun.settings import Settings
    from flowrun.steps.protocol import Progress, StepKind

Told = Callable[[str], None]
_STEP = "jobs-start"
_COUNTED = (Strategy.ROBOT_COUNT, Strategy.JOBS_COUNT, Strategy.MODERN_JOBS_COUNT)
_LOOKS, _LOOK_EVERY = 5, 2.0
"""Looks for the Jobs of a batch: the list may lag some seconds behind (API facts, 0)."""


def _silent(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Start:
    """What to start. `release` is a name or a key; `robots` are ids or names; `text` are arguments as they were typed.

    `text` is read by the types that the Release publishes; `values` goes as it is.
    """

    release: str
    strategy: str | None = None
    robots: tuple[str, ...] = ()
    jobs_count: int | None = None
    robot_count: int | None = None
    text: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Json] = field(default_factory=dict)
    runtime_type: str | None = None
    job_priority: str | None = None
    reference: str | None = None
    attach: bool = False


@dataclass(frozen=True, slots=True)
class Watched:
    """Jobs and what became of them. `jobs` are facts: id, key, state, info, times, robot, outputs.

    `batch` is the BatchExecutionKey of a start; `succeeded` is None while some have not ended; `doubt` says why
    nobody knows; `late`: a deadline passed first, and the Jobs go on.
    """

    jobs: tuple[Mapping[str, Json], ...]
    batch: str = ""
    succeeded: bool | None = None
    message: str = ""
    doubt: str = ""
    late: bool = False


async def start_jobs(
    settings: Settings,
    place: Place,
    wanted: Start,
    *,
    wait: bool = False,
    within: float | None = None,
    begun: Callable[[Watched], None] | None = None,
    told: Told = _silent,
) -> Watched:
    """Start Jobs of a Release once; with `wait`, see them end.

    The start is posted once. Where its reply is lost, its Jobs are looked up by its key, and it is posted again only
    after a whole window in which none appeared. `begun` is given the Jobs as soon as they are there.
    Raises UsageError, PlanError and OrchestratorError, each before anything was started.
    """
    async with at(settings, place) as (connected, folder):
        there = folder if folder is not None else await connected.orchestrator.folder(place.folder)
        kind = connected.kinds["job"]
        parcel = await _parcel(connected.orchestrator, there, wanted)
        await _check(kind, parcel, told)
        attempt = Attempt(new_run_id(SystemClock().now()), _STEP, "", 1, parcel)
        batch = batch_key(start_key(attempt))
        # Known before the POST: whoever is interrupted can find the Jobs by it.
        _tell(begun, Watched((), batch))
        answer = await kind.start(attempt, lambda: True)
        if isinstance(answer, Failed):
            raise _refusal(answer)
        if not isinstance(answer, Started):
            doubt = answer.message if isinstance(answer, Unknown) else "the start was given up"
            return Watched((), batch, doubt=doubt)
        handle = Handle.from_json(answer.handle)
        jobs = tuple({"id": number, "key": key, "state": JobState.PENDING.value} for number, key in handle.jobs)
        started = Watched(jobs, batch, doubt=handle.doubt)
        _tell(begun, started)
        if not wait:
            return started
        ended = await _in_time(within, {0: kind.wait(attempt, answer.handle, lambda _, words: told(words))})
        if ended:
            return _watched(ended[0], batch)
        return Watched(await _as_they_are(connected.orchestrator, there, jobs), batch, late=True)


async def _as_they_are(
    orchestrator: JobCalls, folder: Folder, jobs: Sequence[Mapping[str, Json]]
) -> tuple[Mapping[str, Json], ...]:
    """With their present States; where those cannot be read, as they began."""
    try:
        states = {job.id: job.state for job in await orchestrator.jobs(folder, [row["id"] for row in jobs])}
    except OrchestratorError:
        states = {}
    return tuple({**row, "state": states.get(row["id"], row["state"])} for row in jobs)


async def wait_jobs(
    settings: Settings,
    place: Place,
    names: Sequence[str] = (),
    *,
    batch: str | None = None,
    within: float | None = None,
    told: Told = _silent,
) -> Watched:
    """See Jobs end: those named by id or key, those of one start by its BatchExecutionKey, or both.

    They succeed where all are Successful. `within` is in seconds; what ended before it is told all the same.
    """
    if not names and batch is None:
        raise UsageError("no Job is named", hint="name Jobs by id or key, or one start by --batch KEY")
    async with at(settings, place) as (connected, folder):
        orchestrator = connected.orchestrator
        found = await find_jobs(orchestrator, folder, names)
        if batch is not None:
            there = folder if folder is not None else await orchestrator.folder(place.folder)
            found += [
                job for job in await _of_batch(orchestrator, there, batch) if job.id not in {one.id for one in found}
            ]
        return await _see_end(connected, folder, found, within, told)


async def _see_end(
    connected: Connected, folder: Folder | None, jobs: Sequence[Job], within: float | None, told: Told
) -> Watched:
    kind = connected.kinds["job"]
    waits: dict[int, Awaitable[Outcome]] = {}
    states = {job.id: job.state for job in jobs}

    def progress(job: Job) -> Progress:
        def tell(_: Phase, state: str) -> None:
            states[job.id] = state
            told(f"Job {job.id} {state}")

        return tell

    for at_, job in enumerate(jobs):
        where = folder_of(job, folder)
        if where is None:
            raise UsageError(f"Orchestrator does not say which folder Job {job.id} is in", hint="name it by --folder")
        release: dict[str, Json] = {"name": job.release_name}
        handle = Handle(where.id, where.fully_qualified_name, ((job.id, job.key),), release=release)
        attempt = Attempt("", f"Job {job.id}", "", 1, {})
        waits[at_] = kind.wait(attempt, handle.to_json(), progress(job))
    ended = await _in_time(within, waits)
    seen = [_watched(ended[at_]) if at_ in ended else None for at_ in range(len(jobs))]
    rows = [
        row if watched else {"id": job.id, "key": job.key, "state": states[job.id], "release": job.release_name}
        for job, watched in zip(jobs, seen, strict=True)
        for row in (watched.jobs if watched else ({},))
    ]
    late = len(ended) < len(jobs)
    succeeded = None if late else all(row["state"] == JobState.SUCCESSFUL for row in rows)
    doubt = next((one.doubt for one in seen if one and one.doubt), "")
    return Watched(tuple(rows), succeeded=succeeded, doubt=doubt, late=late)


async def _in_time(seconds: float | None, waits: Mapping[int, Awaitable[Outcome]]) -> dict[int, Outcome]:
    """Those that ended in time, by their places."""
    tasks = {at_: asyncio.ensure_future(wait) for at_, wait in waits.items()}
    try:
        if tasks:
            await asyncio.wait(tasks.values(), timeout=seconds)
        return {at_: task.result() for at_, task in tasks.items() if task.done()}
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


def _watched(outcome: Outcome, batch: str = "") -> Watched:
    facts = list(outcome.facts.get("jobs", ())) if isinstance(outcome, Succeeded | Failed | Unknown) else []
    outputs = outcome.outputs if isinstance(outcome, Succeeded | Failed) else {}
    jobs = tuple({**job, "outputs": outputs} if len(facts) == 1 else job for job in facts)
    message = outcome.message if isinstance(outcome, Failed) else ""
    doubt = outcome.message if isinstance(outcome, Unknown) else ""
    return Watched(jobs, batch, isinstance(outcome, Succeeded), message, doubt)


async def _parcel(orchestrator: JobCalls, folder: Folder, wanted: Start) -> dict[str, Json]:
    """The arguments of a job step that starts the same."""
    strategy = _strategy(wanted)
    by_key = odata.is_guid(wanted.release)
    given: dict[str, Json] = dict(wanted.values)
    if wanted.text:
        release = await orchestrator.release(folder, **{"key" if by_key else "name": wanted.release})
        known = takes(release) or {}
        for name, text in wanted.text.items():
            given[name] = _value(name, text, known[name].type if name in known else "any")
    if wanted.reference is not None and len(wanted.reference) > LONGEST:
        raise UsageError(f"the reference has {len(wanted.reference)} characters, and {LONGEST} are the most")
    parcel: dict[str, Json] = {
        "release_key" if by_key else "release": wanted.release,
        "folder": folder.id,
        "strategy": None if strategy is None else strategy.value,
        "robot_ids": [int(robot) for robot in wanted.robots if _is_id(robot)] or None,
        "robots": [robot for robot in wanted.robots if not _is_id(robot)] or None,
        "jobs_count": wanted.jobs_count if wanted.robot_count is None else wanted.robot_count,
        "input_arguments": given or None,
        "runtime_type": wanted.runtime_type,
        "job_priority": wanted.job_priority,
        "reference": wanted.reference,
        "arguments_over_limit": "attach" if wanted.attach else None,
    }
    return {name: value for name, value in parcel.items() if value is not None}


def _is_id(robot: str) -> bool:
    return robot.isascii() and robot.isdecimal()


def _strategy(wanted: Start) -> Strategy | None:
    """The one that is named or follows from the rest. Raises UsageError for what does not go together."""
    folded = {strategy.lower(): strategy for strategy in Strategy}
    named = None if wanted.strategy is None else folded.get(wanted.strategy.lower())
    if wanted.strategy is not None and named is None:
        raise UsageError(f"there is no strategy {wanted.strategy!r}", hint=", ".join(Strategy))
    strategy = named
    if strategy is None and wanted.robots:
        strategy = Strategy.SPECIFIC
    if strategy is None and wanted.robot_count is not None:
        strategy = Strategy.ROBOT_COUNT
    if wanted.robots and strategy is not Strategy.SPECIFIC:
        raise UsageError(f"strategy {strategy} chooses its robots itself", hint="use Specific, or name no robots")
    if strategy is Strategy.SPECIFIC and not wanted.robots:
        raise UsageError("strategy Specific needs robots", hint="--robot 749, or --robot NAME; may be repeated")
    if wanted.robot_count is not None and strategy is not Strategy.ROBOT_COUNT:
        raise UsageError("a count of robots is for strategy RobotCount", hint="use --jobs-count")
    if wanted.jobs_count is not None and (strategy or Strategy.MODERN_JOBS_COUNT) not in _COUNTED:
        raise UsageError(f"strategy {strategy} makes one Job for each robot", hint="leave the count out")
    return strategy


def _value(name: str, text: str, kind: str) -> Json:
    """What was typed as a value of this type; where none is known, JSON is JSON and the rest is text."""
    if kind == "string":
        return text
    try:
        value = json.loads(text)
    except ValueError:
        if kind == "any":
            return text
        raise UsageError(f"argument {name!r} is {kind}, and {text!r} is none") from None
    return text if kind == "any" and isinstance(value, str) else value


async def _check(kind: StepKind, parcel: Mapping[str, Json], told: Told) -> None:
    """What `plan` would say of such a step. Raises PlanError for what cannot succeed."""
    seen = await kind.check([Step(_STEP, "job", parcel)])
    wrong = [finding for finding in seen.findings if finding.severity == "error"]
    for finding in seen.findings:
        if finding.severity != "error":
            told(finding.message)
    if wrong:
        message = "; ".join(finding.message for finding in wrong)
        raise PlanError(message, hint=next((finding.hint for finding in wrong if finding.hint), None))


def _refusal(answer: Failed) -> Exception:
    """Nothing was started."""
    return Throttled(answer.message) if answer.error == ErrorClass.RATE_LIMITED else PlanError(answer.message)


async def _of_batch(orchestrator: JobCalls, folder: Folder, batch: str) -> list[Job]:
    """The Jobs of one start, by its key or by that key's uuid. Servers that keep no uuid know the key itself."""
    named = batch.startswith("fr1:")
    key = batch_key(batch) if named else batch
    if not odata.is_guid(key):
        raise UsageError(f"{batch!r} is no BatchExecutionKey", hint="it is a UUID; flowrun jobs start prints it")
    waits = Backoff(_LOOK_EVERY, _LOOK_EVERY)
    for left in range(_LOOKS - 1, -1, -1):
        found = await orchestrator.find_jobs(folder, Tag.BATCH, [key])
        if not found and named:
            found = await orchestrator.find_jobs(folder, Tag.REFERENCE, [batch])
        if found:
            return found
        if left:
            await SystemClock().sleep(waits.next())
    raise UsageError(
        f"no Job with BatchExecutionKey {key} is in folder {folder.fully_qualified_name}",
        hint=f"looked {_LOOKS} times; the list may lag some seconds behind",
    )


def _tell(begun: Callable[[Watched], None] | None, watched: Watched) -> None:
    if begun is not None:
        begun(watched)
