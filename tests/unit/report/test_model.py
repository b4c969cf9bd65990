"""Names are stable, what may still run is listed."""

from __future__ import annotations

import pytest

from flowrun.core.status import LegStatus
from flowrun.report.fold import fold
from flowrun.report.model import Change, JobFact, LegReport
from tests.golden.reports.examples import DOUBT, FAILED, NESTED, NESTED_RUN, RUNNING, SUCCEEDED, T


def test_a_job_is_named_by_its_id_or_its_key() -> None:
    assert JobFact(7, "k").name == "Job 7"
    assert JobFact(None, "k").name == "Job k"


@pytest.mark.parametrize(("step", "leg", "subject"), [("", "", "run"), ("a", "", "a"), ("a", "EU", "a[EU]")])
def test_a_change_names_its_subject(step: str, leg: str, subject: str) -> None:
    assert Change(0, step, leg, "failed").subject == subject


def test_a_leg_that_never_began_has_no_duration() -> None:
    assert LegReport().duration(10) is None
    assert LegReport().jobs == ()
    assert LegReport().last is None


def test_what_runs_and_what_is_in_doubt_may_still_run() -> None:
    assert [(one.leg, one.job and one.job.id) for one in fold(RUNNING).open_jobs()] == [
        ("post[EU]", 102),
        ("post[US]", None),
    ]
    assert [(one.leg, one.job and one.job.id) for one in fold(DOUBT).open_jobs()] == [("list", 101)]
    assert list(fold(SUCCEEDED).open_jobs()) == []


def test_of_a_leg_in_doubt_only_jobs_that_have_not_ended_may_still_run() -> None:
    assert JobFact(1, state="Stopped").ended
    assert not JobFact(1, state="Terminating").ended
    assert not JobFact(1, state="SomethingNew").ended


def test_the_failures_are_the_legs_that_failed() -> None:
    found = [(step.name(leg), leg.cause, leg.status) for step, leg in fold(FAILED).failed()]
    assert found == [
        ("post[US]", "faulted", LegStatus.FAILED),
        ("post[a]b|<c>]", "expression", LegStatus.FAILED),
        ("notes", "timeout", LegStatus.FAILED),
    ]


def test_an_unfinished_run_is_measured_up_to_now() -> None:
    running, done = fold(RUNNING), fold(SUCCEEDED)
    assert running.seen(T + 1000).duration(T + 1000) == 1000.0
    assert running.seen(T + 1000).at == T + 1000
    assert done.seen(T + 1000) is done


def test_what_may_still_run_in_a_file_is_its_run_or_its_jobs() -> None:
    report = fold(NESTED)
    assert [(one.leg, one.what, one.run) for one in report.open_jobs()] == [
        ("bank[30]", f"run {NESTED_RUN}.bank.30.1", f"{NESTED_RUN}.bank.30.1"),
        ("closing", "Job 303", f"{NESTED_RUN}.closing.1"),
    ]
    assert report.parent == "20260921-090000-yr"
    assert [one.run for one in report.steps[1].legs[0].attempts] == [f"{NESTED_RUN}.valuation.{n}" for n in (1, 2)]
