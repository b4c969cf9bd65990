"""A code quality report, as GitLab documents it."""

from __future__ import annotations

from flowrun.report.findings.codequality import write
from flowrun.report.findings.finding import Finding
from tests.published import check_code_quality

FOUND = Finding("FR104", "error", "no such step", "specs/a.yaml", 3, 7, "steps.a.needs", "did you\nmean `b`?")


def test_nothing_is_an_empty_list() -> None:
    assert check_code_quality(write([])) == []


def test_a_violation_has_all_that_is_required() -> None:
    (one,) = check_code_quality(write([FOUND]))
    assert one["description"] == "steps.a.needs: no such step (did you mean `b`?)"
    assert (one["check_name"], one["severity"]) == ("FR104", "major")
    assert one["location"] == {"path": "specs/a.yaml", "lines": {"begin": 3}}


def test_equal_ones_have_fingerprints_of_their_own() -> None:
    assert len(check_code_quality(write([FOUND, FOUND, FOUND]))) == 3


def test_what_has_no_line_begins_at_the_first_and_what_has_no_file_is_left_out() -> None:
    found = [Finding("faulted", "warning", "busy", "a.yaml"), Finding("faulted", "error", "busy")]
    (one,) = check_code_quality(write(found))
    assert (one["severity"], one["location"]["lines"]["begin"]) == ("minor", 1)
