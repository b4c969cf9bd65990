from __future__ import annotations

import json

import pytest

from flowrun.core.plan import Json
from flowrun.steps.inputs import InputModel, is_date
from flowrun.steps.model import OutputModel


def declared(**keys: Json) -> InputModel:
    return InputModel.model_validate(keys)


@pytest.mark.parametrize(
    ("keys", "value", "expected"),
    [
        ({"type": "string"}, "x", None),
        ({"type": "string"}, 1, "of type string"),
        ({"type": "string", "pattern": r"^\d+$"}, "12", None),
        ({"type": "string", "pattern": r"^\d+$"}, "a", r"a text that matches ^\d+$"),
        ({"type": "string", "min": 2}, "a", "at least 2 long"),
        ({"type": "integer"}, True, "of type integer"),
        ({"type": "integer"}, 1.5, "of type integer"),
        ({"type": "number", "max": 3}, 3.5, "at most 3"),
        ({"type": "boolean"}, False, None),
        ({"type": "boolean"}, 0, "of type boolean"),
        ({"type": "choice", "options": ["EU", "US"]}, "EU", None),
        ({"type": "choice", "options": ["EU", "US"]}, "Asia", "one of EU, US"),
        ({"type": "date"}, "2024-02-29", None),
        ({"type": "date"}, "2023-02-29", "a date such as 2026-10-31"),
        ({"type": "date", "min": "2026-01-01"}, "2025-12-31", "at least 2026-01-01"),
        ({"type": "list", "max": 1}, [1, 2], "at most 1 long"),
        ({"type": "object"}, [], "of type object"),
    ],
)
def test_what_an_input_accepts(keys: dict[str, Json], value: Json, expected: str | None) -> None:
    assert declared(**keys).expected(value) == expected


def test_an_input_without_default_must_be_given_unless_it_says_otherwise() -> None:
    assert declared(type="string").must_be_given
    assert not declared(type="string", default="x").must_be_given
    assert not declared(type="string", default=None).must_be_given
    assert not declared(type="string", required=False).must_be_given


def test_null_may_be_the_default_of_what_is_not_required() -> None:
    assert list(declared(type="string", default=None, required=False).faults()) == []


def test_days_of_the_calendar() -> None:
    assert [day for day in ("2000-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "x") if is_date(day)] == [
        "2000-02-29"
    ]


def test_a_list_is_also_an_array_and_an_array_a_list() -> None:
    assert InputModel.model_validate({"type": "array", "min": 1}).expected([]) == "at least 1 long"
    assert OutputModel.model_validate({"type": "list"}).contract()["type"] == "array"


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"type": "choice", "options": ["EU", "US"], "default": "EU"},
        {"type": "date", "min": "2026-01-01", "default": None, "required": False},
        {"type": "string", "pattern": "^x", "description": "What it is for", "max": 3},
        {"type": "list", "default": [{"a": 1.5}]},
    ],
)
def test_a_declaration_is_plain_json_and_reads_back(keys: dict[str, Json]) -> None:
    written = declared(**keys).declaration()
    assert json.loads(json.dumps(written)) == written == keys
    assert InputModel.model_validate(written) == declared(**keys)
