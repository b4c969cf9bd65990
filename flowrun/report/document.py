"""The report as plain JSON data: what `-o json` and `--report json=…` give, and what the schema is made from.

Times are ISO 8601 in UTC, durations seconds. Names are never taken away within a version of the schema.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypedDict

from flowrun.core.plan import Json
from flowrun.core.status import StepStatus
from flowrun.report.approval import ApprovalFact
from flowrun.report.model import Abort, AttemptReport, JobFact, LegReport, Report, StepReport

SCHEMA = "flowrun.report/v1"


class JobDocument(TypedDict):
    """A UiPath Job. `state` and `info` are Orchestrator's own words."""

    id: int | None
    key: str
    state: str
    info: str
    robot: str
    started_at: str
    ended_at: str


class ErrorDocument(TypedDict):
    """Why something failed: `error_class` is one of the workflow language, or `unknown` or `cancelled`."""

    error_class: str
    message: str


class ApprovalDocument(TypedDict):
    """What a person is asked, and the answer: `decision` is `approved` or `rejected`, and null while it waits."""

    instructions: str
    asked_at: str
    until: str | None
    decision: str | None
    by: str
    answered_at: str | None
    comment: str


class AttemptDocument(TypedDict):
    """One try, counted from 1. `run` is the id of the run that it is, for a step that runs a file."""

    number: int
    scheduled_at: str
    finished_at: str | None
    error: ErrorDocument | None
    jobs: list[JobDocument]
    approval: ApprovalDocument | None
    run: str | None


class LegDocument(TypedDict):
    """A leg of a fan-out; its key tells it from the others. A plain step has one, with an empty key."""

    key: str
    status: str
    cause: str
    message: str
    began_at: str | None
    finished_at: str | None
    duration: float | None
    attempts: list[AttemptDocument]
    outputs: dict[str, Json]
    doubt: bool


class LegCountsDocument(TypedDict):
    """How the legs of a step stand."""

    total: int
    active: int
    succeeded: int
    failed: int
    cancelled: int


class StepDocument(TypedDict):
    """A step. `status` is its result after `continue_on_error`, `outcome` what happened before it."""

    id: str
    kind: str
    stage: str
    fan_out: bool
    needs: list[str]
    status: str
    outcome: str | None
    cause: str
    message: str
    began_at: str | None
    finished_at: str | None
    duration: float | None
    counts: LegCountsDocument
    legs: list[LegDocument]


class AbortDocument(TypedDict):
    """That the run was to end before its time: who asked first, and the highest level since."""

    at: str
    level: str
    by: str
    cause: str


class ReplannedDocument(TypedDict):
    """That the run went on with its file as it was then. Steps by their ids."""

    at: str
    new: list[str]
    changed: list[str]
    gone: list[str]


class ReportDocument(TypedDict):
    """A run, so far or to its end. `doubts` are the legs of which something may still run.

    `interrupted`: it has not ended, and nothing drives it any more; `flowrun runs resume` goes on with it. `stranded`:
    how that came, where it is known.
    `parent`: the run that it is a step of. `waits`: what it waits for that other runs have, in words, by the id of the
    step; by the empty text for the run itself, which waits for its turn.
    """

    schema: str
    run_id: str
    parent: str | None
    workflow: str
    status: str
    interrupted: bool
    stranded: str
    cause: str
    message: str
    started_at: str
    finished_at: str | None
    duration: float
    abort: AbortDocument | None
    resumed: int
    replanned: list[ReplannedDocument]
    counts: dict[str, int]
    inputs: dict[str, Json]
    outputs: dict[str, Json]
    warnings: list[str]
    doubts: list[str]
    waits: dict[str, str]
    steps: list[StepDocument]


def document(report: Report) -> ReportDocument:
    """The whole report."""
    abort = report.abort
    return {
        "schema": SCHEMA,
        "run_id": report.run_id,
        "parent": report.parent or None,
        "workflow": report.workflow,
        "status": report.status.value,
        "interrupted": report.interrupted,
        "stranded": report.stranded,
        "cause": report.cause,
        "message": report.message,
        "started_at": instant(report.started_at),
        "finished_at": _instant(report.finished_at),
        "duration": _seconds(report.duration(report.at)),
        "abort": None if abort is None else _abort(abort),
        "resumed": report.resumed,
        "replanned": [
            {"at": instant(one.at), "new": list(one.new), "changed": list(one.changed), "gone": list(one.gone)}
            for one in report.replanned
        ],
        "counts": {status.value: getattr(report.counts, status) for status in StepStatus},
        "inputs": dict(report.inputs),
        "outputs": dict(report.outputs),
        "warnings": list(report.warnings),
        "doubts": list(report.doubts),
        "waits": dict(report.waits),
        "steps": [_step(step, report.at) for step in report.steps],
    }


def instant(at: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC, to the millisecond: `2026-11-23T10:00:00.000Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _abort(abort: Abort) -> AbortDocument:
    return {"at": instant(abort.at), "level": abort.level.value, "by": abort.by, "cause": abort.cause}


def _step(step: StepReport, now: float) -> StepDocument:
    counts = step.counts
    took = step.duration(now)
    return {
        "id": step.id,
        "kind": step.kind,
        "stage": step.stage.value,
        "fan_out": step.fan_out,
        "needs": list(step.needs),
        "status": step.status.value,
        "outcome": step.outcome and step.outcome.value,
        "cause": step.cause,
        "message": step.message,
        "began_at": _instant(step.began_at),
        "finished_at": _instant(step.finished_at),
        "duration": None if took is None else _seconds(took),
        "counts": {
            "total": counts.total,
            "active": counts.active,
            "succeeded": counts.succeeded,
            "failed": counts.failed,
            "cancelled": counts.cancelled,
        },
        "legs": [_leg(leg, now) for leg in step.legs],
    }


def _leg(leg: LegReport, now: float) -> LegDocument:
    took = leg.duration(now)
    return {
        "key": leg.key,
        "status": leg.status.value,
        "cause": leg.cause,
        "message": leg.message,
        "began_at": _instant(leg.began_at),
        "finished_at": _instant(leg.finished_at),
        "duration": None if took is None else _seconds(took),
        "attempts": [_attempt(attempt) for attempt in leg.attempts],
        "outputs": dict(leg.outputs),
        "doubt": leg.doubt,
    }


def _attempt(attempt: AttemptReport) -> AttemptDocument:
    return {
        "number": attempt.number,
        "scheduled_at": instant(attempt.scheduled_at),
        "finished_at": _instant(attempt.finished_at),
        "error": {"error_class": attempt.error, "message": attempt.message} if attempt.error else None,
        "jobs": [_job(job) for job in attempt.jobs],
        "approval": None if attempt.approval is None else _approval(attempt.approval),
        "run": attempt.run or None,
    }


def _approval(fact: ApprovalFact) -> ApprovalDocument:
    return {
        "instructions": fact.instructions,
        "asked_at": instant(fact.asked),
        "until": _instant(fact.until),
        "decision": fact.decision or None,
        "by": fact.by,
        "answered_at": _instant(fact.at),
        "comment": fact.comment,
    }


def _job(job: JobFact) -> JobDocument:
    return {
        "id": job.id,
        "key": job.key,
        "state": job.state,
        "info": job.info,
        "robot": job.robot,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
    }


def _instant(at: float | None) -> str | None:
    return None if at is None else instant(at)


def _seconds(span: float) -> float:
    return round(float(span), 3)
