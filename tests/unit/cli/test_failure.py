"""The flags that matter to an error are found without click."""

from __future__ import annotations

import pytest

from flowrun import api
from flowrun.cli.console import FORMS
from flowrun.cli.failure import failure, flag
from flowrun.errors import Position, Problem, SpecError

NAMES = ("-o", "--output")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["run", "-o", "json"], "json"),
        (["run", "-ojson"], "json"),
        (["run", "--output", "json"], "json"),
        (["run", "--output=jsonl"], "jsonl"),
        (["run", "-o"], None),
        (["run", "-o", "xml"], None),
        (["run", "--", "-o", "json"], None),
        (["run", "--outputs", "json"], None),
        ([], None),
    ],
)
def test_the_form_is_found(arguments: list[str], found: str | None) -> None:
    assert flag(arguments, NAMES, FORMS) == found


@pytest.mark.parametrize(("code", "leaves"), [(None, 1), ("text", 1), (0, 0), (4, 4)])
def test_a_command_that_leaves_by_itself_keeps_its_code(code: object, leaves: int) -> None:
    assert failure(SystemExit(code), []) == leaves


def test_the_problems_of_a_file_are_shown_with_their_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    problem = Problem("FR101", "there is no key `nedes` here", Position(1, 1), "nedes", "did you mean `needs`?")
    error = SpecError((problem,), file="w.yaml", text="nedes: a\n")
    assert failure(error, ["plan", "w.yaml"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert api.render_problems((problem,), "nedes: a\n", "w.yaml", color=False).rstrip("\n") in err
    assert err.endswith("flowrun: w.yaml: 1 problem\n")
    assert "\x1b" not in err
