from __future__ import annotations

import pytest

from flowrun.report.approval import ApprovalFact, answering
from flowrun.report.fold import fold
from tests.golden.reports.examples import ANSWERED, ASKING, T


def test_an_answer_says_who_when_and_why() -> None:
    fact = ApprovalFact("Pay?", T, None, "approved", "anna", T + 60, "paid\nbefore")
    assert fact.answer == "approved by anna at 2026-09-21T14:14:20Z: paid"
    assert ApprovalFact("Pay?", T).answer == ""


@pytest.mark.parametrize(
    ("name", "typed"), [("sign_off", "sign_off"), ("ask[EU]", "'ask[EU]'"), ("ask[a b's]", "'ask[a b'\"'\"'s]'")]
)
def test_the_command_can_be_typed_into_a_shell(name: str, typed: str) -> None:
    assert answering("r1", name) == f"flowrun runs approve r1 {typed}"


def test_who_asks_now() -> None:
    assert [(name, leg.asks) for name, leg in fold(ASKING).approvals()] == [
        ("sign_off", True),
        ("regions[EU]", True),
        ("regions[US]", False),
    ]
    assert not any(leg.asks for _, leg in fold(ANSWERED).approvals())
