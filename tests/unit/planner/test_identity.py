from __future__ import annotations

from typing import Any

import pytest

from flowrun.core.plan import Concurrency, OnConflict, Plan
from flowrun.planner.build import build
from flowrun.planner.identity import Nameless, identified, supposed
from flowrun.spec.loader import load
from flowrun.spec.models import Workflow


def workflow(head: str) -> Workflow:
    inputs = "inputs: {day: {type: string, default: x}, many: {type: list, default: []}}"
    loaded = load(f"flowrun: 1\nname: w\n{inputs}\n{head}\nsteps: {{a: {{release: A}}}}\n", "w.yaml")
    assert loaded.workflow is not None, loaded.problems
    return loaded.workflow


def made(head: str, **inputs: Any) -> Plan:
    written = workflow(head)
    return identified(build(written), written, {"day": "mo", "many": [], **inputs})


def test_key_and_group_are_made_of_the_inputs() -> None:
    plan = made("run_key: k-${{ inputs.day }}\nconcurrency: {group: 'g-${{ workflow.name }}', on_conflict: cancel}")
    assert plan.key == "k-mo"
    assert plan.concurrency == Concurrency("g-w", OnConflict.CANCEL)


def test_a_number_is_its_text() -> None:
    assert made("run_key: ${{ inputs.day }}", day=7).key == "7"


def test_a_workflow_without_either_has_none() -> None:
    plan = made("")
    assert (plan.key, plan.concurrency) == ("", None)


@pytest.mark.parametrize(
    ("value", "found"), [("", "not empty"), ([1], "must be a text or a number"), ("x" * 201, "201 characters")]
)
def test_what_is_no_name_is_refused(value: Any, found: str) -> None:
    with pytest.raises(Nameless, match=found) as caught:
        made("run_key: ${{ inputs.day }}", day=value)
    assert caught.value.key == ("run_key",)
    written = workflow("run_key: ${{ inputs.day }}")
    assert supposed(build(written), written, {"day": value}) == build(written)


def test_a_group_that_is_no_name_says_where_it_stands() -> None:
    with pytest.raises(Nameless) as caught:
        made("concurrency: {group: '${{ inputs.many }}'}")
    assert caught.value.key == ("concurrency", "group")
