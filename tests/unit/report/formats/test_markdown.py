"""Markdown, against its golden files."""

from __future__ import annotations

import pytest

from flowrun.report.fold import fold
from flowrun.report.formats.markdown import render
from flowrun.report.markup import escaped
from tests.golden.reports.examples import EXAMPLES, FAILED, golden


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_as_the_golden_file_has_it(name: str) -> None:
    assert render(fold(EXAMPLES[name])) == golden(name, "md").read_text()


def test_every_row_of_the_table_has_six_cells() -> None:
    rows = [line for line in render(fold(FAILED)).splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {7}


@pytest.mark.parametrize(
    "text", ["<script>", "[x](javascript:1)", "**bold**", "a|b", "`code`", "![x](y)", "# head", "@all", "~~x~~"]
)
def test_nothing_of_a_robot_is_markup(text: str) -> None:
    assert not set("<>[]*|`!@~") & set(escaped(text))


def test_long_text_is_cut_and_line_breaks_go() -> None:
    assert escaped("a\nb") == "a b"
    assert len(escaped("x" * 10_000)) < 600
