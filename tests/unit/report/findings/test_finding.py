"""Findings: made of problems, and cut where there are too many."""

from __future__ import annotations

from flowrun.errors import Position, Problem
from flowrun.report.findings.finding import Finding, at_most, of_problems, worst_first

ERRORS = [Finding(f"FR{number}", "error", "wrong", "a.yaml", number) for number in range(1, 13)]
WARNINGS = [Finding(f"FR{number}", "warning", "odd", "a.yaml", number) for number in range(1, 4)]


def test_a_problem_keeps_its_place_and_its_words() -> None:
    problem = Problem("FR104", "no\x1b[31m", Position(3, 7), "steps.a", "write it", "warning")
    (found,) = of_problems([problem], "a.yaml", lambda file: f"specs/{file}")
    assert found == Finding("FR104", "warning", "no\ufffd[31m", "specs/a.yaml", 3, 7, "steps.a", "write it")


def test_a_problem_of_another_file_keeps_that_and_one_without_a_place_has_none() -> None:
    (found,) = of_problems([Problem("FR104", "no", file="b.yaml")], "a.yaml", str)
    assert (found.file, found.line, found.column, found.hint) == ("b.yaml", 0, 0, "")


def test_errors_come_first_and_otherwise_nothing_moves() -> None:
    assert worst_first([*WARNINGS, *ERRORS]) == [*ERRORS, *WARNINGS]


def test_what_is_too_much_is_counted_in_the_last_one() -> None:
    shown = list(at_most([*WARNINGS, *ERRORS], 10))
    assert shown[:9] == ERRORS[:9]
    assert shown[9] == Finding("", "error", "+3 more")
    assert shown[10:] == WARNINGS


def test_as_many_as_there_may_be_are_all_shown() -> None:
    assert list(at_most(ERRORS[:10], 10)) == ERRORS[:10]
