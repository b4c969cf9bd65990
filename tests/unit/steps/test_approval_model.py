from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from flowrun.steps.approval_model import ApprovalStep


def step(**approval: Any) -> ApprovalStep:
    return ApprovalStep.model_validate({"approval": {"instructions": "Pay it?", **approval}})


def test_the_parcel() -> None:
    inputs = {"Amount": {"type": "number", "min": 0}, "Kind": {"type": "choice", "options": ["a"]}}
    made = step(timeout="24h", inputs=inputs)
    planned = made.step("sign_off")
    assert (planned.kind, planned.timeout, planned.pending_timeout) == ("approval", None, None)
    assert planned.arguments == {
        "approval": {
            "instructions": "Pay it?",
            "inputs": inputs,
            "timeout": 86400.0,
            "on_timeout": "reject",
        }
    }
    assert step().step("ask").arguments == {"approval": {"instructions": "Pay it?"}}


def test_the_contract_follows_from_the_inputs() -> None:
    made = step(
        inputs={
            "Amount": {"type": "number"},
            "Day": {"type": "date"},
            "Rows": {"type": "array"},
            "Note": {"required": False},
            "Account": {"default": None},
        }
    )
    assert {name: output.type for name, output in made.outputs.items()} == {
        "decision": "string",
        "by": "string",
        "at": "string",
        "comment": "string",
        "Amount": "number",
        "Day": "string",
        "Rows": "array",
        "Note": "any",
        "Account": "any",
    }
    assert made.step("ask").outputs == tuple(made.outputs)


def test_the_times_of_defaults_are_those_of_jobs() -> None:
    made = step().model_copy(update={"timeout": 5.0, "pending_timeout": 5.0})
    assert (made.step("ask").timeout, made.step("ask").pending_timeout) == (None, None)


@pytest.mark.parametrize(
    ("approval", "codes"),
    [
        ({"on_timeout": "approve"}, ["FR261"]),
        ({"on_timeout": "approve", "timeout": "1h", "inputs": {"A": {}, "B": {"default": "x"}}}, ["FR263"]),
        ({"inputs": {"decision": {}, "comment": {}}}, ["FR262", "FR262"]),
        ({"inputs": {"a-b": {}}}, ["FR108"]),
        ({"inputs": {"A": {"description": "${{ inputs.x }}"}}}, ["FR318"]),
        ({"inputs": {"A": {"type": "choice"}}}, ["FR215"]),
        ({"timeout": "1h", "on_timeout": "reject", "inputs": {"A": {}}}, []),
    ],
)
def test_what_does_not_go_together(approval: Any, codes: list[str]) -> None:
    assert [fault.code for fault in step(**approval).faults()] == codes


@pytest.mark.parametrize("approval", [None, "Pay it?", {}, {"instructions": ""}, {"instructions": "x", "timeout": 5}])
def test_what_is_no_approval(approval: Any) -> None:
    with pytest.raises(ValidationError):
        ApprovalStep.model_validate({"approval": approval})


def test_nobody_promises_its_outputs_again() -> None:
    with pytest.raises(ValidationError, match="FR260"):
        ApprovalStep.model_validate({"approval": {"instructions": "Pay it?"}, "outputs": {"x": {}}})
