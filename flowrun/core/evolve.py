"""(state, event) → state. The only file that changes state; it decides nothing, it only keeps count.

`LEG_ACCEPTS` is the whole automaton of a leg. What is not in it is an IllegalTransition: a bug of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flowrun.core.events import (
    AbortRequested,
    AttemptEvent,
    AttemptFinished,
    AttemptProgressed,
    AttemptScheduled,
    AttemptStarted,
    AttemptStopping,
    Event,
    LegEvent,
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
from flowrun.core.plan import Stage
from flowrun.core.state import Abort, LegState, RunState, StepState, Stop, dependents, leg_name, places
from flowrun.core.status import LegStatus, Outcome, Phase, RunStatus, StepStatus, Succeeded, Unknown
from flowrun.core.table import Table
from flowrun.errors import IllegalTransition

LEG_ACCEPTS: Mapping[LegStatus, Mapping[type[Event], LegStatus | None]] = {
    LegStatus.READY: {
        AttemptScheduled: LegStatus.SCHEDULED,
        AttemptFinished: LegStatus.TRIED,
        LegKept: LegStatus.SUCCEEDED,
        LegFinished: None,
    },
    LegStatus.SCHEDULED: {
        AttemptStarted: LegStatus.RUNNING,
        AttemptStopping: LegStatus.STOPPING,
        AttemptFinished: LegStatus.TRIED,
    },
    LegStatus.RUNNING: {
        AttemptProgressed: LegStatus.RUNNING,
        AttemptStopping: LegStatus.STOPPING,
        AttemptFinished: LegStatus.TRIED,
    },
    LegStatus.STOPPING: {
        AttemptStarted: LegStatus.STOPPING,
        AttemptProgressed: LegStatus.STOPPING,
        AttemptStopping: LegStatus.STOPPING,
        AttemptFinished: LegStatus.TRIED,
    },
    LegStatus.TRIED: {
        RetryPlanned: LegStatus.READY,
        RepeatPlanned: LegStatus.READY,
        LegFinished: None,
    },
    LegStatus.SUCCEEDED: {},
    LegStatus.FAILED: {},
    LegStatus.CANCELLED: {},
}
"""For each status the events that it accepts and the status after them; None: the event itself says which."""


def begin(event: RunStarted) -> RunState:
    """The state right after the first event."""
    plan = event.plan
    index = places(plan)
    return RunState(
        plan=plan,
        run_id=event.run_id,
        inputs=event.inputs,
        started_at=event.at,
        index=index,
        dependents=dependents(plan, index),
        steps=Table(StepState(unmet=len(step.needs)) for step in plan.steps),
        status=RunStatus.RUNNING if plan.concurrency is None else RunStatus.QUEUED,
        workflows=event.workflows,
        origin=event.origin,
        kept={(kept.step_id, kept.key): kept.outcome for kept in event.kept},
        only=frozenset(event.only),
        admitted_at=event.at if plan.concurrency is None else None,
        open={stage: sum(step.stage is stage for step in plan.steps) for stage in Stage},
        failed=dict.fromkeys(Stage, 0),
    )


def evolve(state: RunState, event: Event) -> RunState:
    """The state after `event`. Raises IllegalTransition where the state does not accept it."""
    if state.status.final:
        raise _illegal(event, f"the run is {state.status}")
    match event:
        case StepBegan():
            return _step_began(state, event)
        case StepFinished():
            return _step_finished(state, event)
        case RunStarted() | RunAdmitted() | RunResumed() | RunReplanned() | AbortRequested() | RunFinished():
            return _run_event(state, event)
        case _:
            return _leg_event(state, event)


def _run_event(state: RunState, event: RunEvent) -> RunState:
    match event:
        case AbortRequested():
            abort = Abort(event.level, event.by, state.abort.cause if state.abort else event.cause, event.at)
            return replace(state, status=RunStatus.ABORTING, abort=abort)
        case RunAdmitted():
            if state.status is not RunStatus.QUEUED:
                raise _illegal(event, f"the run is {state.status}")
            return replace(state, status=RunStatus.RUNNING, admitted_at=event.at)
        case RunResumed():
            if event.epoch <= state.epoch:
                raise _illegal(event, f"the epoch is {state.epoch}")
            return replace(state, epoch=event.epoch, resumed_at=event.at)
        case RunReplanned():
            return _replanned(state, event)
        case RunFinished():
            return _run_finished(state, event)
        case RunStarted():
            raise _illegal(event, "the run has begun")


def _replanned(state: RunState, event: RunReplanned) -> RunState:
    if state.abort is not None:
        raise _illegal(event, "the run is being ended")
    begun = {
        step.id: at for at, step in enumerate(state.plan.steps) if state.steps[at].status is not StepStatus.WAITING
    }
    final = {step_id for step_id, at in begun.items() if state.steps[at].status.final}
    fresh = begin(RunStarted(state.started_at, state.run_id, event.plan, event.inputs, event.origin, event.workflows))
    steps = []
    for step in event.plan.steps:
        at = begun.pop(step.id, None)
        if at is None:
            steps.append(StepState(unmet=sum(need.step not in final for need in step.needs)))
        elif state.place(at) == step:
            steps.append(state.steps[at])
        else:
            raise _illegal(event, f"step {step.id} has begun, and is another")
    if begun:
        raise _illegal(event, f"step {min(begun)} has begun, and is lost")
    left = [step.stage for step, now in zip(event.plan.steps, steps, strict=True) if not now.status.final]
    return replace(
        state,
        plan=fresh.plan,
        inputs=fresh.inputs,
        index=fresh.index,
        dependents=fresh.dependents,
        steps=Table(steps),
        workflows=fresh.workflows,
        origin=fresh.origin,
        kept=_standing(state, event),
        open={stage: left.count(stage) for stage in Stage},
    )


def _standing(state: RunState, event: RunReplanned) -> Mapping[tuple[str, str], Succeeded]:
    """What an earlier run gave, but for steps that are others now, and those that need one of them."""
    anew = {step.id for step in event.plan.steps if step.id not in state.index} | set(event.changed)
    for step in event.plan.steps:
        if any(need.step in anew for need in step.needs):
            anew.add(step.id)
    return {who: outcome for who, outcome in state.kept.items() if who[0] not in anew}


def accepts(state: RunState, event: Event) -> bool:
    """Whether an event from outside still fits: about the present attempt, or a harder abort than the last."""
    match event:
        case _ if state.status.final:
            return False
        case AbortRequested(level=level):
            return state.abort is None or level.rank > state.abort.level.rank
        case RunAdmitted():
            return state.status is RunStatus.QUEUED
        case AttemptStarted() | AttemptProgressed() | AttemptFinished():
            at = state.index.get(event.step_id)
            if at is None or not 0 <= event.leg < len(state.steps[at].legs):
                return False
            leg = state.leg(at, event.leg)
            return leg.status.active and event.attempt == leg.attempt and type(event) in LEG_ACCEPTS[leg.status]
        case _:
            return True


def _step_began(state: RunState, event: StepBegan) -> RunState:
    at, step = _step(state, event, StepStatus.WAITING)
    rules = len(state.plan.steps[at].retry)
    legs = Table(LegState(leg=leg, tries=(0,) * rules) for leg in event.legs)
    return _put(state, at, replace(step, status=StepStatus.RUNNING, legs=legs, open=len(legs)))


def _step_finished(state: RunState, event: StepFinished) -> RunState:
    at, step = _step(state, event, StepStatus.WAITING, StepStatus.RUNNING)
    if step.open:
        raise _illegal(event, f"{step.open} of its legs are not final")
    stage = state.plan.steps[at].stage
    done = replace(
        step,
        status=event.result,
        outcome=event.outcome,
        cause=event.cause,
        message=event.message,
        place=state.ended,
    )
    state = _put(state, at, done)
    for dependent in state.dependents[at]:
        waiting = state.steps[dependent]
        state = _put(state, dependent, replace(waiting, unmet=waiting.unmet - 1))
    let_through = event.outcome is StepStatus.FAILED and event.result is not StepStatus.FAILED
    left = state.open[stage] - 1
    return replace(
        state,
        ended=state.ended + 1,
        stage_at=state.stage_at if left else event.at,
        open={**state.open, stage: left},
        failed={**state.failed, stage: state.failed[stage] + (event.result is StepStatus.FAILED)},
        warnings=(*state.warnings, event.step_id) if let_through else state.warnings,
    )


def _run_finished(state: RunState, event: RunFinished) -> RunState:
    if any(state.open.values()):
        raise _illegal(event, "some steps are not final")
    return replace(state, status=event.status, cause=event.cause, message=event.message, outputs=event.outputs)


def _leg_event(state: RunState, event: LegEvent) -> RunState:
    at, step = _step(state, event, StepStatus.RUNNING)
    if not 0 <= event.leg < len(step.legs):
        raise _illegal(event, f"step {event.step_id} has no leg {event.leg}")
    leg = step.legs[event.leg]
    if type(event) not in LEG_ACCEPTS[leg.status]:
        raise _illegal(event, f"leg {event.leg} is {leg.status}")
    after = _leg(state, leg, event)
    held = after.status.active - leg.status.active
    step = replace(
        step,
        legs=step.legs.put(event.leg, after),
        held=step.held + held,
        open=step.open - after.status.final,
        failed=step.failed + (after.status is LegStatus.FAILED),
        cancelled=step.cancelled + (after.status is LegStatus.CANCELLED),
    )
    pools = state.plan.steps[at].pools
    state = replace(
        state,
        steps=state.steps.put(at, step),
        held=state.held + held,
        pooled=_pooled(state.pooled, pools, held) if pools and held else state.pooled,
    )
    if isinstance(event, AttemptFinished) and isinstance(event.outcome, Unknown):
        state = replace(state, doubts=(*state.doubts, leg_name(event.step_id, leg.leg.key)))
    return state


def _pooled(pooled: Mapping[str, int], pools: Mapping[str, int], held: int) -> Mapping[str, int]:
    return {**pooled, **{pool: pooled.get(pool, 0) + held * count for pool, count in pools.items()}}


def _leg(state: RunState, leg: LegState, event: LegEvent) -> LegState:
    status = LEG_ACCEPTS[leg.status][type(event)]
    if isinstance(event, LegFinished):
        return _over(leg, event.result, leg.outcome, event.cause, event.message)
    if isinstance(event, LegKept):
        return _over(leg, LegStatus.SUCCEEDED, event.outcome)
    first_of_attempt = leg.status is LegStatus.READY
    if event.attempt != leg.attempt + first_of_attempt:
        raise _illegal(event, f"the attempt is {leg.attempt}")
    assert status is not None  # noqa: S101 - only LegFinished brings its own
    return _take(state, replace(leg, status=status, attempt=event.attempt), event)


def _over(leg: LegState, result: LegStatus, outcome: Outcome | None, cause: str = "", message: str = "") -> LegState:
    """A final leg. How its attempts went is forgotten: a run of 10,000 legs would carry their arguments to its end."""
    return LegState(leg=leg.leg, status=result, attempt=leg.attempt, outcome=outcome, cause=cause, message=message)


def _take(state: RunState, leg: LegState, event: AttemptEvent | RetryPlanned | RepeatPlanned) -> LegState:
    match event:
        case AttemptScheduled():
            return LegState(
                leg=leg.leg,
                status=leg.status,
                attempt=leg.attempt,
                tries=leg.tries,
                rounds=leg.rounds,
                epoch=state.epoch,
                seen=state.epoch,
                arguments=event.arguments,
                scheduled_at=event.at,
                phase_since=event.at,
            )
        case AttemptStarted():
            return replace(leg, handle=event.handle, stop=replace(leg.stop, at=event.at) if leg.stop else None)
        case AttemptProgressed():
            ran = max(0.0, event.at - leg.phase_since) if leg.phase is Phase.RUNNING else 0.0
            return replace(leg, phase=event.phase, phase_since=event.at, ran=leg.ran + ran, seen=state.epoch)
        case AttemptStopping():
            return replace(leg, stop=Stop(event.force, leg.stop.cause if leg.stop else event.cause, event.at))
        case AttemptFinished():
            return replace(leg, outcome=event.outcome, chance=event.chance)
        case RetryPlanned():
            leg = replace(leg, tries=tuple(count + (rule == event.rule) for rule, count in enumerate(leg.tries)))
        case RepeatPlanned():
            leg = replace(leg, tries=(0,) * len(leg.tries), rounds=leg.rounds + 1)
    return replace(leg, due=event.due, stop=None)


def _step(state: RunState, event: StepBegan | StepFinished | LegEvent, *accepted: StepStatus) -> tuple[int, StepState]:
    at = state.index.get(event.step_id)
    if at is None:
        raise _illegal(event, f"the plan has no step {event.step_id}")
    step = state.steps[at]
    if step.status not in accepted:
        raise _illegal(event, f"step {event.step_id} is {step.status}")
    return at, step


def _put(state: RunState, at: int, step: StepState) -> RunState:
    return replace(state, steps=state.steps.put(at, step))


def _illegal(event: Event, why: str) -> IllegalTransition:
    return IllegalTransition(f"{type(event).__name__} does not fit: {why}")
