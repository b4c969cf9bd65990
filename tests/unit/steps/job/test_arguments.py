from __future__ import annotations

import json

import pytest

from flowrun.orchestrator.wire import Release, ReleaseArguments
from flowrun.steps.job.arguments import Argument, gives, plain_type, takes

CORE = "System.Private.CoreLib, Version=8.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"


def release(inputs: str | None, outputs: str | None = None, preset: str | None = None) -> Release:
    arguments = ReleaseArguments(input=inputs, output=outputs)
    return Release(id=1, key="k", name="Post", arguments=arguments, input_arguments=preset)


@pytest.mark.parametrize(
    ("dotnet", "plain"),
    [
        (f"System.String, {CORE}", "string"),
        (f"System.Int32, {CORE}", "integer"),
        (f"System.Double, {CORE}", "number"),
        (f"System.Boolean, {CORE}", "boolean"),
        (f"System.String[], {CORE}", "array"),
        (f"System.Collections.Generic.List`1[[System.String, {CORE}]], {CORE}", "array"),
        (f"System.Collections.Generic.Dictionary`2[[System.String],[System.Object]], {CORE}", "object"),
        ("System.Data.DataTable, System.Data.Common", "any"),
        ("", "any"),
    ],
)
def test_plain_types(dotnet: str, plain: str) -> None:
    assert plain_type(dotnet) == plain


def test_what_it_takes_and_gives() -> None:
    items = [
        {"name": "in_A", "type": f"System.Int32, {CORE}", "required": True, "hasDefault": False},
        {"Name": "in_B", "Type": f"System.String, {CORE}", "Required": True, "HasDefault": True},
        {"name": "in_C", "type": f"System.String, {CORE}", "required": True},
    ]
    made = release(json.dumps(items), json.dumps([{"name": "out_X", "type": "?"}]), '{"in_C": "preset"}')
    assert takes(made) == {
        "in_A": Argument("in_A", "integer", required=True),
        "in_B": Argument("in_B", "string"),
        "in_C": Argument("in_C", "string"),
    }
    assert gives(made) == {"out_X": Argument("out_X")}


def test_none_at_all_is_not_the_same_as_none_published() -> None:
    assert takes(release("[]")) == {}
    assert takes(release(None)) is None
    assert takes(Release(id=1, key="k", name="Post")) is None


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", '[{"type": "x"}]', '[{"name": 3}]', "[" * 100_000])
def test_what_cannot_be_read_is_as_if_not_published(text: str) -> None:
    assert takes(release(text)) is None


def test_a_preset_that_cannot_be_read() -> None:
    made = release('[{"name": "a", "required": true}]', preset="{")
    assert takes(made) == {"a": Argument("a", required=True)}
