from __future__ import annotations

from typing import Any

import pytest

from flowrun.core.commands import StartStep
from flowrun.core.decide import FIRST_LOOK
from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptProgressed,
    AttemptScheduled,
    AttemptStarted,
    AttemptStopping,
    Event,
    RunFinished,
    RunResumed,
    RunStarted,
    StepBegan,
)
from flowrun.core.plan import Backoff, FanOut, RetryRule, Stage
from flowrun.core.run import Run
from flowrun.core.status import AbortLevel, Cancelled, Phase, RunStatus, Succeeded
from flowrun.errors import IllegalTransition
from tests.simulation.core.words import Words, condition
from tests.unit.core.making import NOW, decided, failed, finished, job, names, run_of

RETRY = (RetryRule(most=1, backoff=Backoff(initial=5.0)),)


def scheduled(events: list[Event]) -> list[tuple[str, int]]:
    return [(event.step_id, event.leg) for event in events if isinstance(event, AttemptScheduled)]


def test_a_chain_from_its_first_event_to_its_last() -> None:
    run = run_of(job("a"), job("b", "a"))
    assert names(run.settle(NOW)) == ["StepBegan", "AttemptScheduled"]
    assert run.take(finished("a"))
    assert names(run.settle(NOW)) == ["LegFinished", "StepFinished", "StepBegan", "AttemptScheduled"]
    assert run.take(finished("b"))
    assert names(run.settle(NOW)) == ["LegFinished", "StepFinished", "RunFinished"]
    assert run.finished
    assert run.settle(NOW) == []
    assert run.outstanding() == []


def test_a_run_without_steps_ends_at_once() -> None:
    assert run_of().settle(NOW) == [RunFinished(NOW, RunStatus.SUCCEEDED)]


def test_finally_alone_begins_at_once_and_beside_steps_last() -> None:
    assert names(run_of(job("z", stage=Stage.FINALLY)).settle(NOW)) == ["StepBegan", "AttemptScheduled"]
    run = run_of(job("a"), job("y", stage=Stage.FINALLY), job("z", "y", stage=Stage.FINALLY))
    assert scheduled(run.settle(NOW)) == [("a", 0)]
    run.record(failed("a"))
    assert scheduled(run.settle(NOW)) == [("y", 0)]
    run.record(finished("y"))
    assert scheduled(run.settle(NOW)) == [("z", 0)]


def test_a_slot_is_taken_in_the_order_of_the_plan_and_given_back() -> None:
    run = run_of(job("a"), job("b"), job("c"), max_parallel=2)
    assert scheduled(run.settle(NOW)) == [("a", 0), ("b", 0)]
    run.record(finished("b"))
    assert scheduled(run.settle(NOW)) == [("c", 0)]


def test_a_stopping_attempt_holds_its_slot() -> None:
    run = run_of(job("a", timeout=10.0), job("b"), max_parallel=1)
    run.settle(NOW)
    run.record(AttemptStarted(NOW, "a", 0, 1, {}))
    run.record(AttemptProgressed(NOW, "a", 0, 1, Phase.RUNNING))
    assert names(run.settle(NOW + 10)) == ["AttemptStopping"]
    assert run.state.held == 1
    run.record(AttemptFinished(NOW + 11, "a", 0, 1, Cancelled()))
    assert scheduled(run.settle(NOW + 11)) == [("b", 0)]


def test_time_that_passed_while_nobody_looked_is_not_held_against_an_attempt() -> None:
    for phase in (Phase.PENDING, Phase.RUNNING):
        run = run_of(job("a", timeout=10.0, pending_timeout=10.0))
        run.settle(NOW)
        run.record(AttemptStarted(NOW, "a", 0, 1, {}))
        run.record(AttemptProgressed(NOW, "a", 0, 1, phase))
        run.record(RunResumed(NOW + 500, 2))
        assert run.settle(NOW + 500) == []
        assert run.deadline() == NOW + 500 + FIRST_LOOK
        run.record(AttemptProgressed(NOW + 501, "a", 0, 1, phase))
        assert names(run.settle(NOW + 501)) == ["AttemptStopping"]


