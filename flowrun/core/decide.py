"""Policy: what follows from a state. Pure functions from a state and a time to events, commands and deadlines.

The rules R1 to R8 are those of the language's reference; each stands where it is decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowrun.core.commands import AwaitStep, Command, StartStep, StopStep
from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptScheduled,
    AttemptStopping,
    Event,
    Leg,
    LegFinished,
    LegKept,
    RepeatPlanned,
    RetryPlanned,
    RunFinished,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import OnEmpty, Stage, Step
from flowrun.core.questions import Questions
from flowrun.core.retry import next_try
from flowrun.core.state import LegState, RunState
from flowrun.core.status import (
    AbortLevel,
    Cancelled,
    Cause,
    ErrorClass,
    Failed,
    LegStatus,
    Phase,
    RunStatus,
    StepStatus,
    Succeeded,
    Unknown,
)
from flowrun.core.verdict import Verdict, blame, exceeded, fan_verdict, status_facts
from flowrun.errors import TemplateError

KILL_GRACE = 30.0
"""Seconds that a killed attempt has to be seen dead, before nobody can tell; or its stop timeout, if that is longer."""


FIRST_LOOK = 60.0
"""Seconds that a new owner of the run has to see how an attempt stands, before a time that is over is held against it:
it may have begun, or ended well, while nobody looked."""


STAGES = tuple(Stage)


def open_for(state: RunState, stage: Stage) -> bool:
    """Whether steps of this stage may be decided: each stage begins when those before it have ended."""
    return not any(state.open[before] for before in STAGES[: STAGES.index(stage)])


def decide_step(state: RunState, at: int, ask: Questions, now: float) -> StepBegan | StepFinished:
    """What becomes of a waiting step whose needs are all final (R1)."""
    step = state.place(at)
    # Who is aborted while it waits for its turn has nothing to tidy up, and must not touch what the others use.
    if state.abort is not None and (state.abort.level is AbortLevel.KILL or state.admitted_at is None):
        return _not_run(step, StepStatus.CANCELLED, state.abort.cause, now)
    if step.stage is Stage.COMPENSATE:
        return _undo(state, step, now)
    if state.only and step.stage is Stage.STEPS and step.id not in state.only:
        return _not_run(step, StepStatus.SKIPPED, Cause.NOT_SELECTED, now)
    try:
        if not _holds(state, step, ask):
            return _passed_over(state, step, now)
        legs = ask.legs(state, step.fan_out) if step.fan_out else (Leg(),)
    except TemplateError as error:
        return _failed(step, ErrorClass.EXPRESSION, _words(error), now)
    return StepBegan(now, step.id, legs)


def _undo(state: RunState, step: Step, now: float) -> StepBegan | StepFinished:
    """A leg for each one that succeeded, where the run has failed or is being ended."""
    if state.abort is None and not state.failed[Stage.STEPS]:
        return _not_run(step, StepStatus.SKIPPED, Cause.CONDITION, now)
    done = enumerate(state.step(step.undoes).legs)
    legs = tuple(Leg(leg.leg.key, leg.leg.matrix, at) for at, leg in done if leg.status is LegStatus.SUCCEEDED)
    return StepBegan(now, step.id, legs) if legs else _not_run(step, StepStatus.SKIPPED, Cause.EMPTY_MATRIX, now)


def turns(state: RunState) -> list[int]:
    """The steps of `compensate` in the order of their turns: what was done last is undone first."""
    places = (at for at, step in enumerate(state.plan.steps) if step.stage is Stage.COMPENSATE)
    return sorted(places, key=lambda at: state.step(state.place(at).undoes).place, reverse=True)


def finish_step(state: RunState, at: int, now: float) -> StepFinished:
    """The verdict on a running step whose legs are all final (R8 for a fan-out)."""
    step, done = state.place(at), state.steps[at]
    if not done.legs:
        return _empty(step, now)
    if step.fan_out is None:
        leg = done.legs[0]
        verdict = Verdict(StepStatus(leg.status), leg.cause, leg.message, (leg.cause,))
    else:
        verdict = fan_verdict(step.fan_out.tolerate, done)
    if verdict.outcome is not StepStatus.FAILED:
        return StepFinished(now, step.id, verdict.outcome, verdict.outcome, verdict.cause, verdict.message)
    return _failed(step, verdict.cause, verdict.message, now, verdict.classes)


def _empty(step: Step, now: float) -> StepFinished:
    on_empty = step.fan_out.on_empty if step.fan_out else OnEmpty.SUCCEED
    cause, message = Cause.EMPTY_MATRIX, "the matrix has no legs"
    match on_empty:
        case OnEmpty.SUCCEED:
            return StepFinished(now, step.id, StepStatus.SUCCEEDED, StepStatus.SUCCEEDED)
        case OnEmpty.SKIP:
            return StepFinished(now, step.id, StepStatus.SKIPPED, StepStatus.SKIPPED, cause, message)
        case OnEmpty.FAIL:
            return _failed(step, cause, message, now)


def _failed(step: Step, cause: str, message: str, now: float, classes: tuple[str, ...] = ()) -> StepFinished:
    let_through = all("*" in step.continue_on_error or error in step.continue_on_error for error in classes or (cause,))
    result = StepStatus.SUCCEEDED if let_through and step.continue_on_error else StepStatus.FAILED
    return StepFinished(now, step.id, result, StepStatus.FAILED, str(cause), message)


def _holds(state: RunState, step: Step, ask: Questions) -> bool:
    """R4, and R6 while the run is being ended."""
    facts = status_facts(state, step)
    if step.condition is None:
        return facts["success"]
    if not step.condition.asks_status and not facts["success"]:
        return False
    return ask.condition(state, step.condition.expression, facts)


def _passed_over(state: RunState, step: Step, now: float) -> StepFinished:
    """R5: why it did not run."""
    cause = blame(state, step)
    if cause is not None:
        return _not_run(step, StepStatus.SKIPPED, cause, now)
    if state.abort is not None and step.stage is Stage.STEPS:
        return _not_run(step, StepStatus.CANCELLED, state.abort.cause, now)
    return _not_run(step, StepStatus.SKIPPED, Cause.CONDITION, now)


def _not_run(step: Step, result: StepStatus, cause: Cause, now: float) -> StepFinished:
    return StepFinished(now, step.id, result, result, cause)


def schedule(state: RunState, at: int, leg: int, ask: Questions, now: float) -> AttemptScheduled | AttemptFinished:
    """The next attempt of a ready leg, for which there is a slot."""
    step, ready = state.place(at), state.leg(at, leg)
    attempt = ready.attempt + 1
    try:
        arguments = ask.arguments(state, at, ready)
    except TemplateError as error:
        outcome = Failed(ErrorClass.EXPRESSION, _words(error))
        return AttemptFinished(now, step.id, leg, attempt, outcome)
    return AttemptScheduled(now, step.id, leg, attempt, arguments)


def decide_leg(state: RunState, at: int, leg: int, ask: Questions, now: float) -> Event | None:
    """What follows for a leg by itself: a verdict or another try after an attempt, a stop when its time is over."""
    step, now_leg = state.place(at), state.leg(at, leg)
    if now_leg.status is LegStatus.TRIED:
        return _after_attempt(state, at, leg, ask, now)
    if now_leg.status is LegStatus.READY:
        kept = kept_outcome(state, at, leg)
        return LegKept(now, step.id, leg, kept) if kept is not None else None
    deadline = leg_deadline(state, at, leg)
    if not now_leg.status.active or deadline is None or now < deadline:
        return None
    attempt = now_leg.attempt
    if now_leg.stop is None:
        pending = now_leg.phase is Phase.PENDING
        cause = ErrorClass.PENDING_TIMEOUT if pending else ErrorClass.TIMEOUT
        return AttemptStopping(now, step.id, leg, attempt, force=False, cause=cause)
    if not now_leg.stop.force:
        return AttemptStopping(now, step.id, leg, attempt, force=True, cause=now_leg.stop.cause)
    outcome = Unknown("it was killed, and did not end in time", facts=now_leg.handle)
    return AttemptFinished(now, step.id, leg, attempt, outcome)


def kept_outcome(state: RunState, at: int, leg: int) -> Succeeded | None:
    """What the leg gave in the run that this one is a retry of; None where it has to be done."""
    return state.kept.get((state.place(at).id, state.leg(at, leg).leg.key)) if state.kept else None


def _after_attempt(
    state: RunState, at: int, leg: int, ask: Questions, now: float
) -> LegFinished | RetryPlanned | RepeatPlanned:
    """Another try, or another round, is made only where the legs of the step may go on."""
    step, tried = state.place(at), state.leg(at, leg)
    result, cause, message = _verdict(step, tried)
    if result is LegStatus.SUCCEEDED and step.repeat is not None:
        return _after_round(state, at, leg, ask, now)
    if result is LegStatus.FAILED and not isinstance(tried.outcome, Unknown):
        again = next_try(step.retry, tried.tries, cause, message, tried.chance)
        if again is not None and ending(state, at, ask) is None:
            rule, delay = again
            return RetryPlanned(now, step.id, leg, tried.attempt, rule, now + delay)
    return LegFinished(now, step.id, leg, result, cause, message)


def _after_round(state: RunState, at: int, leg: int, ask: Questions, now: float) -> LegFinished | RepeatPlanned:
    """`repeat`: over where `until` holds, failed where it does not after the last round."""
    step, tried = state.place(at), state.leg(at, leg)
    repeat = step.repeat
    assert repeat is not None  # noqa: S101 - who has none is not asked
    try:
        done = ask.until(state, at, tried, repeat.until)
    except TemplateError as error:
        return LegFinished(now, step.id, leg, LegStatus.FAILED, ErrorClass.EXPRESSION, _words(error))
    if done:
        return LegFinished(now, step.id, leg, LegStatus.SUCCEEDED)
    if tried.rounds + 1 >= repeat.most:
        message = f"`repeat.until` does not hold after {repeat.most} rounds"
        return LegFinished(now, step.id, leg, LegStatus.FAILED, ErrorClass.TIMEOUT, message)
    end = ending(state, at, ask)
    if end is not None:
        return LegFinished(now, step.id, leg, LegStatus.CANCELLED, end[0])
    return RepeatPlanned(now, step.id, leg, tried.attempt, now + repeat.every)


def _verdict(step: Step, leg: LegState) -> tuple[LegStatus, str, str]:
    """What an attempt came to, now that it is known whether and why it had been asked to end."""
    stop = leg.stop
    # What ended well had ended before the word that its time was over reached it. To do it again would be wrong.
    if isinstance(leg.outcome, Succeeded) and (stop is None or stop.cause in _TOO_LATE):
        return LegStatus.SUCCEEDED, "", ""
    if stop is not None and not isinstance(leg.outcome, Unknown):
        return _stopped(step, stop.cause)
    match leg.outcome:
        case Failed(error, message):
            return LegStatus.FAILED, error, message
        case Cancelled(message):
            return LegStatus.CANCELLED, Cause.ABORT, message
        case Unknown(message):
            return LegStatus.FAILED, ErrorClass.LOST, message
        case _:
            return LegStatus.FAILED, ErrorClass.LOST, "it ended without an outcome"


_TOO_LATE = (ErrorClass.TIMEOUT, ErrorClass.PENDING_TIMEOUT)


def _stopped(step: Step, cause: str) -> tuple[LegStatus, str, str]:
    match cause:
        case ErrorClass.PENDING_TIMEOUT:
            return LegStatus.FAILED, cause, f"still pending after {step.pending_timeout:g} s"
        case ErrorClass.TIMEOUT:
            return LegStatus.FAILED, cause, f"still running after {step.timeout:g} s"
        case _:
            return LegStatus.CANCELLED, cause, ""


def fails_fast(state: RunState, at: int) -> bool:
    """Whether a fan-out has failed, and is not to go on for the sake of its other legs."""
    fan = state.place(at).fan_out
    return fan is not None and fan.fail_fast and exceeded(fan.tolerate, state.steps[at])


def ending(state: RunState, at: int, ask: Questions) -> tuple[str, bool] | None:
    """Why the legs of a running step are to end, and whether by force; None where they may go on (R6)."""
    step, abort = state.place(at), state.abort
    if abort is not None and abort.level is AbortLevel.KILL:
        return abort.cause, True
    if fails_fast(state, at):
        return Cause.FAIL_FAST, False
    if abort is None or step.stage is not Stage.STEPS:
        return None
    try:
        holds = step.condition is not None and step.condition.asks_status and _holds(state, step, ask)
    except TemplateError:
        holds = False
    return None if holds else (abort.cause, False)


def end_legs(state: RunState, at: int, cause: str, *, force: bool, now: float) -> Iterator[Event]:
    """The events that end every leg of a step. On a drain, and only then, what runs is left alone."""
    step = state.place(at)
    drain = state.abort is not None and state.abort.level is AbortLevel.DRAIN and cause == state.abort.cause
    for place, leg in enumerate(state.steps[at].legs):
        if leg.status is LegStatus.READY:
            yield LegFinished(now, step.id, place, LegStatus.CANCELLED, cause)
        elif leg.status.active and not drain and (leg.stop is None or (force and not leg.stop.force)):
            yield AttemptStopping(now, step.id, place, leg.attempt, force, cause)


def decide_run(state: RunState, ask: Questions, now: float) -> AbortRequested | RunFinished | None:
    """The end of the run (R7), or of its time."""
    if state.status.final:
        return None
    if not any(state.open.values()):
        return _finish_run(state, ask, now)
    end = run_deadline(state)
    if end is None or now < end:
        return None
    if open_for(state, Stage.FINALLY):
        return AbortRequested(now, AbortLevel.KILL, by="finally_timeout", cause=Cause.RUN_TIMEOUT)
    return AbortRequested(now, AbortLevel.STOP, by="timeout", cause=Cause.RUN_TIMEOUT)


def run_deadline(state: RunState) -> float | None:
    """When the run's own time is over; None where it has no limit, or is being stopped already.

    `finally` has a time of its own, which ends in a kill: nobody waits for it longer.
    """
    level = None if state.abort is None else state.abort.level
    if open_for(state, Stage.FINALLY):
        limit = None if level is AbortLevel.KILL else state.plan.finally_timeout
        return None if limit is None else state.stage_at + limit
    if level in (AbortLevel.STOP, AbortLevel.KILL) or state.plan.timeout is None or state.admitted_at is None:
        return None
    return state.admitted_at + state.plan.timeout


def _finish_run(state: RunState, ask: Questions, now: float) -> RunFinished:
    if state.abort is not None:
        return RunFinished(now, RunStatus.CANCELLED, state.abort.cause, warnings=state.warnings, doubts=state.doubts)
    failed = any(state.failed.values())
    outputs: Mapping[str, object] = {}
    message = ""
    try:
        outputs = {} if failed or state.only else ask.outputs(state)
    except TemplateError as error:
        failed, message = True, f"outputs: {_words(error)}"
    status = RunStatus.FAILED if failed else RunStatus.SUCCEEDED
    cause = ErrorClass.EXPRESSION if message else ""
    return RunFinished(now, status, cause, outputs, state.warnings, state.doubts, message)


def leg_deadline(state: RunState, at: int, leg: int) -> float | None:
    """When a leg must be looked at again though nothing happens; None where only an event can change it."""
    step, now_leg = state.place(at), state.leg(at, leg)
    match now_leg.status:
        case LegStatus.READY:
            return now_leg.due or None
        case LegStatus.STOPPING:
            if now_leg.stop is None or now_leg.handle is None:
                return None
            killed = max(step.stop_timeout, step.kill_timeout, KILL_GRACE)
            grace = killed if now_leg.stop.force else step.stop_timeout
            # A new owner asks again, and may find that it ended while nobody looked.
            return max(now_leg.stop.at, state.resumed_at) + grace
        case LegStatus.SCHEDULED | LegStatus.RUNNING if now_leg.phase is Phase.PENDING:
            return _at_first_look(state, now_leg, now_leg.scheduled_at, step.pending_timeout)
        case LegStatus.RUNNING if now_leg.phase is Phase.RUNNING:
            return _at_first_look(state, now_leg, now_leg.phase_since - now_leg.ran, step.timeout)
        case _:
            return None


def _at_first_look(state: RunState, leg: LegState, since: float, limit: float | None) -> float | None:
    if limit is None or leg.seen == state.epoch:
        return None if limit is None else since + limit
    return max(since + limit, state.resumed_at + FIRST_LOOK)


def commands(state: RunState, at: int, leg: int) -> tuple[Command, ...]:
    """What is outstanding for a leg. A function of the state: after a crash it says the same again."""
    step, now_leg = state.place(at), state.leg(at, leg)
    if not now_leg.status.active:
        return ()
    stop, handle = now_leg.stop, now_leg.handle
    who = (step.id, leg, now_leg.leg.key, now_leg.attempt, step.kind, now_leg.arguments)
    if handle is None:
        return (StartStep(*who, recheck=now_leg.epoch != state.epoch, adopt_only=stop is not None),)
    wait = AwaitStep(*who, handle)
    return (wait,) if stop is None else (wait, StopStep(*who, handle, stop.force))


def _words(error: TemplateError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message
