"""The envelope has one shape, for answers and for errors."""

from __future__ import annotations

from flowrun.cli.answer import Answer, of_error
from flowrun.cli.exit import ExitCode
from flowrun.errors import Position, Problem, SpecError, UsageError


def test_the_envelope_of_an_answer() -> None:
    assert Answer(data={"a": 1}, message="done").envelope() == {
        "schema": "flowrun.output/v1",
        "result": "success",
        "code": 0,
        "message": "done",
        "data": {"a": 1},
        "diagnostics": [],
    }


def test_an_error_says_what_to_write_instead() -> None:
    answer = of_error(UsageError("x.yaml does not exist", hint="there is y.yaml"), ExitCode.INVALID)
    assert answer.message == "x.yaml does not exist\n  there is y.yaml"
    assert answer.envelope()["result"] == "invalid"


def test_the_problems_of_a_file_are_diagnostics_with_their_places() -> None:
    problem = Problem(
        "FR101", "no key `nedes`", Position(4, 5), "steps.a.nedes", "needs", other=Position(2, 3), other_label="here"
    )
    answer = of_error(SpecError((problem, Problem("FR001", "odd")), file="w.yaml"), ExitCode.INVALID)
    assert answer.envelope()["diagnostics"] == [
        {
            "code": "FR101",
            "severity": "error",
            "message": "no key `nedes`",
            "file": "w.yaml",
            "line": 4,
            "column": 5,
            "where": "steps.a.nedes",
            "hint": "needs",
            "other": {"line": 2, "column": 3, "label": "here"},
        },
        {
            "code": "FR001",
            "severity": "error",
            "message": "odd",
            "file": "w.yaml",
            "line": None,
            "column": None,
            "where": "",
            "hint": None,
            "other": None,
        },
    ]