def test_an_attempt_that_nobody_sees_after_a_resume_is_stopped_all_the_same() -> None:
    run = run_of(job("a", timeout=10.0))
    run.settle(NOW)
    run.record(AttemptStarted(NOW, "a", 0, 1, {}))
    run.record(AttemptProgressed(NOW, "a", 0, 1, Phase.RUNNING))
    run.record(RunResumed(NOW + 500, 2))
    assert names(run.settle(NOW + 500 + FIRST_LOOK)) == ["AttemptStopping"]


def fan_of(count: int, **more: Any) -> Run:
    step = {name: more.pop(name) for name in ("retry", "timeout") if name in more}
    return run_of(job("a", fan_out=FanOut({"n": list(range(count))}, **more), **step))


def test_a_fan_has_slots_of_its_own() -> None:
    run = fan_of(4, max_parallel=2)
    assert scheduled(run.settle(NOW)) == [("a", 0), ("a", 1)]
    run.record(finished(leg=1))
    assert scheduled(run.settle(NOW)) == [("a", 2)]


def test_a_slot_that_is_given_back_after_a_replay_wakes_who_waits_for_it() -> None:
    """Leg 0 waits for its next try, and a replay knows it twice."""
    run = fan_of(3, max_parallel=1, retry=RETRY)
    events: list[Event] = [RunStarted(NOW, "run", run.state.plan, {}), *run.settle(NOW)]
    for event in (failed(leg=0),):
        run.record(event)
        events += [event, *run.settle(NOW)]
    again = Run.replay([*events, RunResumed(NOW, 2)], Words())
    again.settle(NOW + 20)
    again.record(finished(leg=1))
    assert scheduled(again.settle(NOW + 20)) == [("a", 0)]
    again.record(finished(leg=0, attempt=2))
    assert scheduled(again.settle(NOW + 20)) == [("a", 2)]


def test_a_try_waits_for_its_time() -> None:
    run = run_of(job("a", retry=RETRY))
    run.settle(NOW)
    run.record(failed("a"))
    assert names(run.settle(NOW)) == ["RetryPlanned"]
    assert run.deadline() == NOW + 5
    assert run.settle(NOW + 4.9) == []
    assert names(run.settle(NOW + 5)) == ["AttemptScheduled"]
    assert run.deadline() is None


def test_a_clock_that_is_set_back_loses_nobody() -> None:
    run = run_of(job("a", retry=RETRY), job("b"), max_parallel=1)
    run.settle(NOW)
    run.record(failed("a"))
    assert scheduled(run.settle(NOW)) == [("b", 0)]
    assert run.settle(NOW + 6) == []
    run.record(finished("b"))
    assert names(run.settle(NOW - 50)) == ["LegFinished", "StepFinished"]
    assert run.deadline() == NOW + 5
    assert scheduled(run.settle(NOW + 5)) == [("a", 0)]


def test_a_failing_fan_stops_its_legs_once() -> None:
    run = fan_of(4, max_parallel=2, fail_fast=True)
    run.settle(NOW)
    run.record(failed(leg=0))
    events = run.settle(NOW)
    assert names(events) == ["LegFinished", "AttemptStopping", "LegFinished", "LegFinished"]
    run.record(AttemptFinished(NOW, "a", 1, 1, Cancelled()))
    assert names(run.settle(NOW)) == ["LegFinished", "StepFinished", "RunFinished"]


def test_an_abort_comes_before_whatever_else_follows() -> None:
    run = run_of(job("a"), job("b", "a"), job("z", stage=Stage.FINALLY))
    run.settle(NOW)
    run.record(finished("a"))
    run.record(AbortRequested(NOW, AbortLevel.STOP))
    assert [getattr(event, "result", None) for event in run.settle(NOW)] == [
        "succeeded",
        "succeeded",
        "cancelled",
        None,
        None,
    ]


