"""Fixes: certain ones alone, at the place, and nothing else of the text."""

from __future__ import annotations

import pytest

from flowrun.errors import Edit, Position, Problem
from flowrun.spec import loader
from flowrun.spec.fixes import applied

HEAD = "flowrun: 1\nname: n\nsteps:\n  a: {release: R}\n"


def fixed(text: str) -> str:
    return applied(text, loader.load(text, "").problems)[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("b: {releas: R}", "b: {release: R}"),
        ("b: {Release: R}", "b: {release: R}"),
        ("b: {release: R, stratgy: All}", "b: {release: R, strategy: All}"),
        ("b: {release: R, dependsOn: a}", "b: {release: R, needs: a}"),
        ("b: {release: R, depends_on: [a]}", "b: {release: R, needs: [a]}"),
        ("b: {process: R, args: {in_A: 1}}", "b: {release: R, input_arguments: {in_A: 1}}"),
        ("b: {release: R, timeout-minutes: 30}", "b: {release: R, timeout: 30m}"),
        ("b: {release: R, allow_failure: true}", "b: {release: R, continue_on_error: true}"),
        ("b: {release: R, retries: 2}", "b: {release: R, retry: 2}"),
        ("b: {release: R, priority: High}", "b: {release: R, job_priority: High}"),
        ("b: {release: R, strategy: modern_jobs_count}", "b: {release: R, strategy: ModernJobsCount}"),
        ("b: {release: R, outputs: {T: {type: text}}}", "b: {release: R, outputs: {T: {type: string}}}"),
        ("b: {release: R, outputs: {T: {required: no}}}", "b: {release: R, outputs: {T: {required: false}}}"),
        ("b: {release: R, input_arguments: {in_A: 'x {{ run.id }}'}}", None),
        ("b: {release: R, input_arguments: {in_A: ${{ run.id }}, in_B: [${{ run.id }}]}}", None),
    ],
)
def test_what_is_certain(before: str, after: str | None) -> None:
    after = after or before.replace("'x {{", "'x ${{").replace(": ${{ run.id }}", ': "${{ run.id }}"').replace(
        "[${{ run.id }}]", '["${{ run.id }}"]'
    )
    text = f"{HEAD}  {before}  # why\n"
    made = fixed(text)
    assert made == f"{HEAD}  {after}  # why\n"
    assert not any(one.fix for one in loader.load(made, "").problems)


@pytest.mark.parametrize(
    "line",
    [
        "b: {release: R, when: x}",  # an `if` may say something else
        "b: {release: R, dependsOn: 'a && b'}",  # no step
        "b: {release: R, needs: a, dependsOn: a}",  # it is there already
        "b: {release: R, timeout-minutes: '${{ inputs.t }}'}",
        "b: {release: R, retries: {limit: 2}}",
        "b: {release: R, priority: 5}",
        "b: {release: R, 'stratgy': All}",  # written in quotes, which are not what the name says
        "b: {release: R, quark: 1}",
        "b: {release: R, input_arguments: {in_A: 0065}}",  # two readings
        "b: {release: R, strategy: Everything}",
    ],
)
def test_what_is_not_certain(line: str) -> None:
    text = f"{HEAD}  {line}\n"
    loaded = loader.load(text, "")
    assert any(one.severity == "error" for one in loaded.problems)
    assert applied(text, loaded.problems) == (text, 0)


def test_two_near_keys_are_one_too_many() -> None:
    text = "flowrun: 1\nname: n\ninputs: {a: {type: integer, mix: 1}}\nsteps: {b: {wait: {for: 1s}}}\n"
    assert fixed(text) == text


def test_line_ends_and_marks_stay() -> None:
    text = "\ufeff" + f"{HEAD}  é: 1\r\n  b: {{releas: R}}\r\n".replace("  é: 1\r\n", "  # é\r\n")
    assert fixed(text) == text.replace("releas:", "release:")


def test_of_those_that_overlap_the_first_is_taken() -> None:
    def problem(start: int, end: int, text: str) -> Problem:
        return Problem("FR101", "", fix=(Edit(Position(1, start), Position(1, end), text),))

    assert applied("abcd", [problem(1, 3, "X"), problem(2, 4, "Y"), problem(4, 5, "Z")]) == ("XcZ", 2)
    assert applied("abcd", [problem(1, 1, "$"), problem(1, 1, "$")]) == ("$abcd", 1)
