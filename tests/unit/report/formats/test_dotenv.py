"""Variables for later steps, against golden files, and as a shell and GitLab read them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from flowrun.report.fold import fold
from flowrun.report.formats.dotenv import render
from tests.golden.reports.examples import EXAMPLES, SUCCEEDED, golden

WILD = {
    "plain": "a/b-c.xlsx",
    "with blank": "a b",
    "Lines": "a\nPATH=/tmp\n",
    "number": 12,
    "list": ["x", {"y": None}],
    "LIST": "the second of the name",
    "empty": "",
    "code": "$(touch /tmp/never)",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_as_the_golden_file_has_it(name: str) -> None:
    assert render(fold(EXAMPLES[name])) == golden(name, "dotenv").read_text()


def test_every_line_is_a_name_and_a_value_whatever_a_robot_returned() -> None:
    lines = render(replace(fold(SUCCEEDED), outputs=WILD)).splitlines()
    assert all(re.fullmatch(r"FLOWRUN_[A-Z0-9_]+=.*", line) for line in lines)
    assert dict(line.split("=", 1) for line in lines) == {
        "FLOWRUN_RUN_ID": "20260921-101320-k7",
        "FLOWRUN_STATUS": "succeeded",
        "FLOWRUN_OUTPUT_PLAIN": "a/b-c.xlsx",
        "FLOWRUN_OUTPUT_WITH_BLANK": '"a b"',
        "FLOWRUN_OUTPUT_LINES": r'"a\nPATH=/tmp\n"',
        "FLOWRUN_OUTPUT_NUMBER": "12",
        "FLOWRUN_OUTPUT_LIST": '["x",{"y":null}]',
        "FLOWRUN_OUTPUT_EMPTY": "",
        "FLOWRUN_OUTPUT_CODE": '"$(touch /tmp/never)"',
    }
