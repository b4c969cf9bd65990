"""The fold: the counts are those of a recount, old reports stay as they were, time does not grow with the fan."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from flowrun.core.events import AttemptFinished, Event, Leg, LegFinished, RetryPlanned, RunStarted, StepBegan
from flowrun.core.plan import FanOut, Plan, Step
from flowrun.core.status import AbortLevel, Failed, LegStatus, RunStatus, StepStatus, Succeeded
from flowrun.report.fold import Fold, fold
from tests.golden.reports.examples import DOUBT, EXAMPLES, FAILED, RUNNING, SUCCEEDED, T, attempt, ended


def test_before_the_first_event_there_is_no_report() -> None:
    with pytest.raises(ValueError, match="RunStarted"):
        Fold().report()
    with pytest.raises(ValueError, match="RunStarted"):
        Fold().add(SUCCEEDED[1])


def test_a_run_starts_once() -> None:
    with pytest.raises(ValueError, match="starts once"):
        fold([SUCCEEDED[0], SUCCEEDED[0]])


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_counts_are_those_of_a_recount_after_every_event(name: str) -> None:
    total = Fold()
    for event in EXAMPLES[name]:
        total.add(event)
        report = total.report()
        steps = Counter(step.status.value for step in report.steps)
        assert {status.value: getattr(report.counts, status) for status in StepStatus if steps[status]} == steps
        assert report.counts.total == len(report.steps)
        for step in report.steps:
            assert step.counts.total == len(step.legs)
            assert step.counts.active == sum(leg.status.active for leg in step.legs)
            assert step.counts.failed == sum(leg.status is LegStatus.FAILED for leg in step.legs)
            assert step.counts.succeeded == sum(leg.status is LegStatus.SUCCEEDED for leg in step.legs)
            assert step.counts.cancelled == sum(leg.status is LegStatus.CANCELLED for leg in step.legs)


def test_a_report_that_was_handed_out_never_changes() -> None:
    total = Fold()
    handed = []
    for event in FAILED:
        total.add(event)
        handed.append(total.report())
    assert handed == [fold(FAILED[: count + 1]) for count in range(len(FAILED))]


def test_a_run_that_succeeded() -> None:
    report = fold(SUCCEEDED)
    assert report.final
    assert report.status is RunStatus.SUCCEEDED
    assert report.duration(T + 9999) == 353.0
    assert report.outputs == {"documents": ["4711", "4712"], "path": "c:\\close.xlsx"}
    post = report.steps[2]
    assert [(leg.key, leg.outputs["DocumentNo"], leg.jobs[0].id) for leg in post.legs] == [
        ("EU", "4711", 102),
        ("US", "4712", 103),
    ]
    assert post.duration(0) == 280.0


def test_attempts_are_kept_with_their_errors_and_jobs() -> None:
    leg = fold(FAILED).steps[2].legs[1]
    assert [(one.number, one.error, one.jobs[0].id) for one in leg.attempts] == [
        (1, "faulted", 103),
        (2, "faulted", 107),
    ]
    assert leg.duration(0) == 138.0


def test_an_attempt_that_could_not_be_scheduled_is_an_attempt_all_the_same() -> None:
    leg = fold(FAILED).steps[2].legs[2]
    assert [(one.number, one.error) for one in leg.attempts] == [(1, "expression")]
    assert leg.cause == "expression"


def test_a_leg_that_waits_for_its_next_try_says_until_when() -> None:
    until = next(place for place, event in enumerate(FAILED) if isinstance(event, RetryPlanned))
    leg = fold(FAILED[: until + 1]).steps[2].legs[1]
    assert leg.status is LegStatus.READY
    assert leg.wait(T + 110) == 20.0
    assert fold(FAILED[: until + 2]).steps[2].legs[1].due is None


def test_who_asked_first_decides_and_the_level_only_rises() -> None:
    abort = fold(DOUBT).abort
    assert abort is not None
    assert (abort.by, abort.level, abort.at) == ("SIGINT", AbortLevel.KILL, T + 40)


def test_doubts_are_kept_and_counted_once() -> None:
    report = fold(DOUBT)
    assert report.doubts == ("list",)
    assert report.steps[0].leg.doubt
    assert report.steps[0].leg.jobs[0].state == "Terminating"


def test_the_jobs_of_a_running_attempt_are_those_of_its_handle() -> None:
    assert fold(RUNNING).steps[2].legs[0].jobs[0].id == 102


def test_resumed_runs_say_so() -> None:
    assert fold(DOUBT).resumed == 1


def test_failed_attempts_keep_their_outputs() -> None:
    events: list[Event] = [RunStarted(T, "r", Plan("w", (Step("a", "job"),))), StepBegan(T, "a", (Leg(),))]
    events += attempt("a", 0, T, 1, 1)
    events += ended("a", 0, T + 5, Failed("output_contract", "Total is missing", {"Rows": 3}))
    assert fold(events).steps[0].leg.outputs == {"Rows": 3}


def test_the_cost_of_an_event_does_not_grow_with_the_fan() -> None:
    """Twenty times the legs may cost some more for each event, but nothing like twenty times."""
    small, large = (min(_cost_of_an_event(legs) for _ in range(3)) for legs in (500, 10_000))
    assert large < 4 * small


def _cost_of_an_event(legs: int) -> float:
    plan = Plan("w", (Step("post", "job", fan_out=FanOut({"n": []})),))
    total = Fold()
    total.add(RunStarted(T, "r", plan))
    total.add(StepBegan(T, "post", tuple(Leg(str(n)) for n in range(legs))))
    events: list[Event] = [
        event
        for leg in range(200)
        for event in (AttemptFinished(T, "post", leg, 1, Succeeded()), LegFinished(T, "post", leg, LegStatus.SUCCEEDED))
    ]
    began = time.process_time()
    for event in events:
        total.add(event)
    return (time.process_time() - began) / len(events)
