"""Standing: how a step stands in a word of a picture, what is written beside it, and the path that took longest."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from flowrun.core.plan import Stage
from flowrun.core.status import LegStatus, RunStatus, StepStatus
from flowrun.pictures.state import State
from flowrun.report.model import LegReport, Report, StepReport
from flowrun.report.reason import because, joined

_STEP = MappingProxyType(
    {
        StepStatus.WAITING: State.WAITING,
        StepStatus.RUNNING: State.RUNNING,
        StepStatus.SUCCEEDED: State.SUCCEEDED,
        StepStatus.FAILED: State.FAILED,
        StepStatus.SKIPPED: State.SKIPPED,
        StepStatus.CANCELLED: State.CANCELLED,
    }
)
_RUN = MappingProxyType(
    {
        RunStatus.QUEUED: State.WAITING,
        RunStatus.RUNNING: State.RUNNING,
        RunStatus.ABORTING: State.RUNNING,
        RunStatus.SUCCEEDED: State.SUCCEEDED,
        RunStatus.FAILED: State.FAILED,
        RunStatus.CANCELLED: State.CANCELLED,
    }
)
_LEG = MappingProxyType(
    {
        LegStatus.SUCCEEDED: State.SUCCEEDED,
        LegStatus.FAILED: State.FAILED,
        LegStatus.CANCELLED: State.CANCELLED,
        LegStatus.READY: State.WAITING,
        LegStatus.SCHEDULED: State.PENDING,
    }
)


def of_step(step: StepReport) -> State:
    """What was let through, kept, in doubt, or asks somebody is more than its status."""
    if any(leg.doubt for leg in step.legs):
        return State.UNKNOWN
    if step.let_through:
        return State.LET_THROUGH
    if step.status is StepStatus.SUCCEEDED and len(step.legs) and all(leg.kept for leg in step.legs):
        return State.KEPT
    if step.status is StepStatus.RUNNING and any(leg.asks for leg in step.legs):
        return State.ASKING
    return _STEP[step.status]


def of_leg(leg: LegReport) -> State:
    """The same of a leg."""
    if leg.doubt:
        return State.UNKNOWN
    if leg.kept:
        return State.KEPT
    return State.ASKING if leg.asks else _LEG.get(leg.status, State.RUNNING)


def of_run(report: Report) -> State:
    """The same of the whole run."""
    return State.UNKNOWN if report.doubts and report.final else _RUN[report.status]


def notes(report: Report, step: StepReport) -> Iterator[str]:
    """How its legs stand, what it waits for, how often it was tried, and why it is as it is."""
    counts = step.counts
    if step.fan_out and counts.total:
        others = (("failed", counts.failed), ("cancelled", counts.cancelled), ("running", counts.active))
        yield ", ".join(
            [f"{counts.succeeded}/{counts.total} ok", *(f"{count} {word}" for word, count in others if count)]
        )
    if step.id in report.waits:
        yield f"waits {report.waits[step.id]}"
    tries = step.attempts
    if tries > max(1, len(step.legs)):
        yield f"{tries} attempts"
    if reason := because(step.cause, joined(step.message)):
        yield reason


def longest(report: Report) -> tuple[str, ...]:
    """What the run had to wait for, step after step: the last to end, of its needs the last to end, and so on."""
    ends = {
        step.id: _end(report, step) for step in report.steps if step.stage is Stage.STEPS and step.began_at is not None
    }
    needs = {step.id: [need for need in step.needs if need in ends] for step in report.steps if step.id in ends}
    if not ends:
        return ()
    path = [max(ends, key=ends.__getitem__)]
    while before := needs[path[-1]]:
        path.append(max(before, key=ends.__getitem__))
    return tuple(reversed(path))


def _end(report: Report, step: StepReport) -> float:
    return report.at if step.finished_at is None else step.finished_at


def sentence(report: Report, path: tuple[str, ...]) -> str:
    """The verdict, how many steps stand how, and the longest path."""
    counts = report.counts
    words = ("succeeded", "failed", "skipped", "cancelled", "running", "waiting")
    stands = ", ".join(f"{getattr(counts, word)} {word}" for word in words if getattr(counts, word))
    after = "after" if report.final or report.interrupted else "for"
    head = f"{report.state} {after} {report.duration(report.at)}: {stands or 'no steps'}"
    shown = path if len(path) <= _SHOWN else (*path[:4], f"… {len(path) - 8} more …", *path[-4:])
    return f"{head}; longest path {' > '.join(shown)}" if path else head


_SHOWN = 8
"""So many steps of a path are named; of a longer one the first and the last four."""
