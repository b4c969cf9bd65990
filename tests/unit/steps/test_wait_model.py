from __future__ import annotations

import pytest
from pydantic import ValidationError

from flowrun.core.plan import Json
from flowrun.steps.wait_model import WaitStep


@pytest.mark.parametrize(
    ("wait", "arguments"),
    [
        ({"for": "10m"}, {"for": 600.0}),
        ({"for": "${{ inputs.minutes }}m"}, {"for": "${{ inputs.minutes }}m"}),
        ({"until": "inputs.when"}, {"until": "${{ inputs.when }}"}),
        ({"until": "${{ inputs.when }}"}, {"until": "${{ inputs.when }}"}),
    ],
)
def test_the_parcel(wait: Json, arguments: Json) -> None:
    step = WaitStep.model_validate({"wait": wait}).step("w")
    assert (step.kind, step.arguments) == ("wait", {"wait": arguments})


@pytest.mark.parametrize("wait", [{}, {"for": "1m", "until": "x"}, {"for": 5}, "5m", {"until": ""}])
def test_what_is_no_wait(wait: Json) -> None:
    with pytest.raises(ValidationError):
        WaitStep.model_validate({"wait": wait})
