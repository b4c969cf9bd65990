from __future__ import annotations

from pathlib import Path
from string import Formatter

import pytest

from flowrun.errors import Position, Problem, UsageError
from flowrun.spec import problems
from flowrun.spec.codes import FAMILIES

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "problems.md"
TEXT = "flowrun: 1\nneeds: [extrct]\n"


def found(line: int, column: int, **changes: object) -> Problem:
    values: dict[str, object] = {"code": "FR401", "message": "no step", "position": Position(line, column), **changes}
    return Problem(**values)  # type: ignore[arg-type]


def test_codes_are_unique_and_in_their_family() -> None:
    entries = [entry for _, family in FAMILIES for entry in family]
    assert len({entry.code for entry in entries}) == len(entries)
    for title, family in FAMILIES:
        assert {entry.code[2] for entry in family} == {title[0]}


def test_every_code_has_its_words() -> None:
    for entry in problems.catalogue().values():
        assert entry.title, entry.code
        assert len(entry.explanation) > 20, entry.code
        fields = {name for _, name, _, _ in Formatter().parse(entry.wording) if name}
        hint = {name for _, name, _, _ in Formatter().parse(entry.hint or "") if name}
        assert hint <= fields | {"name", "decimal"}, entry.code


def test_the_reference_page_is_current() -> None:
    """Write it anew with `python -c "from flowrun.spec.problems import *; print(reference_page(), end='')"`."""
    assert PAGE.read_text(encoding="utf-8") == problems.reference_page()


def test_a_problem_is_shown_with_its_line() -> None:
    shown = problems.render(found(2, 9, where="needs[0]", hint="Did you mean?"), TEXT, "a.yaml")
    assert shown.split("\n") == [
        "a.yaml:2:9: FR401 needs[0]: no step",
        "  2 | needs: [extrct]",
        "    |         ^",
        "  hint: Did you mean?",
    ]


def test_a_second_place_is_shown_with_its_label() -> None:
    shown = problems.render(found(2, 1, other=Position(1, 1), other_label="first here"), TEXT, "a.yaml")
    assert shown.split("\n")[3:] == ["  1 | flowrun: 1", "    | ^ first here"]


def test_without_a_place_there_is_no_frame() -> None:
    shown = problems.render(found(1, 1, position=None, severity="warning"), TEXT, "a.yaml")
    assert shown == "a.yaml: FR401 warning: no step"


def test_colour_only_where_it_is_asked_for() -> None:
    assert "\x1b[" in problems.render(found(1, 1), TEXT, "a.yaml", color=True)
    assert "\x1b[" not in problems.render(found(1, 1), TEXT, "a.yaml")


def test_nothing_of_the_file_reaches_the_terminal_unseen() -> None:
    shown = problems.render(found(1, 1), "a: \x1b[31m\ud800\n", "a.yaml")
    assert "\x1b" not in shown
    shown.encode()


def test_a_long_line_is_cut_around_the_place() -> None:
    shown = problems.render(found(1, 5000), "x" * 4999 + "!" + "y" * 5000, "a.yaml").split("\n")
    assert len(shown[1]) < 200
    assert shown[1][shown[2].index("^")] == "!"


def test_problems_come_in_the_order_of_the_file_and_once() -> None:
    first, second, nowhere = found(1, 9), found(2, 1), found(1, 1, position=None)
    assert problems.in_order([nowhere, second, first, second]) == (first, second, nowhere)


def test_at_most_fifty_are_shown_errors_first_and_the_rest_counted() -> None:
    warnings = [found(1, column, severity="warning") for column in range(1, 41)]
    errors = [found(2, column) for column in range(1, 41)]
    part = problems.excerpt([*warnings, *errors])
    assert (len(part.shown), part.hidden) == (50, 30)
    assert sum(one.severity == "error" for one in part.shown) == 40
    assert problems.render_all([*warnings, *errors], TEXT, "a.yaml").endswith("\n\n... and 30 more")


def test_a_code_is_explained_and_an_unknown_one_refused() -> None:
    assert problems.explain("fr404").startswith("FR404: A cycle\n\nEach step of the cycle")
    with pytest.raises(UsageError, match="FR999"):
        problems.explain("FR999")
