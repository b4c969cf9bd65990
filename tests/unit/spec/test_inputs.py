from __future__ import annotations

import pytest

from flowrun.core.plan import Json
from flowrun.spec.inputs import check_inputs
from flowrun.spec.loader import load
from flowrun.spec.models import Workflow

TEXT = """
flowrun: 1
name: x
inputs:
  period: {type: string, pattern: '^\\d{4}-\\d{2}$', description: The month to close.}
  count: {type: integer, default: 1, max: 9}
  share: {type: number, required: false}
  dry: {type: boolean, default: false}
  rows: {type: list, default: []}
  extra: {type: object, default: {}}
steps: {a: {release: A}}
outputs: {all: "${{ inputs }}"}
"""


@pytest.fixture(scope="module")
def workflow() -> Workflow:
    found = load(TEXT, "x.yaml").workflow
    assert found is not None
    return found


def test_a_text_becomes_the_declared_type(workflow: Workflow) -> None:
    given = {"period": "2026-10", "count": "7", "share": "0.5", "dry": "true", "rows": "[1]", "extra": '{"a": null}'}
    values, found = check_inputs(workflow.inputs, given, set(given))
    assert found == ()
    assert values == {"period": "2026-10", "count": 7, "share": 0.5, "dry": True, "rows": [1], "extra": {"a": None}}


def test_defaults_stand_in_and_what_is_not_required_is_null(workflow: Workflow) -> None:
    values, found = check_inputs(workflow.inputs, {"period": "2026-10"})
    assert found == ()
    assert values == {"period": "2026-10", "count": 1, "share": None, "dry": False, "rows": [], "extra": {}}


@pytest.mark.parametrize(
    ("given", "as_text", "code"),
    [
        ({}, False, "FR222"),
        ({"period": "2026-10", "perod": "x"}, True, "FR221"),
        ({"period": "October"}, True, "FR223"),
        ({"period": "2026-10" + " " * 10_000}, True, "FR223"),
        ({"period": "2026-10", "count": "many"}, True, "FR223"),
        ({"period": "2026-10", "count": "1.5"}, True, "FR223"),
        ({"period": "2026-10", "count": "10"}, True, "FR223"),
        ({"period": "2026-10", "count": "7"}, False, "FR223"),
        ({"period": "2026-10", "count": "9" * 99}, True, "FR223"),
        ({"period": "2026-10", "dry": "yes"}, True, "FR223"),
        ({"period": "2026-10", "rows": "{}"}, True, "FR223"),
        ({"period": "2026-10", "rows": "[NaN]"}, True, "FR223"),
        ({"period": "2026-10", "extra": "{"}, True, "FR223"),
        ({"period": "2026-10", "extra": '{"a": 1, "a": 2}'}, True, "FR223"),
        ({"period": "2026-10", "rows": "[1e999]"}, True, "FR223"),
        ({"period": 202610}, False, "FR223"),
        ({"period": None}, False, "FR223"),
    ],
)
def test_what_does_not_fit_is_refused(
    workflow: Workflow,
    given: dict[str, Json],
    as_text: bool,  # noqa: FBT001 - a case of the table
    code: str,
) -> None:
    _, found = check_inputs(workflow.inputs, given, set(given) if as_text else set())
    assert [problem.code for problem in found] == [code]


def test_bytes_that_are_no_text_are_refused() -> None:
    found = load("flowrun: 1\nname: x\ninputs: {s: {}}\nsteps: {a: {release: A}}", "x.yaml").workflow
    assert found is not None
    _, problems = check_inputs(found.inputs, {"s": "caf\udce9"}, {"s"})
    assert [problem.code for problem in problems] == ["FR223"]


def test_the_name_that_was_meant_is_said(workflow: Workflow) -> None:
    _, found = check_inputs(workflow.inputs, {"perod": "2026-10"}, {"perod"})
    assert [problem.code for problem in found] == ["FR221", "FR222"]
    assert found[0].hint == 'Did you mean "period"?'
    assert found[1].message == "the input `period` is missing (string: The month to close)"


def test_null_is_a_value_of_what_is_not_required(workflow: Workflow) -> None:
    values, found = check_inputs(workflow.inputs, {"period": "2026-10", "share": None})
    assert found == ()
    assert values["share"] is None
