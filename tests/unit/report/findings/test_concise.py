"""A line for each finding."""

from __future__ import annotations

from flowrun.report.findings.concise import write
from flowrun.report.findings.finding import Finding


def test_a_line_names_place_code_and_what_is_wrong() -> None:
    found = [
        Finding("FR104", "error", "no such\nstep", "a.yaml", 3, 7, "steps.a", "a hint"),
        Finding("FR450", "warning", "never runs", "a.yaml", 4, 1),
        Finding("FR804", "error", "no value", "a.yaml"),
        Finding("faulted", "error", "busy", about="post[EU]"),
    ]
    assert write(found).splitlines() == [
        "a.yaml:3:7: FR104 steps.a: no such step",
        "a.yaml:4:1: FR450 warning: never runs",
        "a.yaml: FR804 no value",
        "faulted post[EU]: busy",
    ]
