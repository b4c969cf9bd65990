"""The values of a file as its models read them: durations, templates, lists; each refuses with a code of the catalogue.

A refusal is a pydantic error whose type is the code (`FR201`) and whose context holds the words' fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from flowrun.core.patterns import Pattern as CompiledPattern
from flowrun.core.patterns import UnfitPattern
from flowrun.core.plan import Json
from flowrun.templating.syntax import is_template

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""Names that stand in expressions: of steps, inputs and outputs."""

_SHOWN = 60
_DAY = 86_400.0
_LONGEST = 3650 * _DAY
_UNITS = {"d": _DAY, "h": 3600.0, "m": 60.0, "s": 1.0}
_NUMBER = r"(\d{1,9}(?:\.\d{1,6})?)"
_SHORT = re.compile("".join(f"(?:{_NUMBER}{unit})?" for unit in "dhms"))
_ISO = re.compile(rf"P(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

TEMPLATE_SCHEMA: dict[str, Any] = {"type": "string", "pattern": r"\$\{\{"}


class Part(BaseModel):
    """A map in the file. Keys that it does not know are refused, and no value is turned into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    elsewhere: ClassVar[Mapping[str, str]] = {}
    """Keys that are looked for here and stand elsewhere, each with what to say of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Keys that do not go together: a code of the catalogue, the way to the key, the fields of its wording."""

    code: str
    path: tuple[str | int, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)


def refuse(code: str, *path: str | int, **fields: Any) -> PydanticCustomError:
    """The error to raise in a validator. `path` leads on from the field that is validated."""
    return PydanticCustomError(code, "{code}", {"code": code, "path": path, "fields": fields})


def shown(value: Json) -> str:
    """A value as JSON, short enough for a message."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def described(value: Json) -> str:
    """What kind of value it is, with the value where it is short."""
    match value:
        case None:
            return "nothing"
        case bool():
            return shown(value)
        case str():
            return f"the text {shown(value)}"
        case int() | float():
            return f"the number {shown(value)}"
        case list() | tuple():
            return "a list"
        case _:
            return "a map"


def seconds(text: Json) -> float:
    """A duration as seconds: `90s`, `1h30m`, `2d`, `PT15M`. Raises FR201 for anything else, FR202 above ten years."""
    match = (_SHORT.fullmatch(text) or _ISO.fullmatch(text)) if isinstance(text, str) else None
    if not match or not any(match.groups()) or text.endswith("T"):
        raise refuse("FR201", found=shown(text))
    parts = zip(match.groups(), _UNITS.values(), strict=True)
    total = sum(float(number) * unit for number, unit in parts if number)
    if total > _LONGEST:
        raise refuse("FR202", found=shown(text), bound="at most ten years")
    return total


def lasting(length: float) -> str:
    """Seconds as a duration in the largest units, the inverse of `seconds`: `1h30m`, `2d`."""
    parts, left = [], length
    for unit, size in _UNITS.items():
        count = left if unit == "s" else left // size
        left -= count * size
        parts += [f"{round(count, 3):g}{unit}"] if count else []
    return "".join(parts) or "0s"


def _positive(value: float) -> float:
    if value <= 0:
        raise refuse("FR202", found="a duration of nothing", bound="more than zero")
    return value


def _whole(least: int, what: str) -> Callable[[Json], int]:
    def read(value: Json) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse("FR103", found=described(value), expected=what)
        if value < least:
            raise refuse("FR202", found=shown(value), bound=f"at least {least}")
        return value

    return read


def or_template(read: Callable[[Json], Any], expected: str) -> Callable[[Json], Any]:
    """A validator that lets templates pass and reads everything else; texts that are no template are refused."""

    def validate(value: Json) -> Any:
        if is_template(value):
            return value
        if isinstance(value, str):
            raise refuse("FR103", found=described(value), expected=f"{expected} or an expression")
        return read(value)

    return validate


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise refuse("FR103", found=described(value), expected="text")
    if not value.strip():
        raise refuse("FR103", found="an empty text", expected="something to read")
    return value


def _uuid(value: Json) -> str:
    if is_template(value):
        return str(value)
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise refuse("FR203", found=shown(value))
    return value


def _folder(value: Json) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise refuse("FR103", found=described(value), expected="the path or the id of a folder")
    return _text(value)


def _items(value: Json) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise refuse("FR103", found=described(value), expected="a list")
    return tuple(value)


def _mapping(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise refuse("FR103", found=described(value), expected="a map")
    return value


def _pattern(value: Json) -> str:
    text = _text(value)
    try:
        CompiledPattern(text)
    except UnfitPattern as error:
        raise refuse("FR224", reason=str(error)) from error
    except (re.error, OverflowError) as error:
        raise refuse("FR204", reason=str(error)) from error
    return text


def one_of(*words: str, also: Mapping[str, str] | None = None) -> Callable[[Json], str]:
    """A validator for a closed list of words; `also`: others that stand for one of them."""

    def read(value: Json) -> str:
        if isinstance(value, str) and also and value in also:
            return also[value]
        if not isinstance(value, str) or value not in words:
            raise refuse("FR107", found=shown(value), allowed=", ".join(words))
        return value

    return read


_TEXT_SCHEMA = {"type": "string", "pattern": r"\S"}
_UUID_SCHEMA = {"type": "string", "pattern": f"^{_UUID.pattern}$"}
_DURATION_SCHEMA = {"type": "string", "pattern": r"^(P[0-9DTHMS.]+|([0-9.]+[dhms])+)$", "examples": ["90s", "1h30m"]}

Duration: TypeAlias = Annotated[float, PlainValidator(seconds), WithJsonSchema(_DURATION_SCHEMA)]
"""Written `15m`, read as seconds."""

Timeout: TypeAlias = Annotated[
    float, PlainValidator(seconds), AfterValidator(_positive), WithJsonSchema(_DURATION_SCHEMA)
]
"""A duration of more than nothing."""

DurationOrTemplate: TypeAlias = Annotated[
    float | str,
    PlainValidator(lambda value: value if is_template(value) else seconds(value)),
    WithJsonSchema({"anyOf": [_DURATION_SCHEMA, TEMPLATE_SCHEMA]}),
]

Text: TypeAlias = Annotated[str, PlainValidator(_text), WithJsonSchema(_TEXT_SCHEMA)]
"""A text that is not empty. May be a template where its key says so."""

Uuid: TypeAlias = Annotated[str, PlainValidator(_uuid), WithJsonSchema({"anyOf": [_UUID_SCHEMA, TEMPLATE_SCHEMA]})]

Folder: TypeAlias = Annotated[
    str | int, PlainValidator(_folder), WithJsonSchema({"anyOf": [_TEXT_SCHEMA, {"type": "integer"}]})
]
"""A folder's path, or its id."""

Pattern: TypeAlias = Annotated[str, PlainValidator(_pattern), WithJsonSchema({"type": "string", "format": "regex"})]

Count: TypeAlias = Annotated[
    int, PlainValidator(_whole(1, "a whole number")), WithJsonSchema({"type": "integer", "minimum": 1})
]

CountOrTemplate: TypeAlias = Annotated[
    int | str,
    PlainValidator(or_template(_whole(1, "a whole number"), "a whole number")),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, TEMPLATE_SCHEMA]}),
]

Tries: TypeAlias = Annotated[
    int, PlainValidator(_whole(0, "a whole number")), WithJsonSchema({"type": "integer", "minimum": 0})
]

Items = BeforeValidator(_items)
"""Reads a list into a tuple."""

Map: TypeAlias = Annotated[
    Mapping[str, Json], PlainValidator(_mapping), WithJsonSchema({"type": "object", "additionalProperties": True})
]

MapOrTemplate: TypeAlias = Annotated[
    Mapping[str, Json] | str,
    PlainValidator(or_template(_mapping, "a map")),
    WithJsonSchema({"anyOf": [{"type": "object", "additionalProperties": True}, TEMPLATE_SCHEMA]}),
]
