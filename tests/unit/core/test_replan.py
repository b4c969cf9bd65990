"""A run that goes on with another plan: what stays, what is taken over, and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowrun.core.commands import StartStep
from flowrun.core.events import AbortRequested, Event, Kept, LegKept, RunReplanned, RunStarted
from flowrun.core.plan import Concurrency, FanOut, Plan, Stage, Step
from flowrun.core.replan import Refused, Revision, revise
from flowrun.core.run import Run
from flowrun.core.status import AbortLevel, StepStatus, Succeeded
from flowrun.errors import IllegalTransition
from tests.simulation.core.words import Words
from tests.unit.core.making import NOW, failed, finished, job

CHAIN = Plan("made", (job("a"), job("b", "a"), job("c", "b")))


def begun(plan: Plan, *events: Event, started: RunStarted | None = None) -> Run:
    """A run whose first step runs, to which this happens, one after another."""
    run = Run(started or RunStarted(NOW, "run", plan), Words())
    run.settle(NOW)
    for event in events:
        run.record(event)
        run.settle(NOW)
    return run


def revised(run: Run, plan: Plan) -> Revision:
    found = revise(run.state, plan)
    assert isinstance(found, Revision), found
    return found


def go_on(run: Run, plan: Plan) -> Revision:
    found = revised(run, plan)
    run.record(RunReplanned(NOW, found.plan, changed=found.changed))
    run.settle(NOW)
    return found


def starting(run: Run) -> list[str]:
    return [command.step_id for command in run.outstanding() if isinstance(command, StartStep)]


def words(found: Revision) -> dict[str, str]:
    return {step.step_id: step.words for step in found.steps}


def test_what_has_not_begun_is_as_the_file_says_and_the_rest_as_it_was() -> None:
    run = begun(CHAIN)
    file = Plan("made", (job("a", arguments={"x": 2}), job("d"), job("c", "a", "d")))
    found = go_on(run, file)
    assert words(found) == {
        "a": "written differently; it has begun, and stays as it was",
        "d": "new",
        "c": "written differently",
        "b": "no longer in the file, and gone",
    }
    assert [step.id for step in run.state.plan.steps] == ["a", "d", "c"]
    assert run.state.place(0).arguments == {}
    assert starting(run) == ["a", "d"]
    run.record(finished("a"))
    run.record(finished("d"))
    run.settle(NOW)
    assert starting(run) == ["c"]


def test_what_has_begun_and_is_gone_from_the_file_stays_with_what_undoes_it() -> None:
    undo = Step("a.compensate", "job", stage=Stage.COMPENSATE, undoes="a")
    run = begun(replace(CHAIN, steps=(*CHAIN.steps, undo)))
    found = go_on(run, Plan("made", (job("d"),)))
    assert words(found) == {
        "a": "no longer in the file; it has begun, and stays as it was",
        "d": "new",
        "a.compensate": "no longer in the file; it stays, since a does",
        "b": "no longer in the file, and gone",
        "c": "no longer in the file, and gone",
    }
    run.record(finished("a"))
    run.record(failed("d"))
    run.settle(NOW)
    assert starting(run) == ["a.compensate"]


def test_a_new_step_behind_what_has_ended_begins_at_once() -> None:
    run = begun(CHAIN, finished("a"), failed("b"))
    assert run.state.step("c").status is StepStatus.SKIPPED
    run = begun(Plan("made", (job("a"), job("b", "a"))), finished("a"))
    go_on(run, Plan("made", (job("a"), job("b", "a"), job("c", "a"))))
    assert starting(run) == ["b", "c"]


def test_the_order_is_that_of_the_file_where_needs_allow_it() -> None:
    file = Plan("made", (job("x"), job("a", "x"), job("b", "a")))
    assert [step.id for step in revised(begun(CHAIN), file).plan.steps] == ["x", "a", "b"]
    run = begun(CHAIN, finished("a"))
    assert [step.id for step in revised(run, Plan("made", (job("b"), job("a", "b")))).plan.steps] == ["a", "b"]


def test_a_file_that_says_the_same_changes_nothing() -> None:
    found = revised(begun(CHAIN), CHAIN)
    assert found.nothing
    assert found.plan == CHAIN


def test_limits_and_outputs_are_taken_over_and_what_a_begun_step_uses_is_kept() -> None:
    before = replace(
        CHAIN, steps=(job("a", pools={"sap": 1}), *CHAIN.steps[1:]), pools={"sap": 1}, env={"x": 1, "y": 1}
    )
    run = begun(replace(before, secrets=("OLD",)))
    file = replace(CHAIN, max_parallel=3, outputs={"o": 1}, env={"x": 2}, secrets=("NEW",), pools={"web": 2})
    found = revised(run, file)
    assert found.others == ("max_parallel", "outputs", "pools", "env", "secrets")
    assert found.plan.pools == {"sap": 1, "web": 2}
    assert found.plan.env == {"x": 2, "y": 1}
    assert found.plan.secrets == ("OLD", "NEW")


def fan(*values: str) -> Step:
    return replace(job("a"), fan_out=FanOut({"n": list(values)}))


@pytest.mark.parametrize(
    ("before", "file", "why"),
    [
        (CHAIN, replace(CHAIN, workflow="another"), "is one of the workflow 'made', and the file is 'another'"),
        (CHAIN, replace(CHAIN, key="k"), "has the key '', and would have 'k' by the file"),
        (CHAIN, replace(CHAIN, concurrency=Concurrency("g")), "is in the concurrency group '', not in 'g'"),
        (CHAIN, Plan("made", (replace(job("a"), kind="wait"),)), "a has begun as a job step of `steps`, and is a wait"),
        (CHAIN, Plan("made", (replace(job("a"), stage=Stage.FINALLY),)), "is a job step of `finally` now"),
        (CHAIN, Plan("made", (fan("x"),)), "the legs of a have begun"),
        (Plan("made", (fan("x", "y"),)), Plan("made", (fan("x"),)), "the legs of a have begun"),
    ],
)
def test_what_cannot_be_is_said_with_the_way_out(before: Plan, file: Plan, why: str) -> None:
    found = revise(begun(before).state, file)
    assert isinstance(found, Refused)
    assert why in found.why
    assert "flowrun run" in found.hint


def test_a_run_that_has_ended_or_is_being_ended_keeps_its_plan() -> None:
    over = begun(Plan("made", (job("a"),)), finished("a"))
    ended = revise(over.state, CHAIN)
    assert ended == Refused("the run run has ended", "flowrun runs retry run --spec current")
    aborted = revise(begun(CHAIN, AbortRequested(NOW, AbortLevel.STOP)).state, CHAIN)
    assert isinstance(aborted, Refused)
    assert aborted.why == "the run run is being ended"


def test_nothing_joins_a_stage_that_is_over() -> None:
    last = job("z", stage=Stage.FINALLY)
    run = begun(Plan("made", (job("a"), last)), finished("a"))
    found = revise(run.state, Plan("made", (job("a"), job("b"), last)))
    assert isinstance(found, Refused)
    assert found.why == "`finally` of the run run has begun, so that b would come too late"
    go_on(run, Plan("made", (job("a"), last, job("y", stage=Stage.FINALLY))))
    assert starting(run) == ["z", "y"]


def test_what_an_earlier_run_gave_stands_only_for_what_is_as_it_was() -> None:
    kept = tuple(Kept(step_id, "", Succeeded()) for step_id in ("b", "c", "d"))
    plan = replace(CHAIN, steps=(*CHAIN.steps, job("d", "a")))
    run = begun(plan, started=RunStarted(NOW, "run", plan, again="before", kept=kept))
    go_on(run, replace(plan, steps=(job("a"), job("b", "a", arguments={"x": 1}), job("c", "b"), job("d", "a"))))
    run.record(finished("a"))
    events = run.settle(NOW)
    assert [event.step_id for event in events if isinstance(event, LegKept)] == ["d"]
    run.record(finished("b"))
    run.settle(NOW)
    assert starting(run) == ["c"]


@pytest.mark.parametrize("plan", [Plan("made", (job("a", arguments={"x": 1}),)), Plan("made", (job("b"),))])
def test_a_plan_that_changes_what_has_begun_is_a_bug(plan: Plan) -> None:
    with pytest.raises(IllegalTransition):
        begun(CHAIN).record(RunReplanned(NOW, plan))


def test_what_was_seen_of_steps_by_their_places_is_forgotten() -> None:
    """Views of steps are remembered by place, and a new plan has other places."""
    run = begun(Plan("made", (job("a"), job("b", "a", arguments={"v": "${{ steps.a.outputs.v }}"}))))
    run.record(finished("a", outcome=Succeeded({"v": "of a"})))
    run.settle(NOW)
    more: dict[str, Any] = {"arguments": {"v": "${{ steps.a.outputs.v }}"}}
    go_on(run, Plan("made", (job("x"), *run.state.plan.steps, job("c", "x", "a", **more))))
    run.record(finished("x", outcome=Succeeded({"v": "of x"})))
    run.settle(NOW)
    assert {one.step_id: one.arguments for one in run.outstanding()}["c"] == {"v": "of a"}


def test_legs_that_wait_for_a_slot_go_on_waiting() -> None:
    plan = Plan("made", (replace(fan("x", "y", "z"), pools={"p": 1}),), pools={"p": 1})
    run = begun(plan)
    go_on(run, replace(plan, steps=(job("b"), *plan.steps)))
    assert [(one.step_id, one.leg_key) for one in run.outstanding()] == [("b", ""), ("a", "x")]
    run.record(finished("a"))
    run.settle(NOW)
    assert [(one.step_id, one.leg_key) for one in run.outstanding()] == [("b", ""), ("a", "y")]
