"""How steps stand on a picture, and which path took longest."""

from __future__ import annotations

from flowrun.core.events import Event, Leg, LegKept, RunFinished, RunStarted, StepBegan, StepFinished
from flowrun.core.plan import Need, Plan, Step
from flowrun.core.status import RunStatus, StepStatus, Succeeded
from flowrun.pictures.state import State
from flowrun.report.course import chart
from flowrun.report.fold import fold
from flowrun.report.picture import drawing
from flowrun.report.standing import longest, notes, of_run, of_step, sentence
from tests.golden.reports.examples import ASKING, DOUBT, EXAMPLES, FAILED, SUCCEEDED, T


def states(name: str) -> dict[str, State]:
    return {step.id: of_step(step) for step in fold(EXAMPLES[name]).steps}


def test_every_step_stands_in_one_word() -> None:
    assert states("succeeded")["fx"] is State.SKIPPED
    assert states("failed")["post"] is State.FAILED
    assert states("failed")["notes"] is State.LET_THROUGH
    assert State.ASKING in states("asking").values()
    assert State.UNKNOWN in states("doubt").values()
    assert of_run(fold(DOUBT)) is State.UNKNOWN
    assert of_run(fold(SUCCEEDED)) is State.SUCCEEDED


def test_what_an_earlier_run_did_is_kept() -> None:
    plan = Plan("p", (Step("a", "job"), Step("b", "job", needs=(Need("a"),))))
    events: list[Event] = [RunStarted(T, "r", plan), StepBegan(T, "a", (Leg(),)), LegKept(T, "a", 0, Succeeded())]
    report = fold([*events, StepFinished(T, "a", StepStatus.SUCCEEDED, StepStatus.SUCCEEDED)])
    assert of_step(report.steps[0]) is State.KEPT
    assert [node.state for node in drawing(report).parts[0].nodes] == [State.KEPT, State.WAITING]
    assert chart(report).rows[0].lanes[0][0].state is State.KEPT


def test_the_longest_path_is_what_was_waited_for() -> None:
    assert longest(fold(SUCCEEDED)) == ("list", "post", "report")
    assert longest(fold([RunStarted(T, "r", Plan("p", ()))])) == ()
    assert sentence(fold(SUCCEEDED), ("list", "post", "report")) == (
        "succeeded after 5m53s: 5 succeeded, 1 skipped; longest path list > post > report"
    )


def test_legs_are_counted_and_reasons_told() -> None:
    report = fold(FAILED)
    post = next(step for step in report.steps if step.id == "post")
    assert next(notes(report, post)).startswith("1/3 ok, 2 failed")
    node = next(node for part in drawing(report).parts for node in part.nodes if node.id == "post")
    assert node.several
    assert "post[" in node.told


def test_the_bars_of_a_run_lie_within_it() -> None:
    for name, events in EXAMPLES.items():
        for count in range(1, len(events) + 1):
            report = fold(events[:count])
            made = chart(report)
            last = max(event.at for event in events[:count]) - T
            for row in made.rows:
                for lane in row.lanes:
                    assert all(0 <= bar.begin <= bar.end <= last + 0.001 for bar in lane), (name, count, row)
                    ends = [bar.end for bar in lane]
                    assert ends == sorted(ends)


def test_a_question_is_a_bar_of_its_own() -> None:
    bars = {bar.state for row in chart(fold(ASKING)).rows for lane in row.lanes for bar in lane}
    assert State.ASKING in bars


def test_a_run_without_steps_has_a_picture() -> None:
    report = fold([RunStarted(T, "r", Plan("p", ())), RunFinished(T, RunStatus.SUCCEEDED)])
    assert drawing(report).parts == ()
    assert chart(report).rows == ()
