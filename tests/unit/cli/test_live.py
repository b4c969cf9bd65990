"""The live table, drawn on a terminal of a known size."""

from __future__ import annotations

import io
import re
import time

import pytest
from rich.console import Console as Terminal

from flowrun.cli.live import Live
from flowrun.core.events import Event, Leg, RunStarted, StepBegan
from flowrun.core.plan import FanOut, Plan, Step
from flowrun.report.fold import Fold, fold
from flowrun.report.model import Change
from tests.golden.reports.examples import DOUBT, RUNNING, T, attempt

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def terminal(width: int = 80, height: int = 12) -> Terminal:
    return Terminal(file=io.StringIO(), force_terminal=True, width=width, height=height, color_system=None)


def drawn(events: list[Event], on: Terminal, now: float = T + 70) -> list[str]:
    live = Live(color=False, clock=lambda: now, terminal=on)
    on.print(live.picture(fold(events)), end="")
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue().splitlines()


def wide(legs: int) -> list[Event]:
    plan = Plan("w", (Step("post", "job", fan_out=FanOut({"n": []})),))
    events: list[Event] = [RunStarted(T, "r", plan), StepBegan(T, "post", tuple(Leg(str(n)) for n in range(legs)))]
    for leg in range(legs):
        events += attempt("post", leg, T, 1, leg)
    return events


def test_it_shows_the_run_what_runs_and_how_far_it_is() -> None:
    lines = drawn(RUNNING, terminal())
    assert lines[0].startswith("month_close  run 20260921-101320-ka  1m10s")
    assert lines[2].split() == [">", "post[EU]", "running", "8.0s", "Job", "102"]
    assert "1 running, 1/6 done" in lines[-1]
    assert "Ctrl-C stops" in lines[-1]


@pytest.mark.parametrize("height", [4, 5, 8, 24])
@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_it_is_never_taller_nor_wider_than_the_screen(width: int, height: int) -> None:
    lines = drawn(wide(60), terminal(width, height))
    assert len(lines) < height
    assert max(map(len, lines)) <= width


def test_while_it_ends_it_says_what_the_next_ctrl_c_does() -> None:
    assert "stopping, Ctrl-C kills" in drawn(DOUBT[:8], terminal())[-1]
    assert "killing, Ctrl-C leaves" in drawn(DOUBT[:10], terminal())[-1]


def test_somebody_elses_run_is_only_watched() -> None:
    on = terminal()
    on.print(Live(color=False, ours=False, terminal=on).picture(fold(RUNNING)), end="")
    assert isinstance(on.file, io.StringIO)
    assert "Ctrl-C ends the watching" in on.file.getvalue()


def test_the_time_goes_on_without_events() -> None:
    on = terminal()
    now = [T + 70]
    live = Live(color=False, clock=lambda: now[0], terminal=on)
    with live:
        live.follow(Change(T, "", "", "started"), fold(RUNNING))
        live.tick()
        now[0] = T + 75
        live.tick()
    assert isinstance(on.file, io.StringIO)
    assert "1m10s" in on.file.getvalue()
    assert "1m15s" in on.file.getvalue()


def test_it_is_gone_at_the_end_and_the_cursor_is_back() -> None:
    on = terminal()
    with Live(color=False, terminal=on) as live:
        live.tick()
        live.say("stopping")
    assert isinstance(on.file, io.StringIO)
    written = on.file.getvalue()
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1
    assert "stopping" in ANSI.sub("", written)


def test_a_thousand_changes_cost_no_drawing() -> None:
    on = terminal()
    total = Fold()
    for event in wide(1000):
        total.add(event)
    change = Change(T, "post", "1", "running")
    live = Live(color=False, terminal=on)
    began = time.process_time()
    for _ in range(1000):
        live.follow(change, total.report())
    assert time.process_time() - began < 0.05
    assert isinstance(on.file, io.StringIO)
    assert on.file.getvalue() == ""


def test_a_terminal_that_has_gone_away_is_no_error() -> None:
    file = io.StringIO()
    on = Terminal(file=file, force_terminal=True, width=40, height=10)
    with Live(color=False, terminal=on) as live:
        file.close()
        live.follow(Change(T, "", "", "started"), fold(RUNNING))
        live.tick()
        live.say("to nobody")
