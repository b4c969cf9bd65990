"""What of a run that ended need not be done again, and why the rest has to be. Pure: from one state and one plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flowrun.core.events import Kept
from flowrun.core.plan import Plan, Stage, Step
from flowrun.core.state import RunState
from flowrun.core.status import Cause, LegStatus, StepStatus, Succeeded


@dataclass(frozen=True, slots=True)
class Again:
    """A step of a retry. `why` is empty where all of it is kept; `kept` are the keys of the legs that are."""

    step_id: str
    why: str = ""
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retry:
    """What a retry takes over, and a word about each step of `steps`, in the order of the plan."""

    kept: tuple[Kept, ...]
    steps: tuple[Again, ...]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to do again."""
        return not any(step.why for step in self.steps)


def retry(before: RunState, plan: Plan, again: frozenset[str] = frozenset()) -> Retry:
    """How `plan` goes on from a run that ended: with the recorded plan, or with a new one of the same workflow.

    A leg is kept where it succeeded and was not undone, the step is the same in both plans, is not in `again`, and
    needs nothing, directly or through others, that is done again. Steps of `finally` are never kept.
    """
    look = _Look(before, again)
    told = [look.at(step) for step in plan.steps if step.stage is Stage.STEPS]
    return Retry(tuple(kept for _, legs in told for kept in legs), tuple(step for step, _ in told))


class _Look:
    """Looks at the steps of a plan in their order, and remembers which are done again."""

    def __init__(self, before: RunState, again: frozenset[str]) -> None:
        self._before = before
        self._again = again
        self._anew: set[str] = set()
        undoing = enumerate(before.plan.steps)
        self._undoing = {step.undoes: at for at, step in undoing if step.stage is Stage.COMPENSATE}

    def at(self, step: Step) -> tuple[Again, tuple[Kept, ...]]:
        """A word about the step, and those of its legs that are kept."""
        why = self._asked(step)
        kept = () if why else tuple(self._kept(step))
        why = why or self._unfinished(step)
        if why:
            self._anew.add(step.id)
        return Again(step.id, why, tuple(leg.key for leg in kept)), kept

    def _asked(self, step: Step) -> str:
        """Why all of the step is done again, or asked again; empty where some of it may stand."""
        if step.id in self._again:
            return "it was asked for"
        for need in step.needs:
            if need.step in self._anew:
                return f"{need.step} is done again"
        at = self._before.index.get(step.id)
        if at is None:
            return "it is new"
        return "" if self._before.place(at) == step else "it is written differently"

    def _unfinished(self, step: Step) -> str:
        """Why some of the step is done again; empty where nothing about it can change."""
        done = self._before.step(step.id)
        if done.status is StepStatus.SKIPPED and done.cause in (Cause.CONDITION, Cause.EMPTY_MATRIX):
            return ""
        if self._undone(step.id):
            return "it was undone"
        failed = sum(leg.status is not LegStatus.SUCCEEDED for leg in done.legs)
        if done.status is StepStatus.SUCCEEDED and not failed:
            return ""
        if step.fan_out is not None and done.legs:
            return f"{failed} of {len(done.legs)} legs did not succeed"
        if done.status is StepStatus.SUCCEEDED:
            return f"it failed and was let through: {done.cause}"
        return f"it {'failed' if done.status is StepStatus.FAILED else f'was {done.status}'}: {done.cause}"

    def _kept(self, step: Step) -> Iterator[Kept]:
        undone = self._undone(step.id)
        for at, leg in enumerate(self._before.step(step.id).legs):
            if leg.status is LegStatus.SUCCEEDED and at not in undone and isinstance(leg.outcome, Succeeded):
                yield Kept(step.id, leg.leg.key, leg.outcome)

    def _undone(self, step_id: str) -> frozenset[int | None]:
        """The legs that were undone, or that somebody began to undo."""
        at = self._undoing.get(step_id)
        legs = () if at is None else self._before.steps[at].legs
        return frozenset(leg.leg.origin for leg in legs if leg.attempt)
