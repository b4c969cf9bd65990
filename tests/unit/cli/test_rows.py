"""A screen of a run: what runs and what failed, in the room that there is."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from flowrun.cli.rows import counts_line, longest, outlook, screen
from flowrun.core.events import AttemptFinished, Event, Leg, LegFinished, RetryPlanned, RunStarted, StepBegan
from flowrun.core.plan import Concurrency, FanOut, Plan, Step
from flowrun.core.status import Failed, LegStatus
from flowrun.report.fold import Fold, fold
from tests.golden.reports.examples import ASKING, DOUBT, FAILED, RUNNING, SUCCEEDED, T, attempt


def texts(events: list[Event], room: int = 20, now: float = T + 70) -> list[str]:
    return [" ".join(cell for cell in row[:4] if cell) for row in screen(fold(events), now, room)]


def test_what_runs_comes_with_its_legs() -> None:
    assert texts(RUNNING) == [
        "post running 8.0s 2 of 3 legs running, 0 done",
        "  post[EU] running 8.0s Job 102",
        "  post[US] starting 8.0s",
    ]


def test_what_failed_comes_after_what_runs() -> None:
    assert texts(FAILED)[0].startswith("post[US] failed 2m18s faulted: no ledger")


def test_what_was_let_through_did_not_succeed() -> None:
    assert texts(FAILED)[-1] == "notes failed, let through 10s timeout: after 10s"


def test_a_retry_says_when_and_why() -> None:
    plan = Plan("w", (Step("post", "job"),))
    events: list[Event] = [RunStarted(T, "r", plan), StepBegan(T, "post", (Leg(),)), *attempt("post", 0, T, 1, 7)]
    events += [AttemptFinished(T + 60, "post", 0, 1, Failed("faulted", "no such ledger"))]
    events += [RetryPlanned(T + 60, "post", 0, 1, 0, T + 90)]
    assert texts(events) == ["post retrying 1m10s in 20s after faulted: no such ledger"]


def test_what_is_being_stopped_says_how() -> None:
    stopping = next(place for place, event in enumerate(DOUBT) if type(event).__name__ == "AttemptStopping")
    assert texts(DOUBT[: stopping + 1]) == ["list stopping 1m09s abort, Job 101"]
    assert texts(DOUBT[: stopping + 3]) == ["list killing 1m09s abort, Job 101"]


def test_a_finished_run_has_no_rows() -> None:
    assert texts(SUCCEEDED) == []


@pytest.mark.parametrize("room", range(1, 12))
def test_there_is_never_more_than_fits(room: int) -> None:
    assert len(texts(wide(50, failed=20), room)) <= room


def test_what_failed_gets_half_of_the_room_at_most_where_much_runs() -> None:
    states = [row.state for row in screen(fold(wide(100, failed=50)), T, 10)]
    assert states.count("failed") == 5
    assert len(states) == 10


def test_what_failed_gets_the_room_that_nothing_else_needs() -> None:
    states = [row.state for row in screen(fold(wide(20, failed=20)), T, 10)]
    assert states.count("failed") >= 8


def test_ten_thousand_legs_are_looked_at_no_further_than_the_screen_reaches() -> None:
    report = fold(wide(10_000, failed=0))
    began = time.process_time()
    assert len(screen(report, T, 10)) == 10
    assert time.process_time() - began < 0.05


@pytest.mark.parametrize(
    ("usual", "after", "words"),
    [
        (None, 10, ""),
        (552, 432, "usually 9m12s, about 2m left"),
        (552, 500, "usually 9m12s, about 52s left"),
        (552, 552, "usually 9m12s"),
        (9000, 0, "usually 2h30m, about 2h30m left"),
    ],
)
def test_the_outlook_is_what_is_usual(usual: float | None, after: float, words: str) -> None:
    total = Fold(usual)
    for event in RUNNING:
        total.add(event)
    assert outlook(total.report(), T + after) == words


def test_nothing_is_promised_of_a_run_that_is_being_ended() -> None:
    total = Fold(1000.0)
    for event in DOUBT[:8]:
        total.add(event)
    assert outlook(total.report(), T + 50) == "usually 16m40s"


def test_the_counts() -> None:
    assert counts_line(fold(RUNNING)) == "1 running, 1/6 done"
    assert counts_line(fold(FAILED)) == "0 running, 6/6 done, 1 failed, 2 skipped"


def test_the_one_that_runs_longest() -> None:
    row = longest(fold(RUNNING), T + 70)
    assert row is not None
    assert row.name == "post"
    assert longest(fold(SUCCEEDED), T) is None


def wide(legs: int, failed: int) -> list[Event]:
    plan = Plan("w", (Step("post", "job", fan_out=FanOut({"n": []})),))
    events: list[Event] = [RunStarted(T, "r", plan), StepBegan(T, "post", tuple(Leg(str(n)) for n in range(legs)))]
    for leg in range(legs):
        events += attempt("post", leg, T, 1, leg)[:2]
        if leg < failed:
            events += [LegFinished(T, "post", leg, LegStatus.FAILED, "faulted", "no")]
    return events


def test_what_waits_for_a_person_shows_the_question() -> None:
    assert texts(ASKING) == [
        "sign_off asking 1m09s Pay <b>3</b> euros? See `list`.",
        "regions running 1m09s 1 of 2 legs running, 1 done",
        "  regions[EU] asking 1m09s OK for EU?",
    ]


def test_what_is_waited_for_stands_in_its_row() -> None:
    plan = Plan("w", (Step("one", "job"), Step("post", "job", fan_out=FanOut({"n": [1, 2]}))))
    legs = (Leg("EU"), Leg("US"))
    events: list[Event] = [RunStarted(T, "r", plan), StepBegan(T, "one", (Leg(),)), StepBegan(T, "post", legs)]
    waits = {"one": "for a slot of sap", "post": "for a slot of fx"}
    rows = [" ".join(filter(None, row[:4])) for row in screen(replace(fold(events), waits=waits), T, 20)]
    assert rows == [
        "one waiting waits for a slot of sap",
        "post running 0.0s 0 of 2 legs running, 0 done, waits for a slot of fx",
    ]


def test_a_run_that_waits_for_its_turn_has_a_row() -> None:
    plan = Plan("w", (Step("one", "job"),), concurrency=Concurrency("g"))
    queued = replace(fold([RunStarted(T, "r", plan)]), waits={"": "for its turn, behind run q"})
    assert [row[:2] + row[3:4] for row in screen(queued, T, 20)] == [
        ("run", "queued", "waits for its turn, behind run q")
    ]
