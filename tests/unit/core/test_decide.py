from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowrun.core import decide
from flowrun.core.commands import AwaitStep, StartStep, StopStep
from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptScheduled,
    AttemptStopping,
    Leg,
    LegFinished,
    RetryPlanned,
    RunFinished,
    RunResumed,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import Backoff, FanOut, Jitter, OnEmpty, RetryRule, Stage, Step, Tolerance
from flowrun.core.questions import Questions
from flowrun.core.run import Run
from flowrun.core.state import LegState, RunState, Stop
from flowrun.core.status import (
    AbortLevel,
    Cancelled,
    Cause,
    Failed,
    LegStatus,
    Outcome,
    Phase,
    RunStatus,
    StepStatus,
    Succeeded,
    Unknown,
)
from tests.simulation.core.words import Words, condition
from tests.unit.core.making import NOW, decided, job, leg_in, run_of, with_leg

ASK = Questions(Words())


def step_decision(step: Step, result: str = "succeeded", cause: str = "", abort: str = "") -> StepBegan | StepFinished:
    """What is decided about `x`, which needs `a`."""
    run = run_of(job("a"), replace(step, id="x", needs=job("x", "a").needs))
    run.record(decided("a", result, cause))
    if abort:
        run.record(AbortRequested(NOW, AbortLevel(abort)))
    return decide.decide_step(run.state, 1, ASK, NOW)


def test_a_step_without_an_if_runs_when_all_is_well() -> None:
    assert step_decision(job("x")) == StepBegan(NOW, "x", (Leg(),))
    assert step_decision(job("x"), "failed", "timeout") == decided("x", "skipped", "upstream_failed")


@pytest.mark.parametrize(
    ("words", "result", "right"),
    [
        ("true", "succeeded", "began"),
        ("false", "succeeded", "condition"),
        ("true", "failed", "upstream_failed"),
        ("false", "failed", "upstream_failed"),
        ("always()", "failed", "began"),
        ("failure()", "failed", "began"),
        ("failure()", "succeeded", "condition"),
        ("success()", "failed", "upstream_failed"),
        ("not success()", "failed", "began"),
        ("cancelled()", "succeeded", "condition"),
    ],
)
def test_r4_and_r5_an_if_decides(words: str, result: str, right: str) -> None:
    event = step_decision(job("x", condition=condition(words)), result, "faulted" if result == "failed" else "")
    assert right == ("began" if isinstance(event, StepBegan) else event.cause)


@pytest.mark.parametrize(
    ("words", "abort", "right"),
    [
        (None, "stop", ("cancelled", "abort")),
        ("true", "drain", ("cancelled", "abort")),
        ("cancelled()", "drain", "began"),
        ("always()", "stop", "began"),
        ("always()", "kill", ("cancelled", "abort")),
        ("not cancelled()", "stop", ("cancelled", "abort")),
    ],
)
def test_r6_an_abort_asks_again(words: str | None, abort: str, right: Any) -> None:
    event = step_decision(job("x", condition=condition(words)), abort=abort)
    assert right == ("began" if isinstance(event, StepBegan) else (event.result, event.cause))


def test_what_was_not_to_run_anyway_is_skipped_and_not_cancelled() -> None:
    assert step_decision(job("x"), "failed", "lost", abort="stop") == decided("x", "skipped", "upstream_failed")


def test_an_if_that_fails_is_a_failure_of_the_step() -> None:
    event = step_decision(job("x", condition=condition("broken")))
    assert event == StepFinished(
        NOW, "x", StepStatus.FAILED, StepStatus.FAILED, "expression", "`broken` is not a condition"
    )
    event = step_decision(job("x", condition=condition("broken"), continue_on_error=("expression",)))
    assert (event.result, event.outcome) == ("succeeded", "failed")  # type: ignore[union-attr]


def test_a_matrix_that_fails_is_a_failure_of_the_step() -> None:
    event = step_decision(job("x", fan_out=FanOut({"n": "${{ inputs.none }}"})))
    assert isinstance(event, StepFinished)
    assert (event.result, event.cause, event.message) == ("failed", "expression", "`inputs.none` is absent")


@pytest.mark.parametrize(
    ("on_empty", "result", "cause"),
    [("succeed", "succeeded", ""), ("skip", "skipped", "empty_matrix"), ("fail", "failed", "empty_matrix")],
)
def test_r8_a_fan_out_without_legs(on_empty: str, result: str, cause: str) -> None:
    run = run_of(job("a", fan_out=FanOut({"n": []}, on_empty=OnEmpty(on_empty))))
    run.record(StepBegan(NOW, "a", ()))
    event = decide.finish_step(run.state, 0, NOW)
    assert (event.result, event.outcome, event.cause) == (result, result, cause)


