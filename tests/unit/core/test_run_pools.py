"""Legs that want slots of pools: within a run, and where other runs hold some of them."""

from __future__ import annotations

from typing import Any

from flowrun.core.commands import Wish
from flowrun.core.events import AbortRequested, AttemptScheduled, Event, LegFinished, RunStarted
from flowrun.core.plan import Backoff, FanOut, Plan, RetryRule
from flowrun.core.run import Run
from flowrun.core.status import AbortLevel
from tests.simulation.core.words import Words
from tests.unit.core.making import NOW, failed, finished, job, run_of

SAP: Any = {"sap": 1}


def scheduled(events: list[Event]) -> list[tuple[str, int]]:
    return [(event.step_id, event.leg) for event in events if isinstance(event, AttemptScheduled)]


def fan(step_id: str, legs: int, **more: Any) -> Any:
    limits = {name: more.pop(name) for name in ("max_parallel",) if name in more}
    return job(step_id, fan_out=FanOut({"n": list(range(legs))}, **limits), **more)


def test_no_more_legs_are_active_than_there_are_slots_and_others_go_on() -> None:
    run = run_of(fan("a", 3, pools=SAP), job("b", pools=SAP), job("c"), pools={"sap": 2})
    assert scheduled(run.settle(NOW)) == [("a", 0), ("a", 1), ("c", 0)]
    assert run.state.pooled == {"sap": 2}
    run.record(finished("a", 1))
    assert scheduled(run.settle(NOW)) == [("a", 2)]
    run.record(finished("a", 0))
    assert scheduled(run.settle(NOW)) == [("b", 0)]
    run.record(finished("a", 2))
    run.record(finished("b"))
    assert run.state.pooled == {"sap": 0}


def test_a_step_takes_all_its_slots_at_once_and_nobody_passes_it() -> None:
    run = run_of(job("a", pools=SAP), job("b", pools={"sap": 2}), job("c", pools=SAP), pools={"sap": 2})
    assert scheduled(run.settle(NOW)) == [("a", 0)]
    run.record(finished("a"))
    assert scheduled(run.settle(NOW)) == [("b", 0)]
    run.record(finished("b"))
    assert scheduled(run.settle(NOW)) == [("c", 0)]


def test_a_full_pool_is_no_obstacle_for_who_wants_another() -> None:
    both = {"sap": 1, "fx": 1}
    run = run_of(job("a", pools={"fx": 1}), job("b", pools=both), job("c", pools=SAP), pools={"sap": 1, "fx": 1})
    assert scheduled(run.settle(NOW)) == [("a", 0), ("c", 0)]
    run.record(finished("a"))
    assert scheduled(run.settle(NOW)) == []
    run.record(finished("c"))
    assert scheduled(run.settle(NOW)) == [("b", 0)]


def test_who_waits_for_the_next_try_gives_its_slots_back() -> None:
    retry = (RetryRule(most=1, backoff=Backoff(initial=5.0)),)
    run = run_of(job("a", pools=SAP, retry=retry), job("b", pools=SAP), pools=SAP)
    assert scheduled(run.settle(NOW)) == [("a", 0)]
    run.record(failed("a"))
    assert scheduled(run.settle(NOW)) == [("b", 0)]
    assert scheduled(run.settle(NOW + 5)) == []
    run.record(finished("b"))
    assert scheduled(run.settle(NOW + 5)) == [("a", 0)]


def test_who_waits_for_a_slot_is_cancelled_at_once() -> None:
    run = run_of(job("a", pools=SAP), job("b", pools={"sap": 1}), pools=SAP)
    run.settle(NOW)
    assert run.take(AbortRequested(NOW, AbortLevel.DRAIN))
    ended = [event.step_id for event in run.settle(NOW) if isinstance(event, LegFinished)]
    assert ended == ["b"]


def test_a_fan_that_is_full_keeps_nobody_from_its_pool() -> None:
    run = run_of(fan("a", 3, pools=SAP, max_parallel=1), job("b", pools=SAP), job("c", pools=SAP), pools={"sap": 3})
    assert scheduled(run.settle(NOW)) == [("a", 0), ("b", 0), ("c", 0)]
    run.record(finished("a", 0))
    assert scheduled(run.settle(NOW)) == [("a", 1)]


def sharing(*steps: Any, **more: Any) -> Run:
    return Run(RunStarted(NOW, "run", Plan("made", steps, **more)), Words(), sharing=True)


def test_a_leg_waits_until_its_slots_are_granted() -> None:
    run = sharing(fan("a", 3, pools=SAP), job("b"), pools={"sap": 2})
    assert scheduled(run.settle(NOW)) == [("b", 0)]
    wishes = run.wishes()
    assert wishes == (Wish("a", 0, "0", SAP), Wish("a", 1, "1", SAP))
    run.grant(wishes[1:])
    assert run.wishes() == wishes[:1]
    assert scheduled(run.settle(NOW)) == [("a", 1)]
    run.record(finished("a", 1))
    run.settle(NOW)
    assert run.wishes() == (wishes[0], Wish("a", 2, "2", SAP))


def test_a_wish_for_one_pool_keeps_nobody_from_asking_for_another() -> None:
    run = sharing(job("a", pools={"sap": 1, "fx": 1}), job("b", pools=SAP), pools={"sap": 1, "fx": 1})
    run.settle(NOW)
    wishes = run.wishes()
    assert [wish.step_id for wish in wishes] == ["a", "b"]
    run.grant(wishes[1:])
    assert scheduled(run.settle(NOW)) == [("b", 0)]
    assert run.wishes() == ()


def test_who_has_no_room_asks_for_nothing() -> None:
    run = sharing(job("a"), job("b", pools=SAP), pools=SAP, max_parallel=1)
    assert scheduled(run.settle(NOW)) == [("a", 0)]
    assert run.wishes() == ()
    run.record(finished("a"))
    run.settle(NOW)
    assert [wish.step_id for wish in run.wishes()] == ["b"]
    assert run.room() == 1


def test_a_fan_asks_for_no_more_legs_than_may_run_at_once() -> None:
    run = sharing(fan("a", 5, pools=SAP, max_parallel=2), pools={"sap": 9})
    run.settle(NOW)
    assert [wish.leg for wish in run.wishes()] == [0, 1]
    run.grant(run.wishes())
    assert scheduled(run.settle(NOW)) == [("a", 0), ("a", 1)]
    assert run.wishes() == ()
    run.record(finished("a", 0))
    run.settle(NOW)
    assert [wish.leg for wish in run.wishes()] == [2]


def test_a_wish_is_withdrawn_when_its_leg_is_cancelled() -> None:
    run = sharing(job("a", pools=SAP), pools=SAP)
    run.settle(NOW)
    assert run.wishes()
    assert run.take(AbortRequested(NOW, AbortLevel.STOP))
    run.settle(NOW)
    assert run.wishes() == ()
    assert run.finished


def test_a_plan_without_pools_asks_for_nothing() -> None:
    run = sharing(job("a"))
    assert scheduled(run.settle(NOW)) == [("a", 0)]
    assert run.wishes() == ()
