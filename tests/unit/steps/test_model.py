from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from flowrun.core.plan import (
    Backoff,
    Condition,
    FanOut,
    Jitter,
    Json,
    Need,
    OnEmpty,
    RetryRule,
    Stage,
    Tolerance,
)
from flowrun.steps.job.model import JobStep
from flowrun.steps.model import STOP_TIMEOUT, fits, needs_of


def step(**keys: Json) -> JobStep:
    return JobStep.model_validate({"release": "A", **keys})


def refused(**keys: Json) -> list[tuple[str, tuple[Any, ...]]]:
    with pytest.raises(ValidationError) as caught:
        step(**keys)
    return [(error["type"], error["loc"]) for error in caught.value.errors()]


def test_a_step_of_a_plan() -> None:
    made = step(
        needs=["a", {"step": "b", "optional": True}],
        fan_out={
            "matrix": {"m": [1]},
            "key": "${{ matrix.m }}",
            "tolerate": "5%",
            "fail_fast": True,
            "on_empty": "skip",
        },
        retry=[
            {"errors": ["faulted"], "match": "x", "max": 2, "backoff": {"initial": "1s", "max": "5m", "jitter": "full"}}
        ],
        continue_on_error=["timeout"],
        timeout="1m",
        pending_timeout="2m",
        stop_timeout="0s",
        outputs={"X": {"type": "integer", "default": 3}, "Y": {}},
    ).step("s", Stage.FINALLY, Condition("always()", asks_status=True))
    assert (made.id, made.kind, made.stage) == ("s", "job", Stage.FINALLY)
    assert made.needs == (Need("a"), Need("b", optional=True))
    assert made.fan_out == FanOut(
        {"m": [1]}, key="${{ matrix.m }}", fail_fast=True, tolerate=Tolerance(percent=5.0), on_empty=OnEmpty.SKIP
    )
    assert made.retry == (RetryRule(("faulted",), 2, "x", Backoff(1.0, 2.0, 300.0, Jitter.FULL)),)
    assert (made.timeout, made.pending_timeout, made.stop_timeout) == (60.0, 120.0, 0.0)
    assert (made.continue_on_error, made.defaults) == (("timeout",), {"X": 3})
    assert made.outputs == ("X", "Y")
    assert made.condition == Condition("always()", asks_status=True)


def test_what_is_not_written_has_the_defaults_of_a_plan() -> None:
    made = step().step("s")
    assert (made.needs, made.retry, made.fan_out, made.condition, made.timeout) == ((), (), None, None, None)
    assert made.stop_timeout == STOP_TIMEOUT
    assert made.stage is Stage.STEPS


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        (0, ()),
        (2, (RetryRule(("*",), 2, None, Backoff()),)),
        ([{"max": 1}], (RetryRule(("*",), 1, None, Backoff()),)),
    ],
)
def test_retries(written: Json, rules: tuple[RetryRule, ...]) -> None:
    assert step(retry=written).step("s").retry == rules


def test_failures_that_are_let_through() -> None:
    assert step(continue_on_error=True).continue_on_error == ("*",)
    assert step(continue_on_error=False).continue_on_error == ()


def test_a_condition_may_be_a_plain_boolean() -> None:
    assert step(**{"if": True}).if_ == "true"
    assert step(**{"if": "a > 1"}).if_ == "a > 1"


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({"nedds": 1}, ("extra_forbidden", ("nedds",))),
        ({"if_": "x"}, ("extra_forbidden", ("if_",))),
        ({"needs": [{"step": "a", "optional": "no"}]}, ("bool_type", ("needs", 0, "optional"))),
        ({"needs": 1}, ("FR103", ("needs",))),
        ({"retry": [{"errors": ["nonsense"], "max": 1}]}, ("FR107", ("retry", 0, "errors"))),
        ({"retry": [{"max": True}]}, ("FR103", ("retry", 0, "max"))),
        ({"retry": [{"max": 1, "match": "("}]}, ("FR204", ("retry", 0, "match"))),
        ({"fan_out": {"matrix": {"a": 1}}}, ("FR103", ("fan_out", "matrix"))),
        ({"fan_out": {"matrix": {"a": [1]}, "tolerate": "101%"}}, ("FR217", ("fan_out", "tolerate"))),
        ({"timeout": "0s"}, ("FR202", ("timeout",))),
        ({"outputs": {"X": {"type": "integer", "default": "x"}}}, ("FR214", ("outputs", "X"))),
    ],
)
def test_refusals_name_their_code_and_their_place(keys: dict[str, Json], found: tuple[str, tuple[Any, ...]]) -> None:
    assert refused(**keys) == [found]


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ("x", {"string", "any"}),
        (1, {"integer", "number", "any"}),
        (1.5, {"number", "any"}),
        (True, {"boolean", "any"}),
        ([], {"array", "any"}),
        ({}, {"object", "any"}),
        (None, {"any"}),
    ],
)
def test_types_of_values(value: Json, kinds: set[str]) -> None:
    assert {
        kind for kind in ("string", "integer", "number", "boolean", "array", "object", "any") if fits(value, kind)
    } == kinds


def test_needs_of_a_broken_step() -> None:
    assert needs_of(None) == ()
    assert needs_of({"step": 1}) is None
    assert [need.step for need in needs_of(["a"]) or ()] == ["a"]
