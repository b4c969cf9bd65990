"""JUnit, against its golden files and as an XML reader sees it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from flowrun.report.fold import fold
from flowrun.report.formats.junit import render
from tests.golden.reports.examples import DOUBT, EXAMPLES, FAILED, WRONG, golden
from tests.published import check_junit


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_as_the_golden_file_has_it(name: str) -> None:
    assert render(fold(EXAMPLES[name])) == golden(name, "junit").read_text()


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_valid_by_the_schema_of_jenkins(name: str) -> None:
    check_junit(render(fold(EXAMPLES[name])))


def test_each_step_is_a_case_and_each_leg_of_a_fan_out_too() -> None:
    names = [case.get("name") for case in ET.fromstring(render(fold(FAILED))).iter("testcase")]
    assert names == ["list", "fx", "post[EU]", "post[US]", "post[a]b|<c>]", "notes", "report", "unlock"]


def test_the_counts_agree_with_the_cases() -> None:
    root = ET.fromstring(render(fold(FAILED)))
    suite = root.find("testsuite")
    assert suite is not None
    assert suite.get("failures") == root.get("failures") == str(len(list(root.iter("failure")))) == "2"
    assert suite.get("skipped") == str(len(list(root.iter("skipped")))) == "2"


def test_a_message_comes_through_whole_but_for_its_control_characters() -> None:
    failure = next(ET.fromstring(render(fold(FAILED))).iter("failure"))
    assert failure.text == WRONG.replace("\x1b", "\ufffd")
    assert failure.get("type") == "faulted"


def test_a_failure_that_was_let_through_is_no_failure() -> None:
    cases = {case.get("name"): case for case in ET.fromstring(render(fold(FAILED))).iter("testcase")}
    assert cases["notes"].find("failure") is None
    assert "let through" in (cases["notes"].findtext("system-out") or "")


def test_what_is_in_doubt_is_an_error_not_a_failure() -> None:
    cases = {case.get("name"): case for case in ET.fromstring(render(fold(DOUBT))).iter("testcase")}
    error = cases["list"].find("error")
    assert error is not None
    assert error.get("type") == "unknown"