@pytest.mark.parametrize(
    ("through", "cause", "result"),
    [
        ((), "faulted", "failed"),
        (("*",), "faulted", "succeeded"),
        (("timeout", "faulted"), "faulted", "succeeded"),
        (("timeout",), "faulted", "failed"),
    ],
)
def test_what_continue_on_error_lets_through(through: tuple[str, ...], cause: str, result: str) -> None:
    run = run_of(job("a", continue_on_error=through))
    state = with_leg(run, leg_in(LegStatus.FAILED, cause=cause, message="why"))
    event = decide.finish_step(state, 0, NOW)
    assert event == StepFinished(NOW, "a", StepStatus(result), StepStatus.FAILED, cause, "why")


@pytest.mark.parametrize(("through", "result"), [(("faulted",), "failed"), (("faulted", "timeout"), "succeeded")])
def test_every_class_of_a_fan_out_must_be_let_through(through: tuple[str, ...], result: str) -> None:
    run = run_of(job("a", fan_out=FanOut({"n": [0, 1]}), continue_on_error=through))
    run.record(StepBegan(NOW, "a", (Leg("0"), Leg("1"))))
    run.record(LegFinished(NOW, "a", 0, LegStatus.FAILED, "faulted"))
    run.record(LegFinished(NOW, "a", 1, LegStatus.FAILED, "timeout"))
    assert decide.finish_step(run.state, 0, NOW).result == result


def verdict_on(outcome: Outcome | None, stop: Stop | None = None, abort: str = "", **more: Any) -> Any:
    run = run_of(job("a", timeout=30.0, pending_timeout=10.0, **more))
    if abort:
        run.record(AbortRequested(NOW, AbortLevel(abort)))
    state = with_leg(run, leg_in(LegStatus.TRIED, outcome=outcome, stop=stop, tries=(0,), chance=0.5))
    return decide.decide_leg(state, 0, 0, ASK, NOW)


def stopped(cause: str) -> Stop:
    return Stop(force=False, cause=cause, at=NOW)


@pytest.mark.parametrize(
    ("outcome", "stop", "result", "cause", "message"),
    [
        (Succeeded(), None, "succeeded", "", ""),
        (Failed("faulted", "no"), None, "failed", "faulted", "no"),
        (Cancelled("early"), None, "cancelled", "abort", "early"),
        (Unknown("who knows"), None, "failed", "lost", "who knows"),
        (None, None, "failed", "lost", "it ended without an outcome"),
        (Succeeded(), "abort", "cancelled", "abort", ""),
        (Succeeded(), "timeout", "succeeded", "", ""),
        (Succeeded(), "pending_timeout", "succeeded", "", ""),
        (Failed("faulted"), "fail_fast", "cancelled", "fail_fast", ""),
        (Cancelled(), "run_timeout", "cancelled", "run_timeout", ""),
        (Failed("stopped_outside"), "timeout", "failed", "timeout", "still running after 30 s"),
        (Cancelled(), "pending_timeout", "failed", "pending_timeout", "still pending after 10 s"),
        (Unknown("stuck"), "abort", "failed", "lost", "stuck"),
    ],
)
def test_what_an_attempt_came_to(
    outcome: Outcome | None, stop: str | None, result: str, cause: str, message: str
) -> None:
    event = verdict_on(outcome, stopped(stop) if stop else None)
    assert event == LegFinished(NOW, "a", 0, LegStatus(result), cause, message)


RETRY = (RetryRule(most=1, backoff=Backoff(initial=8.0, jitter=Jitter.FULL)),)


def test_a_failure_is_tried_again_after_its_wait() -> None:
    assert verdict_on(Failed("faulted"), retry=RETRY) == RetryPlanned(NOW, "a", 0, 1, 0, NOW + 4.0)
    assert isinstance(verdict_on(Cancelled(), stopped("timeout"), retry=RETRY), RetryPlanned)
    assert isinstance(verdict_on(Succeeded(), stopped("timeout"), retry=RETRY), LegFinished)


@pytest.mark.parametrize("outcome", [Succeeded(), Cancelled(), Unknown()])
def test_only_a_known_failure_is_tried_again(outcome: Outcome) -> None:
    assert isinstance(verdict_on(outcome, retry=RETRY), LegFinished)


