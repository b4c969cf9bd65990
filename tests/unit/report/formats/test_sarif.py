"""SARIF of runs, against its golden files and the published schema."""

from __future__ import annotations

import pytest

from flowrun.report.fold import fold
from flowrun.report.formats.sarif import render
from tests.golden.reports.examples import EXAMPLES, golden
from tests.published import check_sarif


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_as_the_golden_file_has_it(name: str) -> None:
    assert render(fold(EXAMPLES[name])) == golden(name, "sarif").read_text()


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_valid_by_the_schema_and_says_which_run_it_is(name: str) -> None:
    report = fold(EXAMPLES[name])
    (run,) = check_sarif(render(report))["runs"]
    assert run["properties"]["run"] == report.run_id
