"""Parcels are read with tolerance and made safe to show."""

from __future__ import annotations

import pytest

from flowrun.core.plan import Json
from flowrun.report.approval import ApprovalFact
from flowrun.report.model import JobFact
from flowrun.report.parcels import answered, asked, job_facts, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünïcode 漢字", "plain ünïcode 漢字"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb", "a\nb"),
        ("\x1b[2J", "\ufffd[2J"),
        ("\x9b31m", "\ufffd31m"),
        ("over\rwritten", "over\ufffdwritten"),
        ("\u202eexe.txt", "\ufffdexe.txt"),
        ("\x00\ud800\uffff", "\ufffd\ufffd\ufffd"),
    ],
)
def test_what_could_steer_a_terminal_is_replaced(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    "job",
    [
        {"id": 7, "key": "k", "state": "Faulted", "info": "no", "robot": "R1"},
        {"Id": 7, "Key": "k", "State": "Faulted", "Info": "no", "Robot": {"Name": "R1"}},
        {"id": 7, "key": "k", "state": "Faulted", "info": "no", "host_machine_name": "R1", "robot": None},
    ],
)
def test_jobs_are_read_in_any_case(job: dict[str, object]) -> None:
    assert job_facts({"jobs": [job]}) == (JobFact(7, "k", "Faulted", "no", "R1"),)


@pytest.mark.parametrize("parcel", [None, 3, [], {}, {"jobs": None}, {"jobs": "x"}, {"jobs": [1, None]}])
def test_anything_else_has_no_jobs(parcel: object) -> None:
    assert job_facts(parcel) == ()


def test_a_robots_words_are_made_safe() -> None:
    assert job_facts({"jobs": [{"info": "\x1b]0;title\x07"}]})[0].info == "\ufffd]0;title\ufffd"


def test_a_handle_of_an_approval_says_what_is_asked() -> None:
    fact = asked({"instructions": "Pay\x1b[31m?", "asked": 5.0, "until": None})
    assert fact == ApprovalFact("Pay\N{REPLACEMENT CHARACTER}[31m?", 5.0, None)
    others: list[Json] = [None, {}, {"until": 9.0}, {"jobs": []}, {"instructions": 3}, "x"]
    assert [asked(other) for other in others] == [None] * 6


def test_facts_answer_the_question_and_only_that() -> None:
    question = ApprovalFact("Pay?", 5.0, 9.0)
    given = answered(question, {"approval": {"decision": "approved", "by": "an\x07na", "at": 7, "comment": None}})
    assert given == ApprovalFact("Pay?", 5.0, 9.0, "approved", "an\N{REPLACEMENT CHARACTER}na", 7.0, "")
    assert answered(question, None) == question
    assert answered(None, {"approval": {"decision": "approved"}}) is None