@pytest.mark.parametrize(
    ("abort", "more", "again"),
    [
        ("drain", {}, False),
        ("stop", {}, False),
        ("kill", {}, False),
        ("stop", {"condition": condition("always()")}, True),
        ("kill", {"condition": condition("always()")}, False),
        ("stop", {"condition": condition("not cancelled()")}, False),
        ("stop", {"stage": Stage.FINALLY}, True),
        ("kill", {"stage": Stage.FINALLY}, False),
    ],
)
def test_while_the_run_is_ended_only_what_stays_is_tried_again(abort: str, more: Any, *, again: bool) -> None:
    assert isinstance(verdict_on(Failed("faulted"), abort=abort, retry=RETRY, **more), RetryPlanned) is again


def test_nothing_is_tried_again_once_its_fan_out_has_failed_fast() -> None:
    run = run_of(job("a", fan_out=FanOut({"n": [0, 1]}, fail_fast=True), retry=RETRY))
    run.record(StepBegan(NOW, "a", (Leg("0"), Leg("1"))))
    run.record(AttemptFinished(NOW, "a", 1, 1, Failed("timeout")))
    assert isinstance(decide.decide_leg(run.state, 0, 1, ASK, NOW), RetryPlanned)
    run.record(LegFinished(NOW, "a", 0, LegStatus.FAILED, "faulted"))
    assert decide.decide_leg(run.state, 0, 1, ASK, NOW) == LegFinished(NOW, "a", 1, LegStatus.FAILED, "timeout")


def leg_state(leg: LegState, **more: Any) -> RunState:
    step = job("a", timeout=30.0, pending_timeout=10.0, stop_timeout=60.0)
    return with_leg(run_of(replace(step, **more)), leg)


STOPPING = LegStatus.STOPPING
DEADLINES = [
    (leg_in(LegStatus.READY), {}, None),
    (leg_in(LegStatus.READY, due=NOW + 7), {}, 7.0),
    (leg_in(LegStatus.SCHEDULED), {}, 10.0),
    (leg_in(LegStatus.RUNNING), {}, 10.0),
    (leg_in(LegStatus.RUNNING), {"pending_timeout": None}, None),
    (leg_in(LegStatus.RUNNING, phase=Phase.RUNNING, phase_since=NOW + 5), {}, 35.0),
    (leg_in(LegStatus.RUNNING, phase=Phase.RUNNING, phase_since=NOW + 5, ran=12.0), {}, 23.0),
    (leg_in(LegStatus.RUNNING, phase=Phase.RUNNING), {"timeout": None}, None),
    (leg_in(LegStatus.RUNNING, phase=Phase.SUSPENDED, ran=12.0), {}, None),
    (leg_in(STOPPING), {}, None),
    (leg_in(STOPPING, handle={}), {}, 60.0),
    (leg_in(STOPPING, handle={}), {"stop_timeout": 0.0}, 0.0),
    (leg_in(STOPPING, handle={}, stop=Stop(force=True, cause="abort", at=NOW + 5)), {}, 65.0),
    (leg_in(STOPPING, handle={}, stop=Stop(force=True, cause="abort", at=NOW)), {"stop_timeout": 1.0}, 30.0),
    (leg_in(LegStatus.TRIED), {}, None),
    (leg_in(LegStatus.SUCCEEDED), {}, None),
]


@pytest.mark.parametrize(("leg", "more", "after"), DEADLINES)
def test_when_a_leg_must_be_looked_at(leg: LegState, more: Any, after: float | None) -> None:
    assert decide.leg_deadline(leg_state(leg, **more), 0, 0) == (None if after is None else NOW + after)


@pytest.mark.parametrize(
    ("leg", "force", "cause"),
    [
        (leg_in(LegStatus.SCHEDULED), False, "pending_timeout"),
        (leg_in(LegStatus.RUNNING), False, "pending_timeout"),
        (leg_in(LegStatus.RUNNING, phase=Phase.RUNNING, phase_since=NOW), False, "timeout"),
        (leg_in(STOPPING, handle={}), True, "abort"),
    ],
)
def test_what_is_asked_when_the_time_is_over(leg: LegState, *, force: bool, cause: str) -> None:
    state = leg_state(leg)
    late = decide.leg_deadline(state, 0, 0)
    assert late is not None
    assert decide.decide_leg(state, 0, 0, ASK, late - 0.001) is None
    assert decide.decide_leg(state, 0, 0, ASK, late) == AttemptStopping(late, "a", 0, 1, force, cause)


