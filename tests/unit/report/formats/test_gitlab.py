"""A code quality report of runs, against its golden files and the documented form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowrun.report.fold import fold
from flowrun.report.formats.gitlab import render
from tests.golden.reports.examples import EXAMPLES, FAILED, SUCCEEDED, golden
from tests.published import check_code_quality


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_as_the_golden_file_has_it(name: str) -> None:
    assert render(fold(EXAMPLES[name])) == golden(name, "gitlab").read_text()


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_as_documented(name: str) -> None:
    check_code_quality(render(replace(fold(EXAMPLES[name]), origin={"file": "close.yaml"})))


def test_it_lists_what_failed_and_nothing_else() -> None:
    failed = check_code_quality(render(replace(fold(FAILED), origin={"file": "close.yaml"})))
    assert [(one["check_name"], one["severity"]) for one in failed] == [
        ("faulted", "major"),
        ("expression", "major"),
        ("timeout", "minor"),
    ]
    assert {one["location"]["path"] for one in failed} == {"close.yaml"}
    assert render(fold(SUCCEEDED)) == "[]\n"
