from __future__ import annotations

import json

import pytest

from flowrun.errors import UsageError
from flowrun.review.plan_file import read, sealed
from tests.unit.review.document import document

WHOLE = sealed(document())


def refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read(text, "plan.frp")
    return caught.value


def test_what_is_sealed_is_read_back_and_sealed_the_same() -> None:
    found = read(WHOLE, "plan.frp")
    assert found["inputs"] == {"period": "2026-10"}
    assert str(found["digest"]).startswith("sha256:")
    assert sealed(found) == WHOLE


@pytest.mark.parametrize("part", [0, 1, 40, len(WHOLE) // 2, len(WHOLE) - 3])
def test_a_part_is_no_plan_file(part: int) -> None:
    error = refused(WHOLE[:part])
    assert error.message.startswith("plan.frp is no plan file")
    assert error.hint == "Make it again: flowrun plan SPEC --out FILE."


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": 1}', '{"format": "flowrun.output/v1"}', "[" * 100_000])
def test_something_else_is_no_plan_file(text: str) -> None:
    assert refused(text).message.startswith("plan.frp is no plan file")


def test_another_version_is_told_with_the_way_out() -> None:
    error = refused(WHOLE.replace("flowrun.plan/1", "flowrun.plan/2"))
    assert error.message == "plan.frp is a plan file of version 2, and this flowrun reads version 1"
    assert error.hint is not None
    assert "flowrun plan SPEC --out FILE" in error.hint


def test_an_edit_is_noticed_wherever_it_is() -> None:
    for old, new in (("2026-10", "2026-11"), ("sha256:a", "sha256:b"), ('"prod"', '"dev"')):
        assert "was changed after it was made" in refused(WHOLE.replace(old, new, 1)).message


def test_a_new_digest_over_a_wrong_shape_does_not_make_it_a_plan_file() -> None:
    assert "has no steps as a plan file has it" in refused(sealed(document(steps={}))).message
    lacking = {name: value for name, value in document().items() if name != "target"}
    assert "has no target" in refused(sealed(lacking)).message


def test_layout_alone_is_no_edit() -> None:
    assert read(json.dumps(json.loads(WHOLE), indent=4), "plan.frp")["workflow"] == "close"