def test_what_is_killed_and_does_not_die_is_unknown() -> None:
    state = leg_state(leg_in(STOPPING, handle={"job": 5}, stop=Stop(force=True, cause="abort", at=NOW)))
    event = decide.decide_leg(state, 0, 0, ASK, NOW + 60)
    assert isinstance(event, AttemptFinished)
    assert event.outcome == Unknown("it was killed, and did not end in time", facts={"job": 5})


def test_who_takes_over_has_the_whole_time_again_to_see_a_stopped_attempt_end() -> None:
    for force in (False, True):
        state = leg_state(leg_in(STOPPING, handle={}, stop=Stop(force=force, cause="abort", at=NOW)))
        state = replace(state, resumed_at=NOW + 1_000, epoch=2)
        assert decide.leg_deadline(state, 0, 0) == NOW + 1_060
        assert decide.decide_leg(state, 0, 0, ASK, NOW + 1_000) is None


def test_an_attempt_is_put_on_paper_with_its_arguments() -> None:
    run = run_of(job("a", arguments={"x": "${{ inputs.x }}", "n": "${{ matrix.n }}"}), inputs={"x": [1]})
    run.record(StepBegan(NOW, "a", (Leg("7", {"n": 7}),)))
    assert decide.schedule(run.state, 0, 0, ASK, NOW) == AttemptScheduled(NOW, "a", 0, 1, {"x": [1], "n": 7})


def test_arguments_that_fail_are_an_attempt_that_failed() -> None:
    run = run_of(job("a", arguments={"x": "${{ inputs.x }}"}))
    run.record(StepBegan(NOW, "a", (Leg(),)))
    event = decide.schedule(run.state, 0, 0, ASK, NOW)
    assert event == AttemptFinished(NOW, "a", 0, 1, Failed("expression", "`inputs.x` is absent"))


def outstanding(leg: LegState) -> tuple[Any, ...]:
    return decide.commands(leg_state(leg), 0, 0)


def test_what_is_outstanding_follows_from_the_leg() -> None:
    who: tuple[str, int, str, int, str, dict[str, str]] = ("a", 0, "", 1, "job", {})
    epoch = {"epoch": 1}
    assert outstanding(leg_in(LegStatus.READY)) == outstanding(leg_in(LegStatus.TRIED)) == ()
    assert outstanding(leg_in(LegStatus.SCHEDULED, **epoch)) == (StartStep(*who),)
    assert outstanding(leg_in(LegStatus.SCHEDULED)) == (StartStep(*who, recheck=True),)
    assert outstanding(leg_in(STOPPING, **epoch)) == (StartStep(*who, adopt_only=True),)
    assert outstanding(leg_in(LegStatus.RUNNING, handle={"j": 1})) == (AwaitStep(*who, {"j": 1}),)
    assert outstanding(leg_in(STOPPING, handle={"j": 1})) == (
        AwaitStep(*who, {"j": 1}),
        StopStep(*who, {"j": 1}, force=False),
    )


def test_a_start_of_an_earlier_life_is_looked_up_first() -> None:
    run = run_of(job("a"))
    run.settle(NOW)
    run.record(RunResumed(NOW, 2))
    run.record(RunResumed(NOW, 3))
    assert [command.recheck for command in run.outstanding() if isinstance(command, StartStep)] == [True]


def ended(level: str, cause: str, *, force: bool = False) -> list[Any]:
    run = run_of(job("a", fan_out=FanOut({"n": [0, 1, 2, 3]})))
    run.record(StepBegan(NOW, "a", tuple(Leg(str(at)) for at in range(4))))
    for at in (1, 2, 3):
        run.record(AttemptScheduled(NOW, "a", at, 1, {}))
    run.record(AttemptStopping(NOW, "a", 2, 1, force=False, cause="timeout"))
    run.record(AttemptStopping(NOW, "a", 3, 1, force=True, cause="timeout"))
    run.record(AbortRequested(NOW, AbortLevel(level)))
    events = list(decide.end_legs(run.state, 0, cause, force=force, now=NOW))
    return [(type(event).__name__, event.leg, getattr(event, "force", None)) for event in events]  # type: ignore[union-attr]


def test_how_the_legs_of_a_step_are_ended() -> None:
    waiting = ("LegFinished", 0, None)
    assert ended("drain", "abort") == [waiting]
    assert ended("drain", "fail_fast") == [waiting, ("AttemptStopping", 1, False)]
    assert ended("stop", "abort") == [waiting, ("AttemptStopping", 1, False)]
    assert ended("kill", "abort", force=True) == [
        waiting,
        ("AttemptStopping", 1, True),
        ("AttemptStopping", 2, True),
    ]


