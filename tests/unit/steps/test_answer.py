from __future__ import annotations

from flowrun.core.status import Failed, Succeeded
from flowrun.simulation.virtual import EPOCH
from flowrun.steps.answer import OUTPUTS, Answer, Decision, instant


def test_what_is_approved_has_the_inputs_beside_who_and_when() -> None:
    outcome = Answer(Decision.APPROVED, "anna", EPOCH, "paid before", {"Amount": 12.5}).outcome()
    assert isinstance(outcome, Succeeded)
    assert outcome.outputs == {
        "decision": "approved",
        "by": "anna",
        "at": "2026-01-01T00:00:00Z",
        "comment": "paid before",
        "Amount": 12.5,
    }
    assert outcome.facts == {"approval": {"decision": "approved", "by": "anna", "at": EPOCH, "comment": "paid before"}}


def test_what_is_rejected_fails_with_who_and_why() -> None:
    outcome = Answer(Decision.REJECTED, "bob", EPOCH, "too much").outcome()
    assert isinstance(outcome, Failed)
    assert (outcome.error, outcome.message) == ("rejected", "rejected by bob: too much")
    assert set(outcome.outputs) == set(OUTPUTS)
    assert "rejected by bob" in str(Answer(Decision.REJECTED, "bob", EPOCH).outcome())


def test_an_instant_is_utc_to_the_second() -> None:
    assert instant(EPOCH + 61.9) == "2026-01-01T00:01:01Z"
