"""Why: what made a step what it is, in words, with the rule that decided and the steps that are to blame. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flowrun.core.plan import Need, Stage, Step
from flowrun.core.state import RunState, StepState, leg_name
from flowrun.core.status import Cause, LegStatus, RunStatus, StepStatus
from flowrun.core.verdict import blame, satisfied
from flowrun.report.parcels import plain
from flowrun.report.reason import because, told

_FEW = 5


@dataclass(frozen=True, slots=True)
class Why:
    """Why a step is what it is. `by`: the steps that made it so, the worst first; empty at the root."""

    step: str
    state: str
    cause: str
    text: str
    rule: str = ""
    by: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """`skipped: upstream_failed`."""
        return because(self.state, self.cause)

    @property
    def sentence(self) -> str:
        """The reason, with its rule behind it."""
        return f"{self.text} ({self.rule})" if self.rule else self.text


def why(state: RunState, step_id: str) -> Why:
    """Why this step is what it is now. Raises KeyError where the plan has none of this id."""
    step, done = state.place(state.index[step_id]), state.step(step_id)
    text, rule, by = _reason(state, step, done)
    let_through = done.outcome is StepStatus.FAILED and done.status is StepStatus.SUCCEEDED
    shown = "failed, let through" if let_through else done.status.value
    return Why(step_id, shown, done.cause, text, rule, by)


def chain(state: RunState, step_id: str) -> tuple[Why, ...]:
    """This step, the one that made it so, and so on to the root."""
    links = [why(state, step_id)]
    while links[-1].by:
        links.append(why(state, links[-1].by[0]))
    return tuple(links)


def run_reason(state: RunState) -> tuple[str, str]:
    """What the run came to, in words, and the rule (R7)."""
    failed = _ids(state, StepStatus.FAILED)
    if state.abort is not None:
        who = f" by {plain(state.abort.by)}" if state.abort.by else ""
        return f"it was being ended{who}", "R7"
    if failed:
        return f"{_list(failed)} failed", "R7"
    if state.status is RunStatus.FAILED:
        return plain(state.message), "R7"
    return "no step failed", "R7"


Reason = tuple[str, str, tuple[str, ...]]
"""Words, rule, and who is to blame."""


def _reason(state: RunState, step: Step, done: StepState) -> Reason:
    match done.status:
        case StepStatus.WAITING:
            return _waiting(state, step)
        case StepStatus.RUNNING:
            return _running(done, step), "", ()
        case StepStatus.SUCCEEDED if done.outcome is StepStatus.SUCCEEDED:
            return _ran(state, step, done)
        case StepStatus.SUCCEEDED | StepStatus.FAILED:
            through = "; `continue_on_error` lets it through" if done.status is StepStatus.SUCCEEDED else ""
            return f"{_failure(done)}{through}", "R8" if step.fan_out else "", ()
        case StepStatus.SKIPPED:
            return _skipped(state, step, done)
        case StepStatus.CANCELLED:
            return _cancelled(state, step, done)


def _waiting(state: RunState, step: Step) -> Reason:
    open_needs = tuple(need.step for need in step.needs if not state.step(need.step).status.final)
    if state.admitted_at is None:
        group = state.plan.concurrency.group if state.plan.concurrency else ""
        return f"the run waits for its turn in the group {plain(group)}", "", ()
    if open_needs:
        return f"it waits for {_list(open_needs)}", "R1", open_needs
    earlier = [stage for stage in tuple(Stage)[: tuple(Stage).index(step.stage)] if state.open[stage]]
    if earlier:
        left = tuple(
            one.id
            for one, now in zip(state.plan.steps, state.steps, strict=True)
            if one.stage in earlier and not now.status.final
        )
        return f"`{step.stage}` begins when {_list(left)} {'has' if len(left) == 1 else 'have'} ended", "R1", left
    if step.stage is Stage.COMPENSATE:
        return "what was done after it is undone first", "", ()
    return "it is decided next", "", ()


def _running(done: StepState, step: Step) -> str:
    if step.fan_out is None:
        leg = done.legs[0]
        return f"its attempt {leg.attempt} is {leg.status}" if leg.attempt else "it waits for a slot"
    over = len(done.legs) - done.open
    return f"{over} of {len(done.legs)} legs are over, {done.held} run"


def _failure(done: StepState) -> str:
    return told(plain(done.message)) or done.cause


def _ran(state: RunState, step: Step, done: StepState) -> Reason:
    if step.stage is Stage.COMPENSATE:
        return f"it undoes what succeeded of {step.undoes}, for the run {_fate(state)}", "", ()
    if done.legs and not any(leg.attempt for leg in done.legs):
        return "the run that this one tries again had done it already", "", ()
    tolerated = f", and {told(plain(done.message))}" if done.message else ""
    if step.condition is not None:
        return f"its `if` holds{tolerated}", "R4", ()
    if step.needs:
        return f"{_satisfied(state, step)}{tolerated}", "R4", ()
    first = "all of `steps` have ended" if step.stage is Stage.FINALLY else "it needs no other step"
    return f"{first}{tolerated}", "R1", ()


def _fate(state: RunState) -> str:
    return "was ended" if state.abort is not None else "failed"


def _satisfied(state: RunState, step: Step) -> str:
    lenient = [need.step for need in step.needs if state.step(need.step).status is not StepStatus.SUCCEEDED]
    ran = [need.step for need in step.needs if need.step not in lenient]
    words = [f"{_list(ran)} succeeded"] if ran else []
    words += [f"{one} had nothing to do ({state.step(one).cause}) and is optional" for one in lenient]
    return ", ".join(words)


def _skipped(state: RunState, step: Step, done: StepState) -> Reason:
    if step.stage is Stage.COMPENSATE:
        if done.cause == Cause.CONDITION:
            return "the run did not fail, and there is nothing to undo", "", ()
        return f"nothing of {step.undoes} succeeded, so there is nothing to undo", "", (step.undoes,)
    match done.cause:
        case Cause.EMPTY_MATRIX:
            return "its matrix has no legs", "R8", ()
        case Cause.NOT_SELECTED:
            return "the run was asked for other steps", "", ()
        case Cause.CONDITION:
            return "its needs are satisfied, and its `if` is not", "R5", ()
    guilty = tuple(_guilty(state, step))
    words = [_blamed(state, need) for need in step.needs if need.step in guilty]
    more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
    return "; ".join(words[:_FEW]) + more, "R5", guilty


def _guilty(state: RunState, step: Step) -> Iterator[str]:
    """The needs that are not satisfied: those that gave the cause first."""
    cause = blame(state, step)
    unmet = [need for need in step.needs if not satisfied(state, need)]
    alone = [(need, blame(state, Step(step.id, step.kind, needs=(need,)))) for need in unmet]
    yield from (need.step for need, one in alone if one == cause)
    yield from (need.step for need, one in alone if one != cause)


def _blamed(state: RunState, need: Need) -> str:
    done = state.step(need.step)
    match done.status:
        case StepStatus.FAILED:
            return f"its need {need.step} failed"
        case StepStatus.CANCELLED:
            return f"its need {need.step} was cancelled"
    strict = ", and the need is not optional" if not need.optional and done.cause == Cause.CONDITION else ""
    return f"its need {need.step} was skipped ({done.cause}){strict}"


def _cancelled(state: RunState, step: Step, done: StepState) -> Reason:
    if done.cause == Cause.FAIL_FAST:
        first = next((leg for leg in done.legs if leg.status is LegStatus.FAILED), None)
        name = leg_name(step.id, first.leg.key) if first else "a leg"
        return f"{plain(name)} failed, and `fail_fast` ends the others", "R8", ()
    who = ""
    if state.abort is not None:
        who = f" by {plain(state.abort.by)}" if state.abort.by else ""
        who = f"{who} ({state.abort.level})"
    begun = "while it ran" if any(leg.attempt for leg in done.legs) else "before it began"
    return f"the run was ended{who} {begun}", "R6", ()


def _ids(state: RunState, status: StepStatus) -> tuple[str, ...]:
    steps = zip(state.plan.steps, state.steps, strict=True)
    return tuple(step.id for step, done in steps if done.status is status)


def _list(names: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more
