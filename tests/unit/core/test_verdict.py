from __future__ import annotations

from dataclasses import replace

import pytest

from flowrun.core.events import AbortRequested
from flowrun.core.plan import Need, Stage, Tolerance
from flowrun.core.run import Run
from flowrun.core.state import LegState, StepState
from flowrun.core.status import AbortLevel, Cause, LegStatus, StepStatus
from flowrun.core.table import Table
from flowrun.core.verdict import Verdict, blame, exceeded, fan_verdict, satisfied, status_facts
from tests.unit.core.making import NOW, decided, job, run_of


def after(result: str, cause: str = "", outcome: str = "", *needs: str) -> Run:
    run = run_of(job("a"), job("b"), job("x", *(needs or ("a",))))
    run.record(decided("a", result, cause, outcome))
    run.record(decided("b", "succeeded"))
    return run


@pytest.mark.parametrize(
    ("result", "cause", "plain", "optional"),
    [
        ("succeeded", "", True, True),
        ("failed", "faulted", False, False),
        ("cancelled", "abort", False, False),
        ("skipped", "condition", False, True),
        ("skipped", "empty_matrix", False, True),
        ("skipped", "not_selected", False, True),
        ("skipped", "upstream_skipped", False, True),
        ("skipped", "upstream_failed", False, False),
        ("skipped", "upstream_cancelled", False, False),
    ],
)
def test_r2_when_a_need_is_satisfied(result: str, cause: str, *, plain: bool, optional: bool) -> None:
    state = after(result, cause).state
    assert satisfied(state, Need("a")) is plain
    assert satisfied(state, Need("a", optional=True)) is optional


def test_r2_asks_for_the_result_and_not_the_outcome() -> None:
    assert satisfied(after("succeeded", "faulted", "failed").state, Need("a"))


@pytest.mark.parametrize(
    ("result", "cause", "success", "failure"),
    [
        ("succeeded", "", True, False),
        ("failed", "faulted", False, True),
        ("skipped", "upstream_failed", False, True),
        ("skipped", "upstream_cancelled", False, False),
        ("skipped", "condition", False, False),
        ("cancelled", "abort", False, False),
    ],
)
def test_r3_what_the_status_functions_answer(result: str, cause: str, *, success: bool, failure: bool) -> None:
    run = after(result, cause)
    facts = status_facts(run.state, run.state.place(2))
    assert facts == {"success": success, "failure": failure, "cancelled": False, "always": True}


def test_r3_no_other_ancestor_is_asked() -> None:
    run = run_of(job("a"), job("b", "a"), job("c", "b"))
    run.record(decided("a", "failed", "faulted"))
    run.record(decided("b", "succeeded"))
    assert status_facts(run.state, run.state.place(2))["success"]
    assert not status_facts(run.state, run.state.place(2))["failure"]


def test_nothing_in_steps_is_well_while_the_run_is_being_ended() -> None:
    run = run_of(job("a"), job("z", stage=Stage.FINALLY))
    run.record(AbortRequested(NOW, AbortLevel.DRAIN))
    assert not status_facts(run.state, run.state.place(0))["success"]
    assert status_facts(run.state, run.state.place(1))["success"]
    assert status_facts(run.state, run.state.place(1))["cancelled"]


def test_finally_hears_of_every_failure_in_steps_and_of_its_own_needs_alone() -> None:
    run = run_of(job("a"), job("y", stage=Stage.FINALLY), job("z", "y", stage=Stage.FINALLY))
    run.record(decided("a", "succeeded"))
    run.record(decided("y", "failed", "faulted"))
    assert not status_facts(run.state, run.state.place(1))["failure"]
    assert status_facts(run.state, run.state.place(2))["failure"]
    other = run_of(job("a"), job("y", stage=Stage.FINALLY))
    other.record(decided("a", "failed", "faulted"))
    assert status_facts(other.state, other.state.place(1))["failure"]
    assert status_facts(other.state, other.state.place(1))["success"]


