from __future__ import annotations

from flowrun.orchestrator.wire import Validation
from flowrun.steps.job.pending import reasons


def test_each_reason_once_in_words_and_with_its_code() -> None:
    said = Validation(is_valid=False, error_codes=("TemplateNoLicense", "TemplateNoLicense", "RobotBusy"))
    assert reasons(said) == (
        "the machines of the folder have no license for this runtime (TemplateNoLicense)",
        "the robot is busy (RobotBusy)",
    )


def test_a_reason_of_a_later_version_is_spelled_out() -> None:
    assert reasons(Validation(is_valid=False, error_codes=("MoonIsFull",))) == ("moon is full (MoonIsFull)",)


def test_what_is_not_about_waiting_is_left_out() -> None:
    assert reasons(Validation(is_valid=False, errors=("arguments are missing",))) == ()
