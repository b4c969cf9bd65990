"""Fold: events in, a Report at any moment. Each event costs the same, however many steps and legs there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

from flowrun.core.events import (
    AbortRequested,
    AttemptEvent,
    AttemptFinished,
    AttemptProgressed,
    AttemptScheduled,
    AttemptStarted,
    AttemptStopping,
    Event,
    LegFinished,
    LegKept,
    RepeatPlanned,
    RetryPlanned,
    RunAdmitted,
    RunEvent,
    RunFinished,
    RunReplanned,
    RunResumed,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import Plan, Stage
from flowrun.core.status import Cancelled, Failed, LegStatus, RunStatus, StepStatus, Succeeded, Unknown
from flowrun.core.table import Table
from flowrun.report.changes import change_of
from flowrun.report.model import Abort, AttemptReport, Change, LegCounts, LegReport, Report, StepCounts, StepReport
from flowrun.report.parcels import answered, asked, job_facts, plain, run_of
from flowrun.report.replanned import replanned
from flowrun.report.sensitive import Sensitive
from flowrun.span import Span
from flowrun.steps.label import label

_LegEvent: TypeAlias = AttemptEvent | RetryPlanned | RepeatPlanned | LegKept | LegFinished


class Fold:
    """Takes the events of one run in order, from its RunStarted on. `usual`: see Report.

    What is sensitive is hidden, unless it is to be revealed.
    """

    def __init__(self, usual: float | None = None, *, reveal: bool = False) -> None:
        self._sensitive = None if reveal else Sensitive()
        self._usual = None if usual is None else Span(usual)
        self._report: Report | None = None
        self._places: dict[str, int] = {}

    def add(self, event: Event) -> Change | None:
        """Take one more event in; RunStarted is the first. What it changed, where that is worth a line."""
        if self._sensitive is not None:
            event = self._sensitive.seen(event)
        if isinstance(event, RunStarted) and self._report is None:
            self._places = {step.id: place for place, step in enumerate(event.plan.steps)}
            after = replace(_begin(event), usual=self._usual)
            self._report = after
            return change_of(event, after, after, None)
        before = self.report()
        after = self._after(before, event)
        self._report = after
        step_id: str | None = getattr(event, "step_id", None)
        return change_of(event, before, after, None if step_id is None else self._places[step_id])

    def report(self) -> Report:
        """The whole so far. Costs nothing. ValueError before the first event."""
        if self._report is None:
            raise ValueError("the first event of a run is RunStarted")
        return self._report

    def _after(self, report: Report, event: Event) -> Report:
        match event:
            case RunReplanned():
                self._places = {step.id: place for place, step in enumerate(event.plan.steps)}
                return _replanned(report, event)
            case StepBegan():
                step = self._step(report, event.step_id)
                legs = Table(LegReport(key=plain(leg.key)) for leg in event.legs)
                counts = LegCounts(total=len(legs))
                began = replace(step, status=StepStatus.RUNNING, began_at=event.at, legs=legs, counts=counts)
                return self._put(report, began, event.at)
            case StepFinished():
                step = self._step(report, event.step_id)
                return self._put(report, _step_finished(step, event), event.at)
            case RunStarted() | RunAdmitted() | RunResumed() | AbortRequested() | RunFinished():
                return _run_after(report, event)
            case _:
                return self._leg(report, event)

    def _step(self, report: Report, step_id: str) -> StepReport:
        return report.steps[self._places[step_id]]

    def _put(self, report: Report, step: StepReport, at: float) -> Report:
        place = self._places[step.id]
        before = report.steps[place].status
        counts = report.counts
        if before is not step.status and step.stage is not Stage.COMPENSATE:
            moved = {before.value: getattr(counts, before) - 1, step.status.value: getattr(counts, step.status) + 1}
            counts = replace(counts, **moved)
        return replace(report, at=at, steps=report.steps.put(place, step), counts=counts)

    def _leg(self, report: Report, event: _LegEvent) -> Report:
        step = self._step(report, event.step_id)
        before = step.legs[event.leg]
        after = _leg_after(before, event)
        counts = step.counts
        if before.status is not after.status:
            counts = LegCounts(
                total=counts.total,
                active=counts.active + after.status.active - before.status.active,
                succeeded=counts.succeeded + (after.status is LegStatus.SUCCEEDED),
                failed=counts.failed + (after.status is LegStatus.FAILED),
                cancelled=counts.cancelled + (after.status is LegStatus.CANCELLED),
            )
        step = replace(step, legs=step.legs.put(event.leg, after), counts=counts)
        report = self._put(report, step, event.at)
        if after.doubt and not before.doubt:
            report = replace(report, doubts=(*report.doubts, step.name(after)))
        return report


def _run_after(report: Report, event: RunEvent) -> Report:
    match event:
        case AbortRequested():
            first = report.abort or Abort(event.at, event.level, plain(event.by), str(event.cause))
            abort = replace(first, level=max(first.level, event.level, key=lambda level: level.rank))
            return replace(report, at=event.at, status=RunStatus.ABORTING, abort=abort)
        case RunAdmitted():
            return replace(report, at=event.at, status=RunStatus.RUNNING)
        case RunResumed():
            return replace(report, at=event.at, resumed=report.resumed + 1)
        case RunFinished():
            return _finished(report, event)
        case RunStarted() | RunReplanned():
            raise ValueError("a run starts once, and a new plan is for the whole")


def fold(events: Iterable[Event], *, reveal: bool = False) -> Report:
    """The report of these events, the first of which is RunStarted."""
    total = Fold(reveal=reveal)
    for event in events:
        total.add(event)
    return total.report()


def _replanned(report: Report, event: RunReplanned) -> Report:
    begun = {step.id: step for step in report.steps if step.status is not StepStatus.WAITING}
    steps = Table(begun.get(step.id, step) for step in _steps(event.plan))
    counted = Counter(step.status.value for step in steps if step.stage is not Stage.COMPENSATE)
    before = frozenset(step.id for step in report.steps)
    return replace(
        report,
        at=event.at,
        steps=steps,
        counts=StepCounts(**counted),
        inputs=event.inputs,
        origin=event.origin,
        replanned=(*report.replanned, replanned(event, before)),
    )


def _steps(plan: Plan) -> Table[StepReport]:
    return Table(
        StepReport(
            id=step.id,
            kind=step.kind,
            what=plain(label(step)),
            stage=step.stage,
            fan_out=step.fan_out is not None,
            needs=tuple(need.step for need in step.needs),
            optional=tuple(need.step for need in step.needs if need.optional),
        )
        for step in plan.steps
    )


def _begin(event: RunStarted) -> Report:
    steps = _steps(event.plan)
    return Report(
        run_id=event.run_id,
        workflow=plain(event.plan.workflow),
        started_at=event.at,
        at=event.at,
        status=RunStatus.RUNNING if event.plan.concurrency is None else RunStatus.QUEUED,
        steps=steps,
        counts=StepCounts(waiting=sum(step.stage is not Stage.COMPENSATE for step in steps)),
        inputs=event.inputs,
        origin=event.origin,
        parent=event.parent,
    )


def _finished(report: Report, event: RunFinished) -> Report:
    return replace(
        report,
        at=event.at,
        status=event.status,
        finished_at=event.at,
        cause=event.cause,
        message=plain(event.message),
        outputs=event.outputs,
        warnings=tuple(plain(name) for name in event.warnings),
        doubts=tuple(dict.fromkeys((*report.doubts, *(plain(name) for name in event.doubts)))),
    )


def _step_finished(step: StepReport, event: StepFinished) -> StepReport:
    return replace(
        step,
        status=event.result,
        outcome=event.outcome,
        cause=event.cause,
        message=plain(event.message),
        finished_at=event.at,
    )


def _leg_after(leg: LegReport, event: _LegEvent) -> LegReport:
    match event:
        case AttemptScheduled():
            attempts = (*leg.attempts, AttemptReport(event.attempt, event.at, phase_since=event.at))
            return replace(leg, status=LegStatus.SCHEDULED, attempts=attempts, due=None)
        case RetryPlanned() | RepeatPlanned():
            return replace(leg, status=LegStatus.READY, due=event.due)
        case LegKept():
            return replace(
                leg, status=LegStatus.SUCCEEDED, finished_at=event.at, outputs=event.outcome.outputs, kept=True
            )
        case LegFinished():
            return replace(
                leg, status=event.result, finished_at=event.at, cause=event.cause, message=plain(event.message)
            )
        case AttemptFinished():
            return _attempt_finished(leg, event)
        case _:
            last = _attempt_after(leg.attempts[-1], event)
            status = LegStatus.STOPPING if last.stopping else LegStatus.RUNNING
            return replace(leg, status=status, attempts=(*leg.attempts[:-1], last))


def _attempt_after(
    attempt: AttemptReport, event: AttemptStarted | AttemptProgressed | AttemptStopping
) -> AttemptReport:
    match event:
        case AttemptStarted():
            handle = event.handle
            began = replace(attempt, started_at=event.at, jobs=job_facts(handle))
            return replace(began, approval=asked(handle), run=run_of(handle))
        case AttemptProgressed():
            since = attempt.phase_since if event.phase is attempt.phase else event.at
            return replace(attempt, phase=event.phase, phase_since=since, detail=plain(event.detail))
        case AttemptStopping():
            return replace(attempt, stopping=attempt.stopping or event.cause, force=event.force)


def _attempt_finished(leg: LegReport, event: AttemptFinished) -> LegReport:
    """An attempt that was never scheduled (its arguments could not be rendered) begins and ends here."""
    earlier = leg.attempts
    last = AttemptReport(event.attempt, event.at, phase_since=event.at)
    if earlier and earlier[-1].number == event.attempt:
        earlier, last = earlier[:-1], earlier[-1]
    outcome = event.outcome
    match outcome:
        case Succeeded():
            error, message, outputs = "", "", outcome.outputs
        case Failed():
            error, message, outputs = outcome.error, outcome.message, outcome.outputs
        case Cancelled():
            error, message, outputs = "cancelled", outcome.message, leg.outputs
        case Unknown():
            error, message, outputs = "unknown", outcome.message, leg.outputs
    last = replace(
        last,
        finished_at=event.at,
        error=error,
        message=plain(message),
        jobs=job_facts(outcome.facts) or last.jobs,
        approval=answered(last.approval, outcome.facts),
        run=run_of(outcome.facts) or last.run,
    )
    return replace(
        leg,
        status=LegStatus.TRIED,
        attempts=(*earlier, last),
        outputs=outputs,
        doubt=leg.doubt or isinstance(outcome, Unknown),
    )
