"""Lengths of time say themselves, names are stable, what may still run is listed."""

from __future__ import annotations

import pytest

from flowrun.core.status import LegStatus
from flowrun.report.fold import fold
from flowrun.report.model import Change, JobFact, LegReport, Span
from tests.golden.reports.examples import DOUBT, FAILED, RUNNING, SUCCEEDED, T


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0s"),
        (0.44, "0.4s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (59.4, "59s"),
        (59.6, "1m00s"),
        (242, "4m02s"),
        (3599.7, "1h00m"),
        (3_900, "1h05m"),
        (86_400 * 2 + 3_600 * 3, "2d03h"),
        (-5, "0.0s"),
    ],
)
def test_a_span_says_itself(seconds: float, said: str) -> None:
    assert str(Span(seconds)) == said
    assert f"{Span(seconds)}" == said


def test_a_span_is_a_number_all_the_same() -> None:
    assert Span(1.5) + 1 == 2.5
    assert f"{Span(1.5):.3f}" == "1.500"


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
