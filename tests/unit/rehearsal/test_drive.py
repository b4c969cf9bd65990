from __future__ import annotations

import pytest

from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptScheduled,
    RunAdmitted,
)
from flowrun.core.plan import Backoff, Concurrency, FanOut, Jitter, Plan, RetryRule, Step
from flowrun.core.run import Run
from flowrun.core.status import AbortLevel
from flowrun.rehearsal.drive import Rehearsed
from flowrun.templating.evaluator import Templates
from tests.golden.events.plans import ABORTED, PLANS, golden, job, log
from tests.simulation.told import START, told


def scheduled(done: Rehearsed) -> list[tuple[str, float]]:
    return [(event.step_id, event.at - START) for event in done.events if isinstance(event, AttemptScheduled)]


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_leaves_the_log_that_every_engine_leaves(name: str) -> None:
    mine, theirs = log(told(PLANS[name]).events), golden(name).read_text()
    assert sorted(mine.splitlines()) == sorted(theirs.splitlines())
    if name != "tolerate":  # there legs end at one moment, and asyncio's heap keeps no order among equals
        assert mine == theirs


@pytest.mark.parametrize("name", ABORTED)
def test_an_abort_leaves_the_log_that_every_engine_leaves(name: str) -> None:
    plan, after, level = ABORTED[name]
    done = told(plan, [AbortRequested(START + after, level, "tester")])
    assert log(done.events) == golden(name).read_text()


@pytest.mark.parametrize("name", PLANS)
def test_its_events_are_a_run(name: str) -> None:
    done = told(PLANS[name])
    assert Run.replay(done.events, Templates()).state == done.state
    assert [event.at for event in done.events] == sorted(event.at for event in done.events)
    assert told(PLANS[name]).events == done.events


def test_time_passes_only_as_far_as_the_script_says() -> None:
    done = told(Plan("p", (job("a", slow=2, pending=3, takes=40), job("b", "a", takes=86_400))))
    assert scheduled(done) == [("a", 0.0), ("b", 45.0)]
    assert done.took == 45.0 + 86_400


def test_what_never_ends_leaves_the_run_open() -> None:
    done = told(Plan("p", (job("a", takes="inf"), job("b", takes=5))))
    assert not done.ended
    assert [command.key for command in done.open] == [("await", "a", 0, 1)]


def test_suspended_time_is_not_counted() -> None:
    spells = [("running", 30.0), ("suspended", 500.0), ("running", 20.0)]
    assert told(Plan("p", (job("a", spells=spells, timeout=60.0),))).state.status == "succeeded"
    assert told(Plan("p", (job("a", spells=spells, timeout=45.0),))).state.step("a").cause == "timeout"


def test_what_ends_before_it_began_never_begins() -> None:
    plan = Plan("p", (job("a", slow=10), job("b", takes=3)))
    done = told(plan, [AbortRequested(START + 1, AbortLevel.STOP, "x")])
    assert (done.state.step("a").status, done.state.step("a").cause) == ("cancelled", "abort")
    ended = [event.at - START for event in done.events if isinstance(event, AttemptFinished) and event.step_id == "a"]
    assert ended == [10.0]


def test_a_run_that_waits_for_its_turn_begins_when_it_comes() -> None:
    plan = Plan("p", (job("a", takes=1),), concurrency=Concurrency("g"))
    assert not told(plan).ended
    done = told(plan, [RunAdmitted(START + 60)])
    assert scheduled(done) == [("a", 60.0)]


def test_the_dice_of_the_script_spread_the_wait() -> None:
    rule = RetryRule(most=1, backoff=Backoff(initial=60.0, jitter=Jitter.FULL))
    done = told(Plan("p", (job("a", fails="faulted", takes=0, retry=(rule,)),)))
    assert scheduled(done) == [("a", 0.0), ("a", 30.0)]


def test_a_wait_step_passes_by_itself() -> None:
    until = Step("b", "wait", {"wait": {"until": "${{ inputs.when }}"}})
    pause = Step("a", "wait", {"wait": {"for": 90.0}})
    done = told(Plan("p", (pause, until)), inputs={"when": START + 200})
    assert done.took == 200
    bad = told(Plan("p", (until,)), inputs={"when": "soon"})
    assert bad.state.step("b").cause == "expression"


def test_a_wait_step_ends_when_it_is_asked_to() -> None:
    done = told(Plan("p", (Step("a", "wait", {"wait": {"for": 900.0}}),)), [AbortRequested(START + 5, AbortLevel.STOP)])
    assert done.took == 5
    assert done.state.step("a").status == "cancelled"


def test_ten_thousand_legs_are_soon_told() -> None:
    fan = FanOut({"n": list(range(10_000))}, max_parallel=100)
    post = Step("post", "job", {"takes": 60, "n": "${{ matrix.n }}"}, fan_out=fan)
    done = told(Plan("p", (post, job("z", "post", condition="always()")), max_parallel=100))
    assert done.state.status == "succeeded"
    assert done.took == 100 * 60 + 1
