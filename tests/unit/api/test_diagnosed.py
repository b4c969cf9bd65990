"""What checking came to, for other programs."""

from __future__ import annotations

import pytest

from flowrun.api.diagnosed import Page, diagnostics, findings
from flowrun.errors import Position, Problem, UsageError
from tests.published import check_junit

ERROR = Problem("FR104", "no such key", Position(2, 3), "steps.a", "write b")
WARNING = Problem("FR450", "never runs", Position(3, 3), "steps.b", severity="warning")
TEXT = "flowrun: 1\n  a: 1\n  b: 2\n"


def test_a_problem_that_stands_on_two_pages_is_told_once() -> None:
    page = Page("a.yaml", TEXT, (ERROR, WARNING))
    assert [one.rule for one in findings([page, page])] == ["FR104", "FR450"]


def test_in_junit_each_file_is_a_case_and_warnings_alone_pass() -> None:
    pages = [Page("a.yaml", TEXT, (ERROR, WARNING)), Page("b.yaml", TEXT, (WARNING,)), Page("c.yaml", TEXT, ())]
    root = check_junit(diagnostics("junit", pages))
    assert (root.get("tests"), root.get("errors"), root.get("failures")) == ("3", "1", "0")
    (error,) = root.iter("error")
    assert "a.yaml:2:3: FR104" in (error.text or "")


def test_another_form_is_refused() -> None:
    with pytest.raises(UsageError, match="no form 'html'"):
        diagnostics("html", [])
