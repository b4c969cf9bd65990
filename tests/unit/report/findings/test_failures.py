"""What went wrong in a run, as findings."""

from __future__ import annotations

from dataclasses import replace

from flowrun.core.events import RunFinished, RunStarted
from flowrun.core.plan import Plan
from flowrun.core.status import RunStatus
from flowrun.report.findings.failures import of_report
from flowrun.report.findings.finding import Finding
from flowrun.report.fold import fold
from tests.golden.reports.examples import DOUBT, FAILED, SUCCEEDED, T

TEXT = "flowrun: 1\nname: month_close\nsteps:\n  - {id: list, release: List}\n  - {id: post, release: Post}\n"
ORIGIN = {"file": "specs/close.yaml", "text": TEXT}


def test_a_run_that_succeeded_has_none_but_what_was_let_through() -> None:
    assert [one.severity for one in of_report(fold(SUCCEEDED))] == []
    let_through = [one for one in of_report(fold(FAILED)) if one.severity == "warning"]
    assert [one.about for one in let_through] == ["notes"]


def test_each_leg_that_failed_stands_at_its_step_in_the_file() -> None:
    found = [one for one in of_report(replace(fold(FAILED), origin=ORIGIN)) if one.severity == "error"]
    assert [(one.about, one.rule, one.file, one.line) for one in found] == [
        ("post[US]", "faulted", "specs/close.yaml", 5),
        ("post[a]b|<c>]", "expression", "specs/close.yaml", 5),
    ]
    assert "(Job 107)" in found[0].message
    assert "\x1b" not in found[0].message


def test_a_step_that_is_no_longer_in_the_file_has_no_line() -> None:
    report = replace(fold(FAILED), origin={"file": "close.yaml", "text": "flowrun: 1\n"})
    assert {(one.file, one.line) for one in of_report(report)} == {("close.yaml", 0)}


def test_what_may_still_run_is_an_error_of_its_own() -> None:
    doubt = [one for one in of_report(replace(fold(DOUBT), origin=ORIGIN)) if one.rule == "in_doubt"]
    assert doubt == [Finding("in_doubt", "error", "Job 101 may still be running", "specs/close.yaml", 4, 5, "list")]


def test_a_run_that_was_ended_without_a_failure_is_one_itself() -> None:
    events = [RunStarted(T, "r1", Plan("empty", ()), {}, {"file": "empty.yaml"})]
    report = fold([*events, RunFinished(T + 1, RunStatus.FAILED, "outputs", message="total is absent")])
    assert list(of_report(report)) == [Finding("outputs", "error", "total is absent", "empty.yaml", about="empty")]
    assert list(of_report(fold(events))) == []
