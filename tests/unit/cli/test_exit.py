"""Exit codes: every error has one, every end of a run has one, and the page lists them all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flowrun import errors
from flowrun.cli.exit import ExitCode, of_error, of_report
from flowrun.core.events import Event
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.report.fold import fold
from flowrun.report.model import Abort
from tests.golden.reports.examples import DOUBT, FAILED, RUNNING, SUCCEEDED

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "exit-codes.md"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.SpecError(()), 3),
        (errors.PlanError("no"), 3),
        (errors.UsageError("no"), 3),
        (errors.TemplateError("no"), 3),
        (errors.Refused("no"), 3),
        (errors.NotSignedIn("no"), 5),
        (errors.Unreachable("no"), 6),
        (errors.Throttled("no"), 6),
        (errors.Ambiguous("no"), 6),
        (errors.Conflict("no"), 7),
        (errors.JournalError("no"), 10),
        (errors.EngineError("no"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_every_error_has_its_code(error: errors.FlowrunError, code: int) -> None:
    assert of_error(error) == code


def test_no_error_is_without_a_code() -> None:
    def tree(kind: type[errors.FlowrunError]) -> list[type[errors.FlowrunError]]:
        return [kind, *(each for child in kind.__subclasses__() for each in tree(child))]

    for kind in tree(errors.FlowrunError):
        assert of_error(kind.__new__(kind)) in ExitCode


@pytest.mark.parametrize(
    ("events", "code"), [(SUCCEEDED, 0), (FAILED, 1), (DOUBT, 9), (RUNNING, 9)], ids=["done", "failed", "doubt", "left"]
)
def test_every_end_of_a_run_has_its_code(events: list[Event], code: int) -> None:
    assert of_report(fold(events)) == code


@pytest.mark.parametrize(
    ("by", "cause", "code"),
    [
        ("SIGINT", "abort", 130),
        ("SIGTERM", "abort", 143),
        ("anna, flowrun runs abort", "abort", 8),
        ("", "run_timeout", 4),
        ("SIGINT", "run_timeout", 4),
    ],
)
def test_a_cancelled_run_says_who_ended_it(by: str, cause: str, code: int) -> None:
    abort = Abort(0, AbortLevel.STOP, by, cause)
    report = replace(fold(SUCCEEDED), status=RunStatus.CANCELLED, abort=abort)
    assert of_report(report) == code
    assert of_report(replace(report, doubts=("post",))) == 9


def test_doubt_comes_before_success_and_failure() -> None:
    assert of_report(replace(fold(SUCCEEDED), doubts=("post",))) == 9
    assert of_report(replace(fold(FAILED), doubts=("post",))) == 9


def test_the_page_lists_every_code_with_its_meaning() -> None:
    page = PAGE.read_text()
    for code in ExitCode:
        assert f"| {int(code)} | `{code.result}` | {code.meaning} |" in page
