"""A run as a Chart: when each leg waited, was pending, worked; and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flowrun.core.status import Phase
from flowrun.pictures.chart import Bar, Chart, Row
from flowrun.pictures.state import State
from flowrun.report.model import AttemptReport, LegReport, Report, StepReport
from flowrun.report.reason import brief, moment
from flowrun.report.standing import longest, notes, of_leg, of_run, of_step, sentence


def chart(report: Report) -> Chart:
    """The timeline of a run, so far or to its end."""
    path = longest(report)
    on_path = frozenset(path)
    return Chart(
        f"{report.workflow}, run {report.run_id}",
        tuple(_row(report, step, on_path) for step in report.told),
        float(report.duration(report.at)),
        sentence(report, path),
        moment(report.started_at),
        now=not report.final,
        state=of_run(report),
    )


def foreseen(report: Report, words: str, *, counted: bool = False) -> Chart:
    """The timeline of a rehearsal, in which nothing has happened yet. `counted`: each step takes a second."""
    path = longest(report)
    rows = (_foreseen(report, step, frozenset(path)) for step in report.told)
    shown = tuple(replace(row, took=None) if counted else row for row in rows)
    return Chart(report.workflow, shown, float(report.duration(report.at)), words, counted=counted)


def _foreseen(report: Report, step: StepReport, path: frozenset[str]) -> Row:
    lanes = tuple(
        tuple(Bar(bar.begin, bar.end, State.FORESEEN) for bar in _bars(report, step, leg) if bar.state not in _WAITS)
        for leg in step.legs
    )
    took = step.duration(report.at) if step.began_at is not None else None
    words = f"{step.counts.total} legs" if step.counts.total > 1 else ""
    return Row(step.id, State.FORESEEN, lanes, words, took, longest=step.id in path)


_WAITS = (State.WAITING, State.PENDING)


def _row(report: Report, step: StepReport, path: frozenset[str]) -> Row:
    return Row(
        step.id,
        of_step(step),
        tuple(tuple(_bars(report, step, leg)) for leg in step.legs),
        ", ".join(brief(note) for note in notes(report, step)),
        step.duration(report.at),
        longest=step.id in path,
        told=step.what,
    )


def _bars(report: Report, step: StepReport, leg: LegReport) -> Iterator[Bar]:
    """It waits for a slot, then each attempt: pending, then at work, in the color of what came of it."""
    zero = report.started_at
    at = step.began_at if step.began_at is not None else zero
    for attempt in leg.attempts:
        if attempt.scheduled_at > at:
            yield Bar(at - zero, attempt.scheduled_at - zero, State.WAITING)
        at = report.at if attempt.finished_at is None else attempt.finished_at
        works = min(at, _works_from(attempt))
        if works > attempt.scheduled_at:
            yield Bar(attempt.scheduled_at - zero, works - zero, State.PENDING)
        if works < at or attempt.finished_at is not None:
            yield Bar(works - zero, at - zero, _came(attempt, leg))
    if not leg.status.final and not leg.status.active and report.at > at:
        yield Bar(at - zero, report.at - zero, State.WAITING)
    elif leg.kept:
        yield Bar(at - zero, at - zero, State.KEPT)


def _works_from(attempt: AttemptReport) -> float:
    """When it was seen to run; when it was started, for what has no queue to wait in."""
    if attempt.jobs and attempt.phase is not Phase.PENDING:
        return attempt.phase_since
    if attempt.jobs and attempt.finished_at is None:
        return float("inf")
    return attempt.scheduled_at if attempt.started_at is None else attempt.started_at


def _came(attempt: AttemptReport, leg: LegReport) -> State:
    if attempt.finished_at is None or attempt is leg.last:
        return of_leg(leg) if leg.status.final or attempt.finished_at is None else State.RUNNING
    return State.FAILED if attempt.error else State.SUCCEEDED
