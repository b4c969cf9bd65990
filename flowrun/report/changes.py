"""Which events are worth a line to somebody who watches, and the words of that line."""

from __future__ import annotations

from flowrun.core.events import (
    AbortRequested,
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
    RunFinished,
    RunReplanned,
    RunResumed,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.status import AbortLevel, Phase, RunStatus, Succeeded, Unknown
from flowrun.report.approval import answering
from flowrun.report.model import AttemptReport, Change, LegReport, Report, StepReport
from flowrun.report.parcels import plain
from flowrun.report.reason import because, brief, moment
from flowrun.span import Span

_TONES = {"succeeded": "good", "failed": "bad", "cancelled": "warn", "skipped": "plain"}
_ABORTS = {
    AbortLevel.DRAIN: "nothing new starts, what runs may end",
    AbortLevel.STOP: "nothing new starts, what runs is asked to stop",
    AbortLevel.KILL: "nothing new starts, what runs is killed",
}


def change_of(event: Event, before: Report, after: Report, place: int | None) -> Change | None:
    """The line for `event`, which made `after` of `before`; `place` is where its step stands in both, if it has one."""
    if place is None:
        return _run_change(event, after)
    step = after.steps[place]
    match event:
        case StepBegan():
            if not step.fan_out:
                return None
            return Change(event.at, step.id, "", "running", _count(step.counts.total, "leg"))
        case StepFinished():
            told = Change(event.at, step.id, "", step.state, _step_detail(step), _tone(step))
            return None if step.moot else told
        case LegFinished() if not step.fan_out:
            return None
    leg_place: int = getattr(event, "leg", 0)
    leg, known = step.legs[leg_place], before.steps[place].legs[leg_place]
    return _approval_change(event, after.run_id, step, leg) or _leg_change(event, step, leg, known)


def _approval_change(event: Event, run_id: str, step: StepReport, leg: LegReport) -> Change | None:
    """That somebody is asked, with the command that answers, and the answer."""
    fact = leg.approval
    if fact is None:
        return None
    match event:
        case AttemptStarted():
            until = "" if fact.until is None else f" (until {moment(fact.until)})"
            detail = f"{brief(fact.instructions)}{until}: {answering(run_id, step.name(leg))}"
            return Change(event.at, step.id, leg.key, "asks", detail, "warn")
        case AttemptFinished() if fact.decision:
            tone = "good" if isinstance(event.outcome, Succeeded) else "bad"
            detail = because(f"by {fact.by}", brief(fact.comment))
            return Change(event.at, step.id, leg.key, fact.decision, detail, tone)
    return None


def _run_change(event: Event, after: Report) -> Change | None:
    match event:
        case RunStarted():
            detail = f"{after.workflow}, {_count(after.counts.total, 'step')}, run {after.run_id}"
            detail += f", a retry of {plain(event.again)}" if event.again else ""
            queued = after.status is RunStatus.QUEUED
            return Change(event.at, "", "", "queued" if queued else "started", detail)
        case RunAdmitted() | RunResumed() | RunReplanned():
            return _going_on(event, after)
        case AbortRequested():
            by = f", asked by {after.abort.by}" if after.abort and after.abort.by else ""
            return Change(event.at, "", "", "aborting", f"{_ABORTS[event.level]}{by}", "warn")
        case RunFinished():
            tone = "bad" if after.doubts else _TONES[after.status]
            detail = _verdict(after.duration(after.at), because(after.cause, brief(after.message)))
            return Change(event.at, "", "", str(after.status), detail, tone)
        case _:
            return None


def _going_on(event: RunAdmitted | RunResumed | RunReplanned, after: Report) -> Change:
    match event:
        case RunAdmitted():
            return Change(event.at, "", "", "started", "its turn has come")
        case RunResumed():
            detail = f"{after.counts.done} of {_count(after.counts.total, 'step')} done"
            return Change(event.at, "", "", "resumed", detail)
        case RunReplanned():
            return Change(event.at, "", "", "replanned", after.replanned[-1].words, "warn")


def _leg_change(event: Event, step: StepReport, leg: LegReport, before: LegReport) -> Change | None:
    last = leg.last
    if isinstance(event, LegFinished | LegKept):
        return _leg_over(event, step, leg)
    if last is None:
        return None
    state, detail, tone = "", "", "plain"
    match event:
        case AttemptScheduled():
            state, detail = "starting", f"attempt {event.attempt}"
        case AttemptStarted():
            state, detail = "started", last.names
        case AttemptProgressed() if last.approval is None and _moved(last, before.last):
            state, detail = str(last.phase), last.detail if last.detail.lower() != last.phase else ""
        case AttemptStopping():
            state, detail, tone = "killing" if event.force else "stopping", event.cause, "warn"
        case AttemptFinished() if isinstance(event.outcome, Unknown):
            state, detail, tone = "unknown", because(brief(last.message), last.names), "bad"
        case RetryPlanned():
            wait = Span(event.due - event.at)
            state, detail, tone = "retrying", f"in {wait} after {last.brief}", "warn"
        case RepeatPlanned():
            state, detail = "repeating", f"in {Span(event.due - event.at)}"
    quiet = isinstance(event, AttemptScheduled) and event.attempt == 1
    return Change(event.at, step.id, leg.key, state, detail, tone, quiet) if state else None


def _leg_over(event: LegFinished | LegKept, step: StepReport, leg: LegReport) -> Change:
    if isinstance(event, LegKept):
        return Change(event.at, step.id, leg.key, "kept", "from the run that is retried", quiet=True)
    detail = _verdict(leg.duration(event.at), leg.brief)
    return Change(event.at, step.id, leg.key, str(leg.status), detail, _TONES[leg.status])


def _moved(after: AttemptReport, before: AttemptReport | None) -> bool:
    if before is None or (after.phase, after.detail) == (before.phase, before.detail):
        return False
    return (after.phase, before.phase) != (Phase.PENDING, Phase.PENDING)


def _step_detail(step: StepReport) -> str:
    parts = [_verdict(step.duration(step.finished_at or 0.0), step.brief)]
    if step.fan_out and step.counts.total:
        counts = step.counts
        parts.append(f"{counts.succeeded} of {_count(counts.total, 'leg')} succeeded")
    return ", ".join(part for part in parts if part)


def _verdict(took: Span | None, reason: str) -> str:
    return because("" if took is None else f"in {took}", reason)


def _tone(step: StepReport) -> str:
    return "warn" if step.let_through else _TONES[step.status]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
