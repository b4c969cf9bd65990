from __future__ import annotations

import pytest

from flowrun.core.status import AbortLevel, LegStatus, RunStatus, StepStatus


def test_what_is_final() -> None:
    assert {status for status in RunStatus if status.final} == {"succeeded", "failed", "cancelled"}
    assert {status for status in StepStatus if status.final} == {"succeeded", "failed", "skipped", "cancelled"}
    assert {status for status in LegStatus if status.final} == {"succeeded", "failed", "cancelled"}


def test_what_holds_a_slot() -> None:
    assert {status for status in LegStatus if status.active} == {"scheduled", "running", "stopping"}


@pytest.mark.parametrize(("softer", "harder"), [("drain", "stop"), ("stop", "kill")])
def test_aborts_have_an_order(softer: str, harder: str) -> None:
    assert AbortLevel(softer).rank < AbortLevel(harder).rank
