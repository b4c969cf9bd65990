"""The last lines of a run."""

from __future__ import annotations

from dataclasses import replace

from flowrun.cli.closing import closing, following
from flowrun.core.events import Event
from flowrun.report.fold import fold
from flowrun.span import Span
from tests.golden.reports.examples import ASKING, DOUBT, FAILED, RUNNING, SUCCEEDED, T

WRONG = (
    '  post[US] failed: faulted: no ledger "<US|EU>" \ufffd[31mred\ufffd[0m & `more` second line '
    "(Job 107 on RPA-07, 2 attempts)"
)


def lines(events: list[Event], now: float = T + 500) -> list[str]:
    return [line.text for line in closing(fold(events), now)]


def test_a_run_that_succeeded() -> None:
    assert lines(SUCCEEDED) == [
        "month_close succeeded in 5m53s: 5 of 6 steps succeeded, 1 skipped",
        "next: flowrun runs outputs 20260921-101320-k7",
    ]


def test_how_long_it_took_is_held_against_what_is_usual() -> None:
    report = replace(fold(SUCCEEDED), usual=Span(300.0))
    assert next(closing(report, T)).text.startswith("month_close succeeded in 5m53s (usually 5m00s): 5 of 6")


def test_a_run_that_failed_says_what_and_why_and_where() -> None:
    assert lines(FAILED) == [
        "month_close failed in 3m22s: 3 of 6 steps succeeded, 1 failed, 2 skipped",
        WRONG,
        "  post[a]b|<c>] failed: expression: post needs `region`, which is absent",
        "  failed and let through: notes",
        "next: flowrun runs show 20260921-101320-k8",
    ]


def test_a_run_in_doubt_lists_its_jobs() -> None:
    assert lines(DOUBT) == [
        "month_close cancelled in 1m46s: 0 of 6 steps succeeded, 1 failed, 5 cancelled",
        "  list failed: lost: Orchestrator does not answer (Job 101 on RPA-07)",
        "  may still be running:",
        "    list: Job 101 00000000-0000-0000-0000-000000000101",
        "next: flowrun runs show 20260921-101320-k9",
    ]


def test_a_run_that_was_left_lists_its_jobs_and_how_to_go_on() -> None:
    assert lines(RUNNING, T + 70) == [
        "month_close was left after 1m10s: 1 of 6 steps succeeded, 1 running, 4 waiting",
        "  may still be running:",
        "    post[EU]: Job 102 00000000-0000-0000-0000-000000000102",
        "    post[US]: a start whose outcome is not known",
        "next: flowrun runs resume 20260921-101320-ka",
    ]


def test_a_run_that_was_left_while_it_asks_says_how_to_answer_and_that_nothing_runs() -> None:
    assert lines(ASKING, T + 70) == [
        "pay_day was left after 1m10s: 0 of 4 steps succeeded, 2 running, 2 waiting",
        "  sign_off waits for an answer: flowrun runs approve 20260921-101320-kb sign_off",
        "  regions[EU] waits for an answer: flowrun runs approve 20260921-101320-kb 'regions[EU]'",
        "next: flowrun runs resume 20260921-101320-kb",
    ]


def test_a_timeout_is_named() -> None:
    report = replace(fold(DOUBT), cause="run_timeout", doubts=())
    assert next(closing(report, T)).text.startswith("month_close cancelled (run_timeout) in")


def test_a_success_without_outputs_is_shown_next() -> None:
    assert following(replace(fold(SUCCEEDED), outputs={})) == "flowrun runs show 20260921-101320-k7"
