"""Arguments: a Release's schema in the API's form, and a Job's InputArguments checked and completed against it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from flowrun.emulator.entities import Argument, Json, nesting

LIMIT = 10_000
"""Characters of InputArguments that StartJobs takes (API guide, Jobs requests)."""

NESTING = 500
"""How deep arguments may be nested. Python can read deeper ones in one place and not write them in another."""

_ASSEMBLY = "System.Private.CoreLib, Version=8.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"
DOTNET = {
    "string": "System.String",
    "integer": "System.Int32",
    "number": "System.Double",
    "boolean": "System.Boolean",
    "array": "System.Object[]",
    "object": "System.Collections.Generic.Dictionary`2[[System.String],[System.Object]]",
    "any": "System.Object",
}
"""The .NET type that the API names for each of ours."""


class ArgumentError(Exception):
    """InputArguments that the Release cannot take. The text is the Job's Info."""


def input_schema(arguments: Iterable[Argument]) -> str:
    """`ReleaseDto.Arguments.Input`: a JSON text that holds a list."""
    return json.dumps(
        [
            {
                "name": argument.name,
                "type": f"{DOTNET[argument.type]}, {_ASSEMBLY}",
                "required": argument.required,
                "hasDefault": argument.has_default,
            }
            for argument in arguments
        ]
    )


def output_schema(arguments: Iterable[Argument]) -> str:
    """`ReleaseDto.Arguments.Output`: a JSON text that holds a list."""
    return json.dumps(
        [{"name": argument.name, "type": f"{DOTNET[argument.type]}, {_ASSEMBLY}"} for argument in arguments]
    )


def defaults(arguments: Iterable[Argument]) -> str | None:
    """`ReleaseDto.InputArguments`: the defaults as one JSON object, None where there are none."""
    values = {argument.name: argument.default for argument in arguments if argument.has_default}
    return json.dumps(values) if values else None


def parse_object(text: str) -> dict[str, Json]:
    """Read one JSON object, strictly: no NaN, no Infinity. Raises ValueError with the reason."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError(f"it is {_kind(value)}, not an object")  # noqa: TRY004 - one kind of error for one caller
    if nesting(value) > NESTING:
        raise ValueError("it is nested too deeply")
    return value


def complete(text: str | None, arguments: tuple[Argument, ...] | None) -> dict[str, Json]:
    """What the robot hands to the process: the Job's arguments over the Release's defaults.

    Without a schema anything goes. With one, an argument that is not declared, is missing though required, or has
    another type raises ArgumentError.
    """
    try:
        given = parse_object(text) if text else {}
    except ValueError as error:
        raise ArgumentError(f"InputArguments cannot be read: {error}.") from None
    if arguments is None:
        return given
    known = {argument.name: argument for argument in arguments}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ArgumentError(f"The Release has no input argument {_listed(unknown)}; it has {_listed(known)}.")
    values = {argument.name: argument.default for argument in arguments if argument.has_default} | given
    missing = sorted(name for name, argument in known.items() if argument.required and values.get(name) is None)
    if missing:
        raise ArgumentError(f"The required input argument {_listed(missing)} is missing.")
    for name, value in values.items():
        if not _fits(value, known[name].type):
            expected = known[name].type
            raise ArgumentError(f"The input argument {name} is declared as {expected}, and got {_kind(value)}.")
    return values


def _fits(value: Json, type_: str) -> bool:
    if value is None or type_ == "any":
        return True
    if type_ == "number":
        return _kind(value) in {"integer", "number"}
    return _kind(value) == type_


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds = {int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
