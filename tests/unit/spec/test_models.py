from __future__ import annotations

from flowrun.spec.models import DefaultsModel
from flowrun.steps.wait_model import WaitStep


def test_empty_defaults_leave_a_step_as_it_is() -> None:
    step = WaitStep.model_validate({"wait": {"for": "1m"}})
    assert DefaultsModel().applied(step) is step
