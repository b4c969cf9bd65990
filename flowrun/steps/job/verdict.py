"""Verdict: what ended Jobs mean for the attempt that started them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from flowrun.core.plan import Json
from flowrun.core.status import ErrorClass, Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.errors import PlanError
from flowrun.orchestrator.wire import Job, JobState
from flowrun.steps.job.handle import Handle
from flowrun.steps.job.outputs import BadOutput, outputs_of, read_outputs
from flowrun.steps.job.request import expected_jobs, start_fields
from flowrun.steps.job.watch import Gone

Ended: TypeAlias = Job | Gone

_TOLD = 3
"""Of how many failed Jobs of one start the message tells."""


@dataclass(frozen=True, slots=True)
class _Single:
    """What one Job came to. `error` is empty where it succeeded."""

    error: str = ""
    message: str = ""
    outputs: Mapping[str, Json] = field(default_factory=dict)


def verdict(ended: Sequence[Ended], handle: Handle, arguments: Mapping[str, Json], spare: Sequence[Ended]) -> Outcome:
    """The outcome of an attempt, all of whose Jobs have ended. `spare` are those of a second start with its key."""
    facts: dict[str, Json] = {"jobs": [job_facts(job, handle) for job in ended]}
    if spare:
        facts["spare_jobs"] = [job_facts(job, handle) for job in spare]
    vanished = [job for job in (*ended, *spare) if isinstance(job, Gone) and job.seen_alive]
    if vanished:
        return Unknown(f"{_name(vanished[0])} was seen alive, and then Orchestrator knew it no more", facts)
    if handle.doubt:
        return Unknown(handle.doubt, facts)
    singles = [_judge(job, arguments) for job in ended]
    outputs = _together(singles, arguments)
    failed = [(job, single) for job, single in zip(ended, singles, strict=True) if single.error]
    enough = len(failed) < len(singles) if arguments.get("jobs_succeed") == "any" else not failed
    if enough:
        return Succeeded(outputs, facts)
    if len(singles) == 1:
        return Failed(failed[0][1].error, failed[0][1].message, outputs, facts)
    told = "; ".join(f"{_name(job)}: {single.message}" for job, single in failed[:_TOLD])
    more = f"; and {len(failed) - _TOLD} more" if len(failed) > _TOLD else ""
    message = f"{len(failed)} of {len(singles)} Jobs failed: {told}{more}"
    return Failed(failed[0][1].error, message, outputs, facts)


def phase_of(states: Sequence[str | None], *, begun: bool) -> Phase | None:
    """What an attempt with Jobs in these States is doing; None where nothing is known, or all have ended.

    Pending means that nothing has begun yet: what waits for a robot again (Resumed, or the other Jobs of a start) is
    suspended, for its pending time is over. A State that nobody knows counts as running, so that timeouts hold.
    """
    waiting = (JobState.PENDING, JobState.RESUMED, JobState.SUSPENDED)
    ended = (JobState.FAULTED, JobState.SUCCESSFUL, JobState.STOPPED)
    living = [state for state in states if state is not None and state not in ended]
    if not living:
        return None
    if any(state not in waiting for state in living):
        return Phase.RUNNING
    return Phase.PENDING if JobState.PENDING in living and not begun else Phase.SUSPENDED


def job_facts(job: Ended, handle: Handle) -> dict[str, Json]:
    """What a report tells of a Job. Times are ISO 8601 text as Orchestrator gave it."""
    if isinstance(job, Gone):
        return {"id": job.name[0], "key": job.name[1], "state": None, "info": "Orchestrator does not know it any more"}
    facts: dict[str, Json] = {
        "id": job.id,
        "key": job.key,
        "state": job.state,
        "info": job.info,
        "created_at": job.creation_time,
        "started_at": job.start_time,
        "ended_at": job.end_time,
        "robot": job.robot.name if job.robot else None,
        "machine": job.host_machine_name,
        "release": job.release_name or handle.release.get("name"),
        "version": handle.release.get("version"),
        "folder": handle.folder_path,
    }
    return {**facts, "output_file": job.output_file} if job.output_file else facts


def starts_several(arguments: Mapping[str, Json]) -> bool:
    """Whether the step is written so that one start may make several Jobs; its outputs are lists then."""
    try:
        return expected_jobs(arguments) != 1
    except PlanError:
        return False


def _judge(job: Ended, arguments: Mapping[str, Json]) -> _Single:
    if isinstance(job, Gone):
        return _Single(ErrorClass.LOST, f"Orchestrator does not know {_name(job)} any more: it answers 404")
    match job.state:
        case JobState.FAULTED:
            return _Single(ErrorClass.FAULTED, _why(job), _readable(job))
        case JobState.STOPPED:
            return _Single(ErrorClass.STOPPED_OUTSIDE, f"the Job was stopped: {_why(job)}", _readable(job))
    if job.stop_strategy and not _asked_at_start(arguments):
        message = f"the Job was asked to end ({job.stop_strategy}) and ended Successful; it may not have done all"
        return _Single(ErrorClass.STOPPED_OUTSIDE, message, _readable(job))
    try:
        return _Single(outputs=outputs_of(job, arguments.get("outputs") or {}))
    except BadOutput as reason:
        return _Single(ErrorClass.OUTPUT_CONTRACT, str(reason), _readable(job))


def _asked_at_start(arguments: Mapping[str, Json]) -> bool:
    """Whether the start itself named a StopStrategy: then the Job carries one that proves nothing."""
    try:
        fields = start_fields(arguments.get("start")) or {}
    except PlanError:
        return False
    return "StopStrategy" in fields or "StopProcessExpression" in fields


def _together(singles: Sequence[_Single], arguments: Mapping[str, Json]) -> Mapping[str, Json]:
    """Those of the one Job; for several, a list for each name, in the order of the Jobs, null where one has none."""
    if len(singles) == 1 and not starts_several(arguments):
        return singles[0].outputs
    names = dict.fromkeys([*(arguments.get("outputs") or {}), *(name for one in singles for name in one.outputs)])
    return {name: [one.outputs.get(name) for one in singles] for name in names}


def _readable(job: Job) -> Mapping[str, Json]:
    """The outputs that there are all the same."""
    try:
        return read_outputs(job.output_arguments)
    except BadOutput:
        return {}


def _why(job: Job) -> str:
    error = job.job_error
    detail = (error.detail or error.title) if error else None
    return (job.info or detail or f"{job.state}, and Orchestrator says no more").strip()


def _name(job: Ended) -> str:
    return f"Job {job.name[0]}" if isinstance(job, Gone) else f"Job {job.id}"
