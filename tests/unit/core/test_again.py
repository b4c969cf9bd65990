from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowrun.core.again import Retry, retry
from flowrun.core.commands import StartStep
from flowrun.core.events import AttemptFinished, Event, LegKept, RunStarted, StepFinished
from flowrun.core.plan import FanOut, Plan, Stage, Step, Tolerance
from flowrun.core.run import Run
from flowrun.core.status import Failed, Succeeded
from tests.simulation.core.words import Words, condition
from tests.unit.core.making import job

NOW = 100.0


def play(plan: Plan, bad: frozenset[str] = frozenset(), started: RunStarted | None = None) -> tuple[Run, list[str]]:
    """A run in which these attempts fail, by step and key: `post[b]`. What was started, in order."""
    run = Run(started or RunStarted(NOW, "run", plan), Words())
    done: list[str] = []
    run.settle(NOW)
    while not run.finished:
        for command in [one for one in run.outstanding() if isinstance(one, StartStep)]:
            name = f"{command.step_id}[{command.leg_key}]" if command.leg_key else command.step_id
            done.append(name)
            outcome = Failed("faulted", "no") if name in bad else Succeeded({"v": [name, command.attempt]})
            run.record(AttemptFinished(NOW, command.step_id, command.leg, command.attempt, outcome))
        run.settle(NOW)
    return run, done


def fan(**more: Any) -> Step:
    return replace(job("post", "list"), fan_out=FanOut({"n": ["a", "b", "c"]}, **more))


CHAIN = Plan("chain", (job("a"), job("b", "a"), job("c", "b"), job("z", stage=Stage.FINALLY)))


def told(found: Retry) -> dict[str, str]:
    return {step.step_id: step.why for step in found.steps}


def once_more(plan: Plan, before: Run, again: frozenset[str] = frozenset()) -> list[str]:
    found = retry(before.state, plan, again)
    started = RunStarted(NOW, "again", plan, again="run", kept=found.kept)
    run, done = play(plan, started=started)
    assert run.state.status == "succeeded"
    return done


def test_what_succeeded_is_kept_and_the_rest_is_done() -> None:
    before, done = play(CHAIN, frozenset({"b"}))
    assert done == ["a", "b", "z"]
    found = retry(before.state, CHAIN)
    assert told(found) == {"a": "", "b": "it failed: faulted", "c": "b is done again"}
    assert once_more(CHAIN, before) == ["b", "c", "z"]


def test_a_kept_step_gives_what_it_gave() -> None:
    before, _ = play(CHAIN, frozenset({"c"}))
    kept = retry(before.state, CHAIN).kept
    run, _ = play(CHAIN, started=RunStarted(NOW, "again", CHAIN, kept=kept))
    assert run.state.step("a").legs[0].outcome == Succeeded({"v": ["a", 1]})
    assert run.state.step("a").legs[0].attempt == 0


def test_the_legs_that_succeeded_stand_whoever_stands_beside_them() -> None:
    plan = Plan("fan", (job("list"), fan(), job("sum", "post")))
    before, _ = play(plan, frozenset({"post[b]"}))
    found = retry(before.state, plan)
    assert told(found) == {"list": "", "post": "1 of 3 legs did not succeed", "sum": "post is done again"}
    assert found.steps[1].kept == ("a", "c")
    assert once_more(plan, before) == ["post[b]", "sum"]


def test_what_was_let_through_or_tolerated_is_done_again() -> None:
    plan = Plan(
        "through", (replace(job("list"), continue_on_error=("*",)), fan(tolerate=Tolerance(1)), job("sum", "post"))
    )
    before, _ = play(plan, frozenset({"list"}))
    assert told(retry(before.state, plan))["list"] == "it failed and was let through: faulted"
    assert once_more(plan, before) == ["list", "post[a]", "post[b]", "post[c]", "sum"]


def test_from_a_step_on_everything_behind_it_is_done_again() -> None:
    before, _ = play(CHAIN)
    assert retry(before.state, CHAIN).nothing
    assert once_more(CHAIN, before, frozenset({"b"})) == ["b", "c", "z"]


def test_a_step_that_is_written_differently_is_done_again() -> None:
    before, _ = play(CHAIN, frozenset({"c"}))
    changed = replace(CHAIN, steps=(CHAIN.steps[0], replace(CHAIN.steps[1], timeout=5.0), *CHAIN.steps[2:]))
    assert told(retry(before.state, changed))["b"] == "it is written differently"
    grown = replace(CHAIN, steps=(CHAIN.steps[0], job("new"), *CHAIN.steps[1:]))
    assert told(retry(before.state, grown))["new"] == "it is new"


def test_what_was_undone_is_done_again() -> None:
    undo = Step("a.compensate", "job", stage=Stage.COMPENSATE, undoes="a")
    plan = Plan("undone", (job("a"), job("b", "a"), undo))
    before, done = play(plan, frozenset({"b"}))
    assert done == ["a", "b", "a.compensate"]
    assert told(retry(before.state, plan)) == {"a": "it was undone", "b": "a is done again"}
    assert once_more(plan, before) == ["a", "b"]


def test_a_step_that_its_condition_left_out_is_asked_again_and_holds_nothing_up() -> None:
    plan = Plan("left", (job("a"), replace(job("b", "a"), condition=condition("false")), job("c", "a")))
    before, _ = play(plan, frozenset({"c"}))
    assert told(retry(before.state, plan)) == {"a": "", "b": "", "c": "it failed: faulted"}
    assert once_more(plan, before) == ["c"]


def test_those_that_were_not_asked_for_are_not_selected() -> None:
    run, done = play(CHAIN, started=RunStarted(NOW, "run", CHAIN, only=("a",)))
    assert done == ["a", "z"]
    assert (run.state.step("b").status, run.state.step("b").cause) == ("skipped", "not_selected")


@pytest.mark.parametrize("at", range(1, 30))
def test_a_retry_that_dies_anywhere_goes_on(at: int) -> None:
    """Kept legs come back from the journal, whatever had been settled of them."""
    plan = Plan("fan", (job("list"), fan(), job("sum", "post")))
    before, _ = play(plan, frozenset({"post[b]"}))
    started = RunStarted(NOW, "again", plan, kept=retry(before.state, plan).kept)
    events: list[Event] = [started]
    run = Run(started, Words())
    while not run.finished:
        events += run.settle(NOW)
        for command in [one for one in run.outstanding() if isinstance(one, StartStep)]:
            finished = AttemptFinished(NOW, command.step_id, command.leg, command.attempt, Succeeded())
            run.record(finished)
            events.append(finished)
    replayed = Run.replay(events[:at], Words())
    more = replayed.settle(NOW)
    kept = [event.leg for event in (*events[:at], *more) if isinstance(event, LegKept) and event.step_id == "post"]
    assert len(kept) == len(set(kept))
    assert not any(isinstance(event, StepFinished) and event.result == "failed" for event in more)
