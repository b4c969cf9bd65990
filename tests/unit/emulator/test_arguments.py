from __future__ import annotations

import json

import pytest

from flowrun.emulator.arguments import ArgumentError, complete, defaults, input_schema, output_schema, parse_object
from flowrun.emulator.entities import Argument

PATH = Argument("in_Path", "string", required=True)
COUNT = Argument("in_Count", "integer", default=3, has_default=True)


def test_the_input_schema_is_a_json_text_with_dotnet_types() -> None:
    first, second = json.loads(input_schema([PATH, COUNT]))
    assert first["name"] == "in_Path"
    assert first["type"].startswith("System.String, System.Private.CoreLib, Version=")
    assert (first["required"], first["hasDefault"]) == (True, False)
    assert (second["required"], second["hasDefault"]) == (False, True)


def test_the_output_schema_has_names_and_types_only() -> None:
    assert [sorted(item) for item in json.loads(output_schema([PATH]))] == [["name", "type"]]


def test_defaults_are_one_json_object_or_nothing() -> None:
    assert json.loads(defaults([PATH, COUNT]) or "") == {"in_Count": 3}
    assert defaults([PATH]) is None


def test_without_a_schema_anything_goes() -> None:
    assert complete('{"x": [1]}', None) == {"x": [1]}
    assert complete(None, None) == {}


def test_given_arguments_stand_over_the_defaults() -> None:
    assert complete('{"in_Path": "a"}', (PATH, COUNT)) == {"in_Path": "a", "in_Count": 3}
    assert complete('{"in_Path": "a", "in_Count": 9}', (PATH, COUNT))["in_Count"] == 9


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "required input argument in_Path is missing"),
        ('{"in_Path": null}', "required input argument in_Path is missing"),
        ('{"in_Path": 5}', "in_Path is declared as string, and got integer"),
        ('{"in_Path": "a", "in_Count": true}', "in_Count is declared as integer, and got boolean"),
        ('{"in_Path": "a", "Path": 1}', "no input argument Path; it has in_Path, in_Count"),
    ],
)
def test_wrong_arguments_are_named(text: str, said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        complete(text, (PATH, COUNT))


def test_an_integer_is_a_number_and_not_the_other_way_round() -> None:
    assert complete('{"n": 1}', (Argument("n", "number"),)) == {"n": 1}
    with pytest.raises(ArgumentError, match="got number"):
        complete('{"n": 1.5}', (Argument("n", "integer"),))


@pytest.mark.parametrize("text", ["[1]", "NaN", '{"a": Infinity}', "", "{", "[" * 100_000])
def test_only_a_strict_json_object_is_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_object(text)
