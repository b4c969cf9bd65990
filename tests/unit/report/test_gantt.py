"""When the steps of a run ran."""

from __future__ import annotations

from flowrun.core.events import RunStarted, StepBegan
from flowrun.core.plan import Plan, Step
from flowrun.report.fold import fold
from flowrun.report.gantt import MOST, mermaid
from tests.golden.reports.examples import FAILED, RUNNING, T


def test_each_step_that_began_is_a_bar_from_then_to_its_end() -> None:
    lines = mermaid(fold(FAILED)).splitlines()
    assert lines[:4] == ["gantt", "    title month_close", "    dateFormat X", "    axisFormat %H:%M:%S"]
    bars = {line.split(":")[0].strip(): line.split(":")[1] for line in lines[4:]}
    assert list(bars) == ["list", "post", "notes", "unlock"]
    assert bars["list"].startswith("done, s0, ")
    assert bars["post"].startswith("crit, ")
    assert bars["notes"].startswith("crit, ")
    for bar in bars.values():
        start, end = map(int, bar.split(", ")[-2:])
        assert T <= start < end


def test_a_step_that_runs_ends_with_what_is_known() -> None:
    (line,) = (line for line in mermaid(fold(RUNNING)).splitlines() if "active" in line)
    start, end = map(int, line.split(", ")[-2:])
    assert end == max(start + 1, int(fold(RUNNING).at))


def test_a_name_cannot_end_itself() -> None:
    plan = Plan("a:b;c#d%%\n", (Step("s", "job"),))
    lines = mermaid(fold([RunStarted(T, "r1", plan), StepBegan(T, "s", ())])).splitlines()
    assert lines[1] == "    title a_b_c_d___"


def test_nothing_is_drawn_of_nothing_and_of_too_much() -> None:
    assert mermaid(fold([RunStarted(T, "r1", Plan("empty", ()))])) == ""
    steps = tuple(Step(f"s{number}", "job") for number in range(MOST + 1))
    began = [StepBegan(T, step.id, ()) for step in steps]
    assert mermaid(fold([RunStarted(T, "r1", Plan("wide", steps)), *began])) == ""
    assert len(mermaid(fold([RunStarted(T, "r1", Plan("wide", steps)), *began[1:]])).splitlines()) == MOST + 4