@pytest.mark.parametrize(
    ("level", "more", "right"),
    [
        ("", {}, None),
        ("drain", {}, ("abort", False)),
        ("stop", {}, ("abort", False)),
        ("kill", {}, ("abort", True)),
        ("stop", {"condition": condition("true")}, ("abort", False)),
        ("stop", {"condition": condition("always()")}, None),
        ("stop", {"condition": condition("not cancelled()")}, ("abort", False)),
        ("kill", {"condition": condition("always()")}, ("abort", True)),
        ("stop", {"stage": Stage.FINALLY}, None),
        ("kill", {"stage": Stage.FINALLY}, ("abort", True)),
    ],
)
def test_r6_which_running_steps_are_ended(level: str, more: Any, right: Any) -> None:
    run = run_of(job("a", **more))
    run.record(StepBegan(NOW, "a", (Leg(),)))
    if level:
        run.record(AbortRequested(NOW, AbortLevel(level)))
    assert decide.ending(run.state, 0, ASK) == right


def test_a_fan_out_that_failed_fast_is_ended_for_that() -> None:
    run = run_of(job("a", fan_out=FanOut({"n": [0, 1]}, fail_fast=True, tolerate=Tolerance(0))))
    run.record(StepBegan(NOW, "a", (Leg("0"), Leg("1"))))
    assert decide.ending(run.state, 0, ASK) is None
    run.record(LegFinished(NOW, "a", 0, LegStatus.FAILED, "faulted"))
    assert decide.ending(run.state, 0, ASK) == (Cause.FAIL_FAST, False)


def run_after(*verdicts: str, abort: str = "", **plan: Any) -> Run:
    run = run_of(*(job(f"s{at}") for at in range(len(verdicts))), **plan)
    for at, verdict in enumerate(verdicts):
        result, _, outcome = verdict.partition("/")
        run.record(decided(f"s{at}", result, "", outcome))
    if abort:
        run.record(AbortRequested(NOW, AbortLevel(abort)))
    return run


@pytest.mark.parametrize(
    ("run", "status", "cause", "warnings"),
    [
        (run_after("succeeded"), "succeeded", "", ()),
        (run_after(), "succeeded", "", ()),
        (run_after("succeeded/failed", "skipped"), "succeeded", "", ("s0",)),
        (run_after("failed", "succeeded"), "failed", "", ()),
        (run_after("failed", abort="stop"), "cancelled", "abort", ()),
        (run_after("cancelled"), "succeeded", "", ()),
    ],
)
def test_r7_how_the_run_ends(run: Run, status: str, cause: str, warnings: tuple[str, ...]) -> None:
    assert decide.decide_run(run.state, ASK, NOW) == RunFinished(NOW, RunStatus(status), cause, {}, warnings, ())


def test_the_outputs_of_a_run_that_succeeded() -> None:
    event = decide.decide_run(run_after("succeeded", outputs={"r": "${{ steps.s0.result }}"}).state, ASK, NOW)
    assert isinstance(event, RunFinished)
    assert event.outputs == {"r": "succeeded"}
    event = decide.decide_run(run_after("failed", outputs={"r": "${{ steps.s0.result }}"}).state, ASK, NOW)
    assert isinstance(event, RunFinished)
    assert event.outputs == {}


def test_outputs_that_fail_fail_the_run() -> None:
    event = decide.decide_run(run_after("succeeded", outputs={"r": "${{ steps.x }}"}).state, ASK, NOW)
    assert event == RunFinished(NOW, RunStatus.FAILED, "expression", message="outputs: `steps.x` is absent")


@pytest.mark.parametrize(("abort", "asks"), [("", True), ("drain", True), ("stop", False), ("kill", False)])
def test_the_time_of_a_run(abort: str, *, asks: bool) -> None:
    run = run_of(job("a"), timeout=50.0)
    if abort:
        run.record(AbortRequested(NOW, AbortLevel(abort)))
    assert decide.run_deadline(run.state) == (NOW + 50.0 if asks else None)
    assert decide.decide_run(run.state, ASK, NOW + 49.9) is None
    event = decide.decide_run(run.state, ASK, NOW + 50.0)
    assert event == (AbortRequested(NOW + 50.0, AbortLevel.STOP, "timeout", Cause.RUN_TIMEOUT) if asks else None)


def test_finally_waits_for_all_of_steps() -> None:
    run = run_of(job("a"), job("z", stage=Stage.FINALLY))
    assert decide.open_for(run.state, Stage.STEPS)
    assert not decide.open_for(run.state, Stage.FINALLY)
    run.record(decided("a", "failed"))
    assert decide.open_for(run.state, Stage.FINALLY)
