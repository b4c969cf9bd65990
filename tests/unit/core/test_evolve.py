from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest

from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptProgressed,
    AttemptScheduled,
    AttemptStarted,
    AttemptStopping,
    Event,
    LegEvent,
    LegFinished,
    RetryPlanned,
    RunFinished,
    RunResumed,
    StepBegan,
)
from flowrun.core.evolve import LEG_ACCEPTS, accepts, evolve
from flowrun.core.plan import FanOut, RetryRule, Stage
from flowrun.core.run import Run
from flowrun.core.state import LegState, RunState, Stop
from flowrun.core.status import (
    AbortLevel,
    Cause,
    Failed,
    LegStatus,
    Phase,
    RunStatus,
    StepStatus,
    Succeeded,
    Unknown,
)
from flowrun.errors import IllegalTransition
from tests.unit.core.making import NOW, began, decided, failed, job, leg_in, one_of_each, run_of, with_leg

LEG_EVENTS = get_args(LegEvent)
EVERY = [(status, type(event)) for status, event in product(LegStatus, one_of_each()) if type(event) in LEG_EVENTS]


def called(event: object) -> str:
    return str(event) if isinstance(event, str) else type(event).__name__


def plain() -> Run:
    return run_of(job("a", retry=(RetryRule(most=1),)), job("b", "a"), job("z", stage=Stage.FINALLY))


def leg_of(state: RunState) -> LegState:
    return state.step("a").legs[0]


