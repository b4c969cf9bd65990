"""What somebody gave by name, to a run or with an answer, as the types that are declared."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from flowrun.core.plan import Json
from flowrun.errors import Problem
from flowrun.spec.problems import problem
from flowrun.spec.scalars import NotJson, resolve
from flowrun.spec.suggest import did_you_mean
from flowrun.steps.fields import described
from flowrun.steps.inputs import InputModel

_UNREADABLE = object()


def check_inputs(
    inputs: Mapping[str, InputModel], given: Mapping[str, Json], typed_as_text: AbstractSet[str] = frozenset()
) -> tuple[dict[str, Json], tuple[Problem, ...]]:
    """The value of every declared input, and what is wrong with those that were given.

    Names in `typed_as_text` have a text from a command line, which is read as the declared type. An input that is
    not required, has no default and is not given is null.
    """
    values: dict[str, Json] = {}
    found: list[Problem] = []
    for name in given:
        if name not in inputs:
            hint = did_you_mean(name, inputs, "The inputs are")
            found.append(problem("FR221", None, where=f"inputs.{name}", hint=hint, name=name))
    for name, declared in inputs.items():
        if name not in given:
            if declared.must_be_given:
                found.append(problem("FR222", None, where=f"inputs.{name}", name=name, type=_asked(declared)))
            values[name] = declared.default
            continue
        value = given[name]
        if name in typed_as_text and isinstance(value, str):
            value = _read(value, declared.type)
        expected = f"of type {declared.type}" if value is _UNREADABLE else declared.expected(value)
        if value is None and declared.required is False:
            expected = None
        if expected:
            found.append(
                problem(
                    "FR223",
                    None,
                    where=f"inputs.{name}",
                    hint=_hint(declared),
                    name=name,
                    found=described(given[name]),
                    expected=expected,
                )
            )
        else:
            values[name] = value
    return values, tuple(found)


def _read(text: str, kind: str) -> Json:
    """A text of the command line as a value of the type; _UNREADABLE where it is none."""
    match kind:
        case "integer" | "number" | "boolean":
            try:
                value = resolve(text.strip())
            except NotJson:
                return _UNREADABLE
            return _UNREADABLE if isinstance(value, str) or value is None else value
        case "object" | "list":
            try:
                return json.loads(text, parse_constant=_refuse, parse_float=_number, object_pairs_hook=_object)
            except (ValueError, RecursionError):
                return _UNREADABLE
        case _:
            return text if _is_text(text) else _UNREADABLE


def _refuse(name: str) -> Json:
    raise ValueError(name)


def _number(text: str) -> float:
    number = float(text)
    return _refuse(text) if math.isinf(number) else number


def _object(pairs: list[tuple[str, Json]]) -> Json:
    made = dict(pairs)
    return _refuse("a name stands twice") if len(made) < len(pairs) else made


def _is_text(text: str) -> bool:
    """Bytes of a command line that are no UTF-8 arrive as halves of surrogate pairs."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _asked(declared: InputModel) -> str:
    described_as = f"{declared.type}: {declared.description}" if declared.description else declared.type
    return described_as.rstrip(".")


def _hint(declared: InputModel) -> str | None:
    match declared.type:
        case "object":
            return 'Write JSON: {"key": "value"}.'
        case "list":
            return 'Write JSON: ["a", "b"].'
        case "boolean":
            return "Write true or false."
        case _:
            return declared.description
