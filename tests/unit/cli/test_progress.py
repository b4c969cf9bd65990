"""Lines: one per change, and a sign of life where nothing changes."""

from __future__ import annotations

import time

import pytest

from flowrun.cli.console import Console
from flowrun.cli.progress import Lines, line_of
from flowrun.report.fold import Fold
from flowrun.report.model import Change
from tests.golden.reports.examples import RUNNING, T


@pytest.fixture
def clock() -> list[float]:
    return [T]


@pytest.fixture
def lines(clock: list[float]) -> Lines:
    return Lines(Console(color="never"), clock=lambda: clock[0])


def play(lines: Lines) -> None:
    total = Fold()
    for event in RUNNING:
        change = total.add(event)
        if change is not None:
            lines.follow(change, total.report())


def at(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def test_each_change_is_a_line_with_the_time_of_its_event(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    play(lines)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[:3] == [
        f"{at(T)} run started month_close, 6 steps, run 20260921-101320-ka",
        f"{at(T + 1.5)} list started Job 101",
        f"{at(T + 3)} list running",
    ]


def test_after_a_minute_of_silence_there_is_a_sign_of_life(
    lines: Lines, clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with lines:
        play(lines)
        capsys.readouterr()
        clock[0] = T + 59
        lines.tick()
        assert capsys.readouterr().err == ""
        clock[0] = T + 122
        lines.tick()
        lines.tick()
        assert capsys.readouterr().err == f"{at(T + 122)} run 1 running, 1/6 done, post running 1m00s\n"


def test_before_the_first_change_there_is_nothing_to_say(
    lines: Lines, clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    clock[0] = T + 1000
    lines.tick()
    assert capsys.readouterr().err == ""


def test_a_change_is_one_line_whatever_a_robot_wrote() -> None:
    assert line_of(Change(T, "post", "EU", "failed", "first\nsecond\tthird")) == "post[EU] failed first second third"


def test_a_failure_that_was_let_through_reads_as_a_sentence() -> None:
    change = Change(T, "badge", "", "failed, let through", "in 0.1s: faulted: no photo")
    assert line_of(change) == "badge failed, let through, in 0.1s: faulted: no photo"


def test_a_run_that_goes_on_says_where_it_stands() -> None:
    assert line_of(Change(T, "", "", "resumed", "12 of 40 steps done")) == "run resumed: 12 of 40 steps done"


def test_a_thousand_changes_are_cheap(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    total = Fold()
    total.add(RUNNING[0])
    change = Change(T, "post", "EU", "running", "Job 7")
    began = time.process_time()
    for _ in range(1000):
        lines.follow(change, total.report())
    assert time.process_time() - began < 0.5
    assert len(capsys.readouterr().err.splitlines()) == 1000