def test_a_harder_abort_asks_harder() -> None:
    run = run_of(job("a"), job("z", condition=condition("always()"), stage=Stage.FINALLY))
    run.settle(NOW)
    run.record(AbortRequested(NOW, AbortLevel.DRAIN))
    assert run.settle(NOW) == []
    run.record(AbortRequested(NOW, AbortLevel.STOP))
    assert run.settle(NOW) == [AttemptStopping(NOW, "a", 0, 1, force=False, cause="abort")]
    run.record(AbortRequested(NOW, AbortLevel.KILL))
    assert run.settle(NOW) == [AttemptStopping(NOW, "a", 0, 1, force=True, cause="abort")]
    run.record(AttemptFinished(NOW, "a", 0, 1, Cancelled()))
    assert names(run.settle(NOW)) == ["LegFinished", "StepFinished", "StepFinished", "RunFinished"]


def test_a_late_word_is_no_news_and_changes_nothing() -> None:
    run = run_of(job("a", retry=RETRY))
    run.settle(NOW)
    run.record(failed("a"))
    run.settle(NOW)
    before = run.state
    assert not run.take(failed("a"))
    assert not run.take(AttemptStarted(NOW, "a", 0, 1, {}))
    assert run.state is before


def test_the_deadline_is_the_first_of_legs_and_run() -> None:
    run = run_of(job("a", pending_timeout=30.0), job("b", pending_timeout=20.0), timeout=25.0)
    assert run.deadline() == NOW + 25
    run.settle(NOW)
    assert run.deadline() == NOW + 20
    run.record(finished("b"))
    run.settle(NOW)
    assert run.deadline() == NOW + 25
    assert names(run.settle(NOW + 25)) == ["AbortRequested", "AttemptStopping"]
    assert run.deadline() is None


def test_touched_names_each_leg_once_since_it_was_last_asked() -> None:
    run = run_of(job("a"), job("b"))
    run.settle(NOW)
    assert run.touched() == [(0, 0), (1, 0)]
    assert run.touched() == []
    run.record(AttemptStarted(NOW, "b", 0, 1, {}))
    run.record(AttemptProgressed(NOW, "b", 0, 1, Phase.RUNNING))
    assert run.touched() == [(1, 0)]


def test_a_resumed_run_touches_what_is_outside() -> None:
    run = run_of(job("a"), job("b"), job("c", "a"))
    run.settle(NOW)
    run.record(finished("a"))
    run.touched()
    run.record(RunResumed(NOW, 2))
    assert run.touched() == [(1, 0)]
    assert run.commands((1, 0)) == (StartStep("b", 0, "", 1, "job", {}, recheck=True),)


def test_a_replay_is_the_run_that_was() -> None:
    run = fan_of(3, max_parallel=2, retry=RETRY)
    events: list[Event] = [RunStarted(NOW, "run", run.state.plan, {})]
    steps: list[Event] = [AttemptStarted(NOW, "a", 0, 1, {"j": 1}), failed(leg=1), finished(leg=0)]
    events += run.settle(NOW)
    for event in steps:
        run.record(event)
        events += [event, *run.settle(NOW)]
    for length in range(1, len(events) + 1):
        again = Run.replay(events[:length], Words())
        again.settle(NOW)
        assert again.settle(NOW) == []
    again = Run.replay(events, Words())
    assert again.state == run.state
    assert again.outstanding() == run.outstanding()
    assert again.deadline() == run.deadline()


@pytest.mark.parametrize("events", [[], [StepBegan(NOW, "a", ())], [RunResumed(NOW, 2)]])
def test_a_replay_begins_at_the_beginning(events: list[Event]) -> None:
    with pytest.raises(IllegalTransition, match="first event is RunStarted"):
        Run.replay(events, Words())


def test_what_is_not_a_runs_is_refused_by_a_replay() -> None:
    started = RunStarted(NOW, "run", run_of(job("a")).state.plan, {})
    with pytest.raises(IllegalTransition):
        Run.replay([started, decided("a", "succeeded"), decided("a", "failed")], Words())


def test_a_tried_leg_of_a_stopped_step_is_not_lost() -> None:
    run = run_of(job("a"))
    run.settle(NOW)
    run.record(AbortRequested(NOW, AbortLevel.STOP))
    run.settle(NOW)
    run.record(AttemptFinished(NOW, "a", 0, 1, Succeeded({"v": 1})))
    assert names(run.settle(NOW)) == ["LegFinished", "StepFinished", "RunFinished"]
    assert run.state.step("a").status == "cancelled"
    assert run.state.status == "cancelled"
