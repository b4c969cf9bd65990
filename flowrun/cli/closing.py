"""The last lines of a run: result, duration, what failed and why, what may still run, the next command to type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from flowrun.cli.answer import Line

if TYPE_CHECKING:
    from flowrun.api import LegReport, OpenJob, Report

_MOST = 20
_WORDS = {"succeeded": "good", "failed": "bad", "cancelled": "warn"}


def closing(report: Report, now: float, still: Sequence[tuple[str, OpenJob]] | None = None) -> Iterator[Line]:
    """The last lines about a run, whether it ended or is left behind.

    `still`: what may still run, with the run in which it does; None is what the report alone knows.
    """
    counts = report.counts
    parts = [f"{counts.succeeded} of {counts.total} steps succeeded"]
    parts += [f"{number} {word}" for word, number in _rest(report) if number]
    because = f" ({report.cause})" if report.cause and report.cause != "abort" else ""
    left = "was interrupted after" if report.interrupted else "was left after"
    state = f"{report.status}{because} in" if report.final else left
    tone = "bad" if report.doubts else _WORDS.get(report.status, "warn")
    usual = f" (usually {report.usual})" if report.usual is not None else ""
    yield Line(f"{report.workflow} {state} {report.duration(now)}{usual}: {', '.join(parts)}", tone)
    if report.stranded:
        yield Line(f"  {_short(report.stranded)}", "warn")
    if report.message:
        yield Line(f"  {_short(report.message)}")
    yield from _failures(report)
    if report.undone:
        yield Line(f"  undone: {', '.join(report.undone)}")
    yield from _warnings(report)
    yield from _doubts(report, still)
    if not report.final:
        for name, command in islice(report.asking(), _MOST):
            yield Line(f"  {name} waits for an answer: {command}", "warn")
    yield Line(f"next: {following(report)}", "dim")


def following(report: Report) -> str:
    """The command that a person most likely wants to type next."""
    if not report.final:
        return f"flowrun runs resume {report.run_id}"
    if report.status == "succeeded" and report.outputs and not report.doubts:
        return f"flowrun runs outputs {report.run_id}"
    return f"flowrun runs show {report.run_id}"


def _rest(report: Report) -> tuple[tuple[str, int], ...]:
    counts = report.counts
    return (
        ("failed", counts.failed),
        ("skipped", counts.skipped),
        ("cancelled", counts.cancelled),
        ("running", counts.running),
        ("waiting", counts.waiting),
    )


def _failures(report: Report) -> Iterator[Line]:
    let_through = set(report.warnings)
    failures = ((step, leg) for step, leg in report.failed() if step.id not in let_through)
    for step, leg in islice(failures, _MOST):
        yield Line(f"  {step.name(leg)} failed: {_why(leg)}", "bad")
    more = sum(1 for _ in failures)
    if more:
        yield Line(f"  and {more} more", "bad")


def _why(leg: LegReport) -> str:
    jobs = ", ".join(f"{job.name}{f' on {job.robot}' if job.robot else ''}" for job in leg.jobs)
    tries = f"{len(leg.attempts)} attempts" if len(leg.attempts) > 1 else ""
    run = f"run {leg.run}" if leg.run else ""
    where = ", ".join(part for part in (jobs, run, tries) if part)
    return f"{leg.told} ({where})" if where else leg.told


def _warnings(report: Report) -> Iterator[Line]:
    if report.warnings:
        yield Line(f"  failed and let through: {', '.join(report.warnings[:_MOST])}", "warn")


def _doubts(report: Report, still: Sequence[tuple[str, OpenJob]] | None) -> Iterator[Line]:
    found = [(report.run_id, one) for one in report.open_jobs()] if still is None else still
    if not found:
        return
    yield Line("  may still be running:", "bad")
    for run_id, one in found[:_MOST]:
        where = "" if run_id == report.run_id else f", in run {run_id}"
        yield Line(f"    {one.leg}: {_open(one)}{where}", "bad")
    if len(found) > _MOST:
        yield Line(f"    and {len(found) - _MOST} more: flowrun runs show {report.run_id} -o json", "bad")


def _open(one: OpenJob) -> str:
    if one.job is not None:
        return f"{one.job.name} {one.job.key}".rstrip()
    return f"flowrun runs show {one.run}" if one.run else "a start whose outcome is not known"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:300]}…"  # noqa: PLR2004 - two or three lines of a terminal
