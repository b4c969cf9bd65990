"""What every report format must do, and what those must that tell of a whole run. Subclasses have a `render`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from flowrun.core.events import Event, Leg, LegFinished, RunStarted, StepBegan, StepFinished
from flowrun.core.plan import FanOut, Plan, Step
from flowrun.core.status import LegStatus, StepStatus
from flowrun.report.fold import fold
from flowrun.report.formats import Format
from flowrun.report.model import Report
from tests.golden.reports.examples import DOUBT, EXAMPLES, FAILED, PLAN, SUCCEEDED, T

ORIGIN = {"file": "specs/close.yaml"}


def told(events: Sequence[Event]) -> Report:
    """The report of a run whose workflow has a file."""
    return replace(fold(events), origin=ORIGIN)


class FindingsContract:
    """The tests of every format, be it a list of what went wrong. Each gets the function from Report to text."""

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_is_the_same_each_time_and_changes_nothing(self, render: Format, name: str) -> None:
        report = told(EXAMPLES[name])
        assert render(report) == render(report)
        assert report == told(EXAMPLES[name])

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_ends_with_one_line_break(self, render: Format, name: str) -> None:
        text = render(told(EXAMPLES[name]))
        assert text.endswith("\n")
        assert not text.endswith("\n\n")

    def test_takes_every_prefix_of_a_run(self, render: Format) -> None:
        for count in range(1, len(SUCCEEDED) + 1):
            assert render(told(SUCCEEDED[:count])), count

    def test_says_which_leg_failed_and_how(self, render: Format) -> None:
        text = render(told(FAILED))
        assert "faulted" in text
        assert "107" in text

    def test_says_what_may_still_run(self, render: Format) -> None:
        text = render(told(DOUBT))
        assert "101" in text
        assert "unknown" in text or "may still be running" in text

    def test_no_text_of_a_robot_can_steer_a_terminal(self, render: Format) -> None:
        text = render(told(FAILED))
        assert "\x1b" not in text
        assert "\\u001b" not in text

    def test_a_fan_of_a_thousand_failed_legs_is_no_obstacle(self, render: Format) -> None:
        plan = Plan("wide", (Step("post", "job", fan_out=FanOut({"n": []})),))
        events: list[Event] = [RunStarted(T, "r1", plan), StepBegan(T, "post", tuple(Leg(str(n)) for n in range(1000)))]
        events += [LegFinished(T, "post", n, LegStatus.FAILED, "expression", "absent") for n in range(1000)]
        events += [StepFinished(T, "post", StepStatus.FAILED, StepStatus.FAILED, "expression", "1000 legs failed")]
        assert "post" in render(told(events))


class FormatContract(FindingsContract):
    """The tests of a format that tells of a whole run."""

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_names_the_run_its_workflow_and_its_status(self, render: Format, name: str) -> None:
        report = told(EXAMPLES[name])
        text = render(report)
        assert report.run_id in text
        assert report.workflow in text.replace("&#95;", "_")
        assert str(report.status) in text

    def test_a_plan_without_steps_is_no_obstacle(self, render: Format) -> None:
        assert "r1" in render(told([RunStarted(T, "r1", Plan("empty", ()))]))

    def test_a_run_that_has_just_begun_is_no_obstacle(self, render: Format) -> None:
        assert "unlock" in render(told([RunStarted(T, "r1", PLAN)]))
