"""Markdown, for a job summary or a pull request. What a robot wrote is shown as text, never as markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowrun.core.status import LegStatus
from flowrun.report.document import instant
from flowrun.report.markup import escaped
from flowrun.report.model import LegReport, Report
from flowrun.report.reason import because, moment

_MOST_FAILURES = 50


def render(report: Report) -> str:
    """A heading, a table of the steps, what people were asked, what failed and why, what may still run."""
    return (
        "\n".join([*_head(report), *_table(report), *_approvals(report), *_failures(report), *_doubts(report)]) + "\n"
    )


def _head(report: Report) -> Iterator[str]:
    yield f"## {escaped(report.workflow)}: {report.state}"
    yield ""
    counts = report.counts
    yield (
        f"Run `{report.run_id}`, started {instant(report.started_at)}, took {report.duration(report.at)}: "
        f"{counts.succeeded} of {counts.total} steps succeeded, {counts.failed} failed, {counts.skipped} skipped, "
        f"{counts.cancelled} cancelled."
    )
    if report.cause or report.message:
        yield ""
        yield _reason(report.cause, report.message)
    for replanned in report.replanned:
        yield ""
        yield f"Went on {escaped(replanned.line)}."
    if report.abort:
        yield ""
        yield f"Aborted by {escaped(report.abort.by or 'flowrun')} ({report.abort.level})."
    yield ""


def _table(report: Report) -> Iterator[str]:
    yield "| Step | Result | Time | Legs | Jobs | Cause |"
    yield "| --- | --- | ---: | ---: | --- | --- |"
    for step in report.told:
        took = step.duration(report.at)
        legs = f"{step.counts.succeeded}/{step.counts.total}" if step.fan_out and step.counts.total else ""
        jobs = escaped(step.leg.last.names) if step.leg.last else ""
        cells = (escaped(step.id), step.state, "" if took is None else str(took), legs, jobs, escaped(step.cause))
        yield f"| {' | '.join(cells)} |"


def _approvals(report: Report) -> Iterator[str]:
    asked = list(report.approvals())
    points = [f"* **{escaped(name)}**: {_answer(leg)}" for name, leg in asked[:_MOST_FAILURES]]
    return _section("Approvals", points, len(asked)) if asked else iter(())


def _answer(leg: LegReport) -> str:
    fact = leg.approval
    assert fact is not None  # noqa: S101 - these legs have one
    question = escaped(fact.instructions)
    if fact.at is not None:
        comment = f": {escaped(fact.comment)}" if fact.comment else ""
        return f"{question} {fact.decision} by {escaped(fact.by)} at {moment(fact.at)}{comment}"
    if not leg.asks:
        return f"{question} not answered"
    until = "" if fact.until is None else f", until {moment(fact.until)}"
    return f"{question} waits for an answer since {moment(fact.asked)}{until}"


def _failures(report: Report) -> Iterator[str]:
    failures = list(report.failed())
    points = [
        f"* **{escaped(step.name(leg))}**: {_reason(leg.cause, leg.message)}{_where(leg)}"
        for step, leg in failures[:_MOST_FAILURES]
    ]
    return _section("What failed", points, len(failures)) if failures else iter(())


def _where(leg: LegReport) -> str:
    if leg.status is not LegStatus.FAILED or leg.last is None or not leg.last.names:
        return ""
    return f" ({escaped(leg.last.names)}, attempt {len(leg.attempts)})"


def _reason(cause: str, message: str) -> str:
    return because(escaped(cause), escaped(message))


def _doubts(report: Report) -> Iterator[str]:
    if not report.doubts:
        return iter(())
    points = [f"* **{escaped(open_job.leg)}**: {escaped(open_job.what)}" for open_job in report.open_jobs()]
    return _section("What may still be running", points, len(points))


def _section(title: str, points: Sequence[str], count: int) -> Iterator[str]:
    """A heading and its points. `count` is how many points there would be."""
    yield from ("", f"### {title}", "", *points)
    if count > len(points):
        yield f"* and {count - len(points)} more"
