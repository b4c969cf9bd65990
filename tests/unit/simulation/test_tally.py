from __future__ import annotations

from flowrun.core.plan import Step
from flowrun.simulation.ending import Result
from flowrun.simulation.tally import Kind, Tally, sweep
from tests.unit.simulation.cases import EVALUATOR, case, chain, retried, step


def spots(tally: Tally) -> set[tuple[Kind, str, str]]:
    return {(weak.kind, weak.step, weak.detail) for weak in tally.weak}


def test_a_step_that_can_hang_is_named_and_one_with_a_timeout_is_not() -> None:
    two = case(step("a"), step("b", "a", timeout=600.0))
    tally = sweep(two, ("hang",), range(25), EVALUATOR)
    assert (Kind.HANGS, "a", "job") in spots(tally)
    assert not any(kind is Kind.HANGS and name == "b" for kind, name, _ in spots(tally))
    assert tally.count(Result.HUNG) == sum(weak.runs for weak in tally.weak if weak.kind is Kind.HANGS)


def test_a_retry_that_would_have_saved_runs_is_named_with_how_many_it_saves() -> None:
    tally = sweep(chain(), ("faulted",), range(16), EVALUATOR)
    saves = [weak for weak in tally.weak if weak.kind is Kind.RETRY]
    assert saves
    assert all(0 < weak.saved <= weak.tried <= weak.runs for weak in saves)
    assert sum(weak.runs for weak in saves) <= tally.count(Result.FAILED)


def test_what_is_retried_already_is_left_alone() -> None:
    tally = sweep(chain(retry=retried("faulted")), ("faulted",), range(16), EVALUATOR)
    assert not [weak for weak in tally.weak if weak.kind is Kind.RETRY]
    assert any(kind is Kind.AGAIN and how == "faulted" for kind, _, how in spots(tally))


def test_an_approval_without_a_time_waits_for_ever_where_nobody_answers() -> None:
    asked: Step = step("ask", kind="approval", arguments={"approval": {"instructions": "yes?"}}, outputs=())
    tally = sweep(case(asked), ("unanswered",), range(20), EVALUATOR)
    assert (Kind.HANGS, "ask", "answer") in spots(tally)
    assert tally.count(Result.SUCCEEDED) + tally.count(Result.HUNG) == 20


def test_no_fault_is_no_failure() -> None:
    heard: list[int] = []
    tally = sweep(chain(), (), range(3), EVALUATOR, lambda one: heard.append(one.seed))
    assert heard == [0, 1, 2]
    assert tally.count(Result.SUCCEEDED) == 3
    assert (tally.failures, tally.struck, tally.weak, tally.broken) == ((), (), (), ())
    assert tally.median <= tally.worst


def test_the_counts_add_up() -> None:
    tally = sweep(chain(), ("lost", "faulted", "abort", "stuck"), range(25), EVALUATOR)
    assert sum(tally.count(result) for result in Result) == 25
    assert sum(one.runs for one in tally.failures) == tally.count(Result.FAILED)
    for one in tally.struck:
        assert sum(one.results.values()) == one.runs