@pytest.mark.parametrize(
    ("first", "second", "worst"),
    [
        (("succeeded", ""), ("succeeded", ""), None),
        (("skipped", "condition"), ("succeeded", ""), Cause.UPSTREAM_SKIPPED),
        (("skipped", "condition"), ("cancelled", "abort"), Cause.UPSTREAM_CANCELLED),
        (("skipped", "upstream_cancelled"), ("skipped", "upstream_skipped"), Cause.UPSTREAM_CANCELLED),
        (("cancelled", "fail_fast"), ("failed", "timeout"), Cause.UPSTREAM_FAILED),
        (("skipped", "upstream_failed"), ("cancelled", "abort"), Cause.UPSTREAM_FAILED),
        (("skipped", "not_selected"), ("skipped", "upstream_failed"), Cause.UPSTREAM_FAILED),
    ],
)
def test_r5_the_worst_of_what_came_before(first: tuple[str, str], second: tuple[str, str], worst: Cause | None) -> None:
    for one, two in ((first, second), (second, first)):
        run = run_of(job("a"), job("b"), job("x", "a", "b"))
        run.record(decided("a", *one))
        run.record(decided("b", *two))
        assert blame(run.state, run.state.place(2)) is worst


def test_r5_does_not_blame_a_need_that_is_satisfied() -> None:
    run = after("skipped", "condition", "", "a?", "b")
    assert blame(run.state, run.state.place(2)) is None


def fan(**counts: int) -> StepState:
    """The state of a fan-out, with so many legs in each status, in this order; failed legs are timeouts."""
    legs: list[LegState] = []
    for status, count in counts.items():
        cause = {"failed": "timeout", "cancelled": "abort"}.get(status, "")
        legs += [
            LegState(status=LegStatus(status), cause=cause, message=f"{status} {at}" if cause == "timeout" else "")
            for at in range(count)
        ]
    legs = [replace(leg, leg=replace(leg.leg, key=f"k{at}")) for at, leg in enumerate(legs)]
    return StepState(
        status=StepStatus.RUNNING,
        legs=Table(legs),
        failed=counts.get("failed", 0),
        cancelled=counts.get("cancelled", 0),
    )


@pytest.mark.parametrize(
    ("tolerate", "failed", "legs", "too_many"),
    [
        (Tolerance(), 0, 4, False),
        (Tolerance(), 1, 4, True),
        (Tolerance(2), 2, 4, False),
        (Tolerance(2), 3, 4, True),
        (Tolerance(percent=5.0), 1, 20, False),
        (Tolerance(percent=5.0), 2, 20, True),
        (Tolerance(percent=5.0), 1, 19, True),
        (Tolerance(percent=33.3), 1, 3, True),
        (Tolerance(percent=33.4), 1, 3, False),
        (Tolerance(percent=100.0), 4, 4, False),
        (Tolerance(count=3, percent=0.0), 1, 4, True),
    ],
)
def test_r8_how_many_may_fail(tolerate: Tolerance, failed: int, legs: int, *, too_many: bool) -> None:
    assert exceeded(tolerate, fan(failed=failed, succeeded=legs - failed)) is too_many


def test_r8_a_fan_out_that_failed_names_the_first_and_each_class_once() -> None:
    step = fan(succeeded=2, failed=2)
    assert fan_verdict(Tolerance(1), step) == Verdict(
        StepStatus.FAILED, "timeout", "2 of 4 legs failed; the first, k2: failed 0", ("timeout",)
    )


def test_r8_a_cancelled_leg_makes_a_hole_that_is_not_a_success() -> None:
    assert fan_verdict(Tolerance(1), fan(succeeded=2, failed=1, cancelled=1)) == Verdict(
        StepStatus.CANCELLED, "abort", "1 of 4 legs were cancelled"
    )
    assert fan_verdict(Tolerance(), fan(failed=1, cancelled=3)).outcome is StepStatus.FAILED


def test_r8_what_is_tolerated_is_said() -> None:
    assert fan_verdict(Tolerance(1), fan(succeeded=3, failed=1)) == Verdict(
        StepStatus.SUCCEEDED, "", "1 of 4 legs failed, which is tolerated"
    )
    assert fan_verdict(Tolerance(), fan(succeeded=3)) == Verdict(StepStatus.SUCCEEDED)
