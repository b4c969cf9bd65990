"""Text, against its golden files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowrun.report.fold import fold
from flowrun.report.formats.text import render
from tests.golden.reports.examples import EXAMPLES, RUNNING, SUCCEEDED, golden


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_as_the_golden_file_has_it(name: str) -> None:
    assert render(fold(EXAMPLES[name])) == golden(name, "text").read_text()


def test_outputs_are_json() -> None:
    assert '  documents = ["4711", "4712"]' in render(fold(SUCCEEDED)).splitlines()


def test_what_a_run_waits_for_stands_beside_it() -> None:
    waits = {"": "for its turn, behind run q", "post": "for a slot of sap"}
    shown = render(replace(fold(EXAMPLES["running"]), waits=waits))
    assert "\nwaits for its turn, behind run q\n" in shown
    (line,) = (line for line in shown.splitlines() if line.startswith("post "))
    assert line.endswith(", waits for a slot of sap")


def test_says_how_what_drove_it_was_ended() -> None:
    left = replace(fold(RUNNING), interrupted=True, stranded="its workflow was terminated in Temporal (cleaning up)")
    lines = render(left).splitlines()
    assert f"its workflow was terminated in Temporal (cleaning up): flowrun runs resume {left.run_id}" in lines
