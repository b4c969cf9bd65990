"""Text for people, readable without colour: what `flowrun runs show` prints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from flowrun.core.status import LegStatus
from flowrun.report.document import instant
from flowrun.report.model import LegReport, Report, StepReport
from flowrun.report.reason import because, brief, joined, moment

_MOST_LEGS = 20


def render(report: Report) -> str:
    """The run, its steps, what failed, what is in doubt, its outputs."""
    return "\n".join([*_head(report), "", *_steps(report), *_outputs(report), *_doubts(report)]) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield f"{report.workflow}  run {report.run_id}"
    ended = f", ended {instant(report.finished_at)}" if report.finished_at is not None else ""
    after = "after" if report.interrupted else "in"
    yield f"{report.state} {after} {report.duration(report.at)}  started {instant(report.started_at)}{ended}"
    if report.parent:
        yield f"a step of run {report.parent}"
    for replanned in report.replanned:
        yield replanned.line
    if report.interrupted:
        why = report.stranded or "no process drives it any more"
        yield f"{why}: flowrun runs resume {report.run_id}"
    if "" in report.waits:
        yield f"waits {report.waits['']}"
    if reason := because(report.cause, joined(report.message)):
        yield f"because {reason}"
    if report.abort:
        yield f"aborted by {report.abort.by or 'flowrun'} ({report.abort.level})"
    for name, command in report.asking():
        yield f"{name} waits for an answer: {command}"
    if report.warnings:
        yield f"failed and let through: {', '.join(report.warnings)}"


def _steps(report: Report) -> Iterator[str]:
    rows: list[tuple[str, str, str, str]] = []
    for step in report.told:
        took = step.duration(report.at)
        waits = f"waits {report.waits[step.id]}" if step.id in report.waits else ""
        detail = ", ".join(part for part in (_step_detail(step), waits) if part)
        rows.append((step.id, step.state, "" if took is None else str(took), detail))
        rows.extend(_legs(step, report.at))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        cells = [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]
        yield "  ".join(cells).rstrip()


def _step_detail(step: StepReport) -> str:
    parts: list[str] = []
    if step.fan_out and step.counts.total:
        parts.append(f"{step.counts.succeeded} of {step.counts.total} legs succeeded")
    parts.append(because(step.cause, joined(step.message)))
    if not step.fan_out:
        parts.append(_leg_detail(step.leg))
    return ", ".join(part for part in parts if part)


def _legs(step: StepReport, now: float) -> Iterator[tuple[str, str, str, str]]:
    """The legs of a fan-out that did not succeed or are runs, at most twenty; the others are in the step's count."""
    if not step.fan_out:
        return
    telling = [leg for leg in step.legs if leg.run or leg.status not in (LegStatus.SUCCEEDED, LegStatus.READY)]
    for leg in telling[:_MOST_LEGS]:
        took = leg.duration(now)
        detail = ", ".join(part for part in (because(leg.cause, joined(leg.message)), _leg_detail(leg)) if part)
        yield (f"  {step.name(leg)}", str(leg.status), "" if took is None else str(took), detail)
    if len(telling) > _MOST_LEGS:
        yield (f"  … and {len(telling) - _MOST_LEGS} more", "", "", "")


def _leg_detail(leg: LegReport) -> str:
    attempts = f"{len(leg.attempts)} attempts" if len(leg.attempts) > 1 else ""
    jobs = ", ".join(f"{job.name}{f' on {job.robot}' if job.robot else ''}" for job in leg.jobs)
    far = leg.last.detail if leg.last and leg.status.active else ""
    run = because(f"run {leg.run}", far) if leg.run else ""
    return ", ".join(part for part in (_approval(leg), jobs, run, attempts) if part)


def _approval(leg: LegReport) -> str:
    fact = leg.approval
    if fact is None:
        return ""
    if fact.at is not None:
        # Who rejected it, and what they said, is the message of the failure already.
        return f"at {moment(fact.at)}" if leg.cause == "rejected" else fact.answer
    until = "" if fact.until is None else f", until {moment(fact.until)}"
    return f"asks since {moment(fact.asked)}{until}: {brief(fact.instructions)}" if leg.asks else ""


def _outputs(report: Report) -> Iterable[str]:
    if not report.outputs:
        return []
    return ["", "outputs", *(f"  {name} = {json.dumps(value)}" for name, value in report.outputs.items())]


def _doubts(report: Report) -> Iterable[str]:
    if not report.doubts:
        return []
    lines = [f"  {open_job.leg}: {open_job.what}" for open_job in report.open_jobs()]
    return ["", "may still be running", *lines]
