"""The lines that somebody reads who watches a run."""

from __future__ import annotations

import pytest

from flowrun.core.events import Event
from flowrun.report.fold import Fold
from tests.golden.reports.examples import DOUBT, EXAMPLES, FAILED, SUCCEEDED, T


def lines(name: str) -> list[str]:
    total = Fold()
    changes = [total.add(event) for event in EXAMPLES[name]]
    return [
        f"{one.at - T:g} {one.subject} {one.state} {one.detail}".rstrip() for one in changes if one and not one.quiet
    ]


def test_a_run_that_succeeds() -> None:
    assert lines("succeeded")[:12] == [
        "0 run started month_close, 6 steps, run 20260921-101320-k7",
        "1.5 list started Job 101",
        "3 list running",
        "61 list succeeded in 1m00s",
        "61 fx skipped condition",
        "62 post running 2 legs",
        "62.5 post[EU] started Job 102",
        "64 post[EU] running",
        "62.5 post[US] started Job 103",
        "64 post[US] running",
        "100 post[EU] succeeded in 38s",
        "342 post[US] succeeded in 4m40s",
    ]
    assert lines("succeeded")[-1] == "353 run succeeded in 5m53s"


@pytest.mark.parametrize(
    "line",
    [
        '110 post[US] retrying in 20s after faulted: no ledger "<US|EU>" \ufffd[31mred\ufffd[0m & `more`',
        "130 post[US] starting attempt 2",
        "63 post[a]b|<c>] failed in 0.0s: expression: post needs `region`, which is absent",
        "200 post failed in 2m18s: faulted: 2 of 3 legs failed, 1 of 3 legs succeeded",
        "71 notes failed, let through in 10s: timeout: after 10s",
        "202 run failed in 3m22s",
    ],
)
def test_a_run_that_fails(line: str) -> None:
    assert line in lines("failed")


def test_an_abort_that_ends_in_doubt() -> None:
    assert lines("doubt")[3:9] == [
        "30 run resumed 0 of 6 steps done",
        "40 run aborting nothing new starts, what runs is asked to stop, asked by SIGINT",
        "40 list stopping abort",
        "45 run aborting nothing new starts, what runs is killed, asked by SIGINT",
        "45 list killing abort",
        "105 list unknown Orchestrator does not answer: Job 101",
    ]


@pytest.mark.parametrize(
    ("events", "tones"),
    [
        (SUCCEEDED, {"plain", "good"}),
        (FAILED, {"plain", "good", "warn", "bad"}),
        (DOUBT, {"plain", "warn", "bad"}),
    ],
)
def test_the_tone_follows_what_happened(events: list[Event], tones: set[str]) -> None:
    total = Fold()
    assert {change.tone for event in events if (change := total.add(event))} == tones


def test_every_intention_is_told_for_a_start_may_be_on_its_way() -> None:
    total = Fold()
    quiet = [change for event in SUCCEEDED if (change := total.add(event)) and change.quiet]
    assert [(change.subject, change.state) for change in quiet[:2]] == [("list", "starting"), ("post[EU]", "starting")]


def test_a_question_comes_with_the_command_that_answers_it() -> None:
    told = lines("asking")
    sign_off = next(line for line in told if line.startswith("1 sign_off"))
    assert sign_off.startswith("1 sign_off asks Pay <b>3</b> euros? (until 2026-09-22T14:13:21Z): ")
    assert sign_off.endswith(": flowrun runs approve 20260921-101320-kb sign_off")
    assert "1 regions[EU] asks OK for EU?: flowrun runs approve 20260921-101320-kb 'regions[EU]'" in told
    assert "50 regions[US] approved by bob" in told
    assert not any("waits for an answer" in line for line in told)


def test_an_answer_is_told_with_who_gave_it_and_what_they_said() -> None:
    told = lines("answered")
    assert "60 regions[EU] rejected by anna: not *this* month" in told
    assert "90 sign_off approved by anna: paid before" in told