@pytest.mark.parametrize(("status", "kind"), EVERY, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_leg_takes_what_the_table_names_and_nothing_else(status: LegStatus, kind: type[Event]) -> None:
    leg = leg_in(status)
    first = status is LegStatus.READY and kind in (AttemptScheduled, AttemptFinished)
    event = next(event for event in one_of_each(leg.attempt + first) if type(event) is kind)
    before = with_leg(plain(), leg)
    if kind not in LEG_ACCEPTS[status]:
        with pytest.raises(IllegalTransition, match=f"{kind.__name__} does not fit: leg 0 is {status}"):
            evolve(before, event)
        return
    after = evolve(before, event)
    right = LEG_ACCEPTS[status][kind] or LegStatus.SUCCEEDED
    assert leg_of(after).status is right
    assert after.held == after.step("a").held == right.active
    assert after.step("a").open == (not right.final)


def test_the_table_knows_every_status_and_no_other_event() -> None:
    assert set(LEG_ACCEPTS) == set(LegStatus)
    assert {kind for row in LEG_ACCEPTS.values() for kind in row} == set(LEG_EVENTS)
    assert [status for status, row in LEG_ACCEPTS.items() if not row] == [
        status for status in LegStatus if status.final
    ]


def test_every_status_of_a_leg_can_be_reached() -> None:
    reached = {LegStatus.READY}
    for _ in LegStatus:
        for status in tuple(reached):
            for kind, after in LEG_ACCEPTS[status].items():
                reached |= {after} if after else {LegStatus.SUCCEEDED, LegStatus.FAILED, LegStatus.CANCELLED}
                assert after or kind is LegFinished
    assert reached == set(LegStatus)


@pytest.mark.parametrize("event", [event for event in one_of_each() if type(event) in LEG_EVENTS], ids=called)
@pytest.mark.parametrize("status", [status for status in StepStatus if status is not StepStatus.RUNNING])
def test_a_step_that_does_not_run_has_no_news_of_legs(status: StepStatus, event: Event) -> None:
    state = plain().state
    state = replace(state, steps=state.steps.put(0, replace(state.steps[0], status=status)))
    with pytest.raises(IllegalTransition, match=f"step a is {status}"):
        evolve(state, event)


@pytest.mark.parametrize("event", one_of_each(), ids=called)
@pytest.mark.parametrize("status", [status for status in RunStatus if status.final])
def test_nothing_happens_after_the_end(status: RunStatus, event: Event) -> None:
    state = replace(plain().state, status=status)
    assert not accepts(state, event)
    with pytest.raises(IllegalTransition, match=f"the run is {status}"):
        evolve(state, event)


@pytest.mark.parametrize("status", list(StepStatus))
def test_a_step_begins_once_and_has_one_verdict(status: StepStatus) -> None:
    state = plain().state
    state = replace(state, steps=state.steps.put(0, replace(state.steps[0], status=status)))
    for event, fits in ((began(), status == "waiting"), (decided("a", "failed"), not status.final)):
        if fits:
            assert evolve(state, event).step("a").status in ("running", "failed")
        else:
            with pytest.raises(IllegalTransition, match=f"step a is {status}"):
                evolve(state, event)


@pytest.mark.parametrize("attempt", [-1, 0, 1, 3])
def test_an_event_about_another_attempt_does_not_fit(attempt: int) -> None:
    state = with_leg(plain(), leg_in(LegStatus.RUNNING, attempt=2))
    for event in one_of_each(attempt):
        if isinstance(event, AttemptProgressed | AttemptStopping | AttemptFinished):
            assert not isinstance(event, AttemptFinished) or not accepts(state, event)
            with pytest.raises(IllegalTransition, match="the attempt is 2"):
                evolve(state, event)


def test_what_is_not_there_does_not_fit() -> None:
    state = with_leg(plain(), leg_in(LegStatus.RUNNING))
    for leg in (-1, 1):
        with pytest.raises(IllegalTransition, match=f"step a has no leg {leg}"):
            evolve(state, failed(leg=leg))
    with pytest.raises(IllegalTransition, match="the plan has no step x"):
        evolve(state, began("x"))


def test_a_step_is_not_over_while_a_leg_is_not_final() -> None:
    state = with_leg(plain(), leg_in(LegStatus.TRIED))
    with pytest.raises(IllegalTransition, match="1 of its legs are not final"):
        evolve(state, decided("a", "succeeded"))


def test_a_run_is_not_over_while_a_step_is_not_final() -> None:
    with pytest.raises(IllegalTransition, match="some steps are not final"):
        evolve(plain().state, RunFinished(NOW, RunStatus.SUCCEEDED))


def test_a_run_begins_once_and_epochs_rise() -> None:
    state = plain().state
    with pytest.raises(IllegalTransition, match="the run has begun"):
        evolve(state, one_of_each()[0])
    assert evolve(state, RunResumed(NOW, 4)).epoch == 4
    with pytest.raises(IllegalTransition, match="the epoch is 1"):
        evolve(state, RunResumed(NOW, 1))


def test_a_verdict_reaches_dependents_counts_and_warnings() -> None:
    state = evolve(plain().state, decided("a", "succeeded", "faulted", outcome="failed"))
    assert state.step("b").unmet == 0
    assert state.open == {Stage.STEPS: 1, Stage.COMPENSATE: 0, Stage.FINALLY: 1}
    assert state.failed == dict.fromkeys(Stage, 0)
    assert state.warnings == ("a",)
    state = evolve(state, decided("z", "failed", "timeout"))
    assert state.failed == {Stage.STEPS: 0, Stage.COMPENSATE: 0, Stage.FINALLY: 1}
    assert state.warnings == ("a",)


def test_levels_of_an_abort_rise_and_its_first_cause_stays() -> None:
    state = evolve(plain().state, AbortRequested(NOW, AbortLevel.DRAIN, "me", Cause.RUN_TIMEOUT))
    state = evolve(state, AbortRequested(NOW + 1, AbortLevel.KILL, "you"))
    assert state.status is RunStatus.ABORTING
    assert state.abort is not None
    assert (state.abort.level, state.abort.by, state.abort.cause) == (AbortLevel.KILL, "you", Cause.RUN_TIMEOUT)


@pytest.mark.parametrize(("now", "asked"), list(product((None, *AbortLevel), AbortLevel)))
def test_only_a_harder_abort_is_news(now: AbortLevel | None, asked: AbortLevel) -> None:
    state = plain().state
    if now is not None:
        state = evolve(state, AbortRequested(NOW, now))
    assert accepts(state, AbortRequested(NOW, asked)) == (now is None or asked.rank > now.rank)


@pytest.mark.parametrize("status", list(LegStatus))
@pytest.mark.parametrize("kind", [AttemptStarted, AttemptProgressed, AttemptFinished])
def test_what_is_accepted_from_outside_always_fits(status: LegStatus, kind: type[Event]) -> None:
    state = with_leg(plain(), leg_in(status, attempt=1))
    event = next(event for event in one_of_each(1) if type(event) is kind)
    assert accepts(state, event) == (status.active and kind in LEG_ACCEPTS[status])
    if accepts(state, event):
        evolve(state, event)
    assert not accepts(state, next(event for event in one_of_each(2) if type(event) is kind))


def test_the_time_that_an_attempt_ran_leaves_out_when_it_was_suspended() -> None:
    state = with_leg(plain(), leg_in(LegStatus.RUNNING))
    for at, phase in ((10.0, Phase.RUNNING), (15.0, Phase.SUSPENDED), (100.0, Phase.RUNNING), (101.0, Phase.RUNNING)):
        state = evolve(state, AttemptProgressed(NOW + at, "a", 0, 1, phase))
    leg = leg_of(state)
    assert (leg.phase, leg.phase_since, leg.ran) == (Phase.RUNNING, NOW + 101, 6.0)


def test_a_clock_that_was_set_back_takes_no_time_off() -> None:
    state = with_leg(plain(), leg_in(LegStatus.RUNNING, phase=Phase.RUNNING, phase_since=NOW, ran=3.0))
    state = evolve(state, AttemptProgressed(NOW - 500, "a", 0, 1, Phase.SUSPENDED))
    assert leg_of(state).ran == 3.0


def test_a_new_attempt_begins_with_a_clean_sheet() -> None:
    state = with_leg(plain(), leg_in(LegStatus.RUNNING, handle={"job": 1}, ran=9.0, phase=Phase.RUNNING))
    state = evolve(state, AttemptStopping(NOW, "a", 0, 1, force=False, cause="timeout"))
    state = evolve(state, failed())
    assert leg_of(state).outcome == Failed("faulted")
    state = evolve(state, RetryPlanned(NOW, "a", 0, 1, 0, due=NOW + 5))
    assert leg_of(state).stop is None
    assert (leg_of(state).due, leg_of(state).tries) == (NOW + 5, (1,))
    state = evolve(state, RunResumed(NOW, 3))
    state = evolve(state, AttemptScheduled(NOW + 5, "a", 0, 2, {"x": 2}))
    assert leg_of(state) == LegState(
        leg=leg_of(state).leg,
        status=LegStatus.SCHEDULED,
        attempt=2,
        epoch=3,
        seen=3,
        arguments={"x": 2},
        scheduled_at=NOW + 5,
        phase_since=NOW + 5,
        tries=(1,),
    )


def test_a_stop_keeps_its_first_cause_and_begins_anew_when_it_gets_harder_or_something_to_stop() -> None:
    state = with_leg(plain(), leg_in(LegStatus.SCHEDULED))
    state = evolve(state, AttemptStopping(NOW, "a", 0, 1, force=False, cause="timeout"))
    state = evolve(state, AttemptStarted(NOW + 3, "a", 0, 1, {"job": 1}))
    assert leg_of(state).stop == Stop(force=False, cause="timeout", at=NOW + 3)
    state = evolve(state, AttemptStopping(NOW + 9, "a", 0, 1, force=True, cause="abort"))
    assert leg_of(state).stop == Stop(force=True, cause="timeout", at=NOW + 9)


def test_a_doubt_is_kept_under_the_name_of_its_leg() -> None:
    run = run_of(job("a", fan_out=FanOut({"n": [0, 1]})))
    for event in (
        began(legs=2),
        AttemptScheduled(NOW, "a", 1, 1, {}),
        AttemptFinished(NOW, "a", 1, 1, Unknown("nobody knows")),
    ):
        run.record(event)
    assert run.state.doubts == ("a[1]",)


def test_legs_begin_with_a_count_for_each_retry_rule() -> None:
    state = evolve(plain().state, StepBegan(NOW, "a", began().legs))
    assert leg_of(state).tries == (0,)
    assert state.step("a").open == 1


def test_evolve_leaves_the_state_before_as_it_was() -> None:
    before = with_leg(plain(), leg_in(LegStatus.RUNNING))
    copy = replace(before)
    evolve(before, AttemptFinished(NOW, "a", 0, 1, Succeeded()))
    assert before == copy
