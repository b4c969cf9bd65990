"""The status algebra: what the needs of a step say (R2, R3, R5), and what the legs of a fan-out come to (R8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowrun.core.plan import Need, Stage, Step, Tolerance
from flowrun.core.state import RunState, StepState
from flowrun.core.status import Cause, LegStatus, StepStatus

FORGIVEN = frozenset({Cause.CONDITION, Cause.EMPTY_MATRIX, Cause.NOT_SELECTED, Cause.UPSTREAM_SKIPPED})
"""Causes of a skip that an optional need does not mind: there was nothing to do, and nothing went wrong."""


def satisfied(state: RunState, need: Need) -> bool:
    """R2."""
    step = state.step(need.step)
    if step.status is StepStatus.SUCCEEDED:
        return True
    return need.optional and step.status is StepStatus.SKIPPED and step.cause in FORGIVEN


def status_facts(state: RunState, step: Step) -> Mapping[str, bool]:
    """R3: the answers of the status functions for a step whose needs are all final.

    While the run is being ended, `success()` is false for the steps of `steps`: nothing new starts because all is
    well. A step of `finally` stands behind all of `steps`, so its `failure()` is also true when any of those failed.
    """
    cancelled = state.abort is not None
    last = step.stage is Stage.FINALLY
    return {
        "success": all(satisfied(state, need) for need in step.needs) and (last or not cancelled),
        "failure": any(_failed(state, need) for need in step.needs) or (last and state.failed[Stage.STEPS] > 0),
        "cancelled": cancelled,
        "always": True,
    }


def _failed(state: RunState, need: Need) -> bool:
    step = state.step(need.step)
    return step.status is StepStatus.FAILED or step.cause == Cause.UPSTREAM_FAILED


def blame(state: RunState, step: Step) -> Cause | None:
    """R5: the worst of what the unsatisfied needs say; None where all are satisfied."""
    worst = None
    for need in step.needs:
        if satisfied(state, need):
            continue
        cause = _cause(state, need)
        if worst is None or _BADNESS.index(cause) > _BADNESS.index(worst):
            worst = cause
    return worst


_BADNESS = (Cause.UPSTREAM_SKIPPED, Cause.UPSTREAM_CANCELLED, Cause.UPSTREAM_FAILED)


def _cause(state: RunState, need: Need) -> Cause:
    step = state.step(need.step)
    if _failed(state, need):
        return Cause.UPSTREAM_FAILED
    if step.status is StepStatus.CANCELLED or step.cause == Cause.UPSTREAM_CANCELLED:
        return Cause.UPSTREAM_CANCELLED
    return Cause.UPSTREAM_SKIPPED


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a step came to: `classes` are the error classes in it, each once."""

    outcome: StepStatus
    cause: str = ""
    message: str = ""
    classes: tuple[str, ...] = ()


def exceeded(tolerate: Tolerance, step: StepState) -> bool:
    """Whether more legs failed than are tolerated. Certain as soon as it is true, though legs may still be open."""
    limit = tolerate.count if tolerate.percent is None else len(step.legs) * tolerate.percent / 100
    return step.failed > limit


def fan_verdict(tolerate: Tolerance, step: StepState) -> Verdict:
    """R8. A leg that was cancelled makes the whole cancelled, unless more failed than is tolerated.

    A list with holes in it is not a success, though the holes be few.
    """
    count = len(step.legs)
    if exceeded(tolerate, step):
        failed = [leg for leg in step.legs if leg.status is LegStatus.FAILED]
        words = f"{step.failed} of {count} legs failed"
        if failed[0].message:
            words = f"{words}; the first, {failed[0].leg.key}: {failed[0].message}"
        return Verdict(StepStatus.FAILED, failed[0].cause, words, tuple(dict.fromkeys(leg.cause for leg in failed)))
    if step.cancelled:
        cause = next(leg.cause for leg in step.legs if leg.status is LegStatus.CANCELLED)
        return Verdict(StepStatus.CANCELLED, cause, f"{step.cancelled} of {count} legs were cancelled")
    words = f"{step.failed} of {count} legs failed, which is tolerated" if step.failed else ""
    return Verdict(StepStatus.SUCCEEDED, "", words)
