"""Overview: every event with its fields, as a JSON Schema and as the page docs/reference/events.md.

Both are made from the dataclasses, and tests compare them with what lies in the repository. To write them anew:

    python -c "from flowrun.journal import overview; print(overview.schema_text(), end='')" > schemas/event.schema.json
    python -c "from flowrun.journal import overview; print(overview.page(), end='')" > docs/reference/events.md
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, is_dataclass
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_origin

from flowrun.core.events import EVENTS
from flowrun.core.plan import Json
from flowrun.journal.codec import versions
from flowrun.journal.shapes import TAG, Field, fields_of, members, shape

_WORDS: Mapping[Any, tuple[str, Json]] = {
    Any: ("any JSON", {}),
    NoneType: ("null", {"type": "null"}),
    str: ("text", {"type": "string"}),
    int: ("integer", {"type": "integer"}),
    float: ("number", {"type": "number"}),
    bool: ("true or false", {"type": "boolean"}),
}
"""What a plain type is called on the page, and in the schema."""

_TITLE = "A record of flowrun's journal"
_ABOUT = (
    "One line of `flowrun runs events -o jsonl`: an event and its place in the run. In `data`, a field equal to its"
    " default is left out, and a value that JSON cannot carry is an object with one key that begins with a dollar"
    " sign (docs/reference/events.md)."
)

_HEAD = """\
# Events

This page is made from the code (`flowrun/journal/overview.py`); a test checks that it is current.

A run is its events, in order; everything that flowrun shows of it is computed from them. `flowrun runs events -o jsonl`
prints them, one record a line, as `schemas/event.schema.json` describes:

```json
{"seq": 7, "epoch": 2, "type": "AttemptStarted", "v": 1, "at": 1760000000.25, "data": {"step_id": "extract", "leg": 0, \
"attempt": 1, "handle": {"jobs": [4711]}}}
```

| member | meaning |
|---|---|
| `seq` | counts from 1 within the run, without a gap |
| `epoch` | which owner wrote it: 1 is the process that created the run, and each that drives it gets the next |
| `type`, `v` | the event below, and the version that `data` is written in |
| `at` | when, in seconds since 1970-01-01 UTC |
| `data` | the fields below without `at`; one that equals its default is left out |

What JSON cannot carry stands in `data` as an object with one key, a mark: `{"$float": "nan"}` for NaN and the
infinities, `{"$int": "0x..."}` for an integer of more than 2048 bits, `{"$text": [...]}` for text in which lone
surrogates stand side by side (the pieces), `{"$map": [[key, value], ...]}` for a mapping with a key that begins with
`$` or is no text, and `{"$flat": [...]}` for what is nested more than 64 deep.

The version of an event goes up whenever the event changes, or anything that stands inside it. This flowrun reads every
version that there ever was, and refuses a newer one than it knows.
"""


def schema() -> Mapping[str, Json]:
    """The JSON Schema (2020-12) of a record as `codec.dump` writes it."""
    newest = versions()
    kinds = {kind.__name__: kind for kind in _reachable()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _TITLE,
        "description": _ABOUT,
        "type": "object",
        "required": ["seq", "epoch", "type", "v", "at", "data"],
        "additionalProperties": False,
        "properties": {
            "seq": {"type": "integer", "minimum": 1},
            "epoch": {"type": "integer", "minimum": 1},
            "type": {"enum": [event.__name__ for event in EVENTS]},
            "v": {"type": "integer", "minimum": 1},
            "at": {"type": "number"},
            "data": {"type": "object"},
        },
        "oneOf": [
            {
                "properties": {
                    "type": {"const": event.__name__},
                    "v": {"const": newest[event.__name__]},
                    "data": {"$ref": f"#/$defs/{event.__name__}"},
                }
            }
            for event in EVENTS
        ],
        "$defs": {name: _definition(kinds[name]) for name in sorted(kinds)},
    }


def schema_text() -> str:
    """The same as it lies in `schemas/event.schema.json`."""
    return json.dumps(schema(), indent=2) + "\n"


def page() -> str:
    """The reference page, in Markdown."""
    newest = versions()
    parts = [_HEAD]
    parts += [_section(event, f"version {newest[event.__name__]}") for event in EVENTS]
    parts.append("# What stands inside them\n")
    parts += [_section(kind, "") for kind in _reachable() if kind not in EVENTS]
    return "\n".join(parts)


def _reachable() -> list[type[Any]]:
    """The events, then every dataclass and enum inside them, in the order in which a reader meets them."""
    found: list[type[Any]] = list(EVENTS)
    for kind in found:
        if is_dataclass(kind):
            found += [inner for field in fields_of(kind) for inner in _named(field.hint) if inner not in found]
    return list(dict.fromkeys(found))


def _named(hint: Any) -> Iterator[type[Any]]:
    if isinstance(hint, type) and (is_dataclass(hint) or issubclass(hint, Enum)):
        yield hint
    for inner in get_args(hint):
        yield from _named(inner)


def _fields(kind: type[Any]) -> list[Field]:
    """Those that are written: the time of an event stands beside its data."""
    return [field for field in fields_of(kind) if not (kind in EVENTS and field.name == "at")]


def _definition(kind: type[Any]) -> Json:
    about = _about(kind)
    if issubclass(kind, Enum):
        return {"description": about, "enum": [member.value for member in kind]}
    fields = _fields(kind)
    return {
        "description": about,
        "type": "object",
        "required": [field.name for field in fields if field.default is MISSING],
        "additionalProperties": False,
        "properties": {field.name: _property(field.hint) for field in fields},
    }


def _property(hint: Any) -> Json:
    if hint in _WORDS:
        return _WORDS[hint][1]
    if members(hint):
        return {"anyOf": [_member(hint, inner) for inner in members(hint)]}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _property(get_args(hint)[0])}
    if get_origin(hint) is not None:
        return {"type": "object", "additionalProperties": _property(get_args(hint)[1])}
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _member(union: Any, hint: Any) -> Json:
    if sum(is_dataclass(inner) for inner in members(union)) < 2:  # noqa: PLR2004 - one alone needs no tag
        return _property(hint)
    written = _definition(hint)
    tag = {TAG: {"const": hint.__name__}}
    return {**written, "required": [TAG, *written["required"]], "properties": {**tag, **written["properties"]}}


def _section(kind: type[Any], note: str) -> str:
    title = f"## {kind.__name__}\n\n{_about(kind)}\n"
    if note:
        title += f"\n{note[0].upper()}{note[1:]}.\n"
    if issubclass(kind, Enum):
        return title + "\nOne of " + ", ".join(f"`{member.value}`" for member in kind) + ".\n"
    fields = _fields(kind)
    if not fields:
        return title + "\nNo fields.\n"
    rows = "".join(f"| `{field.name}` | {_word(field.hint)} | {_default(field)} |\n" for field in fields)
    return f"{title}\n| field | type | default |\n|---|---|---|\n{rows}"


def _word(hint: Any) -> str:
    if hint in _WORDS:
        return _WORDS[hint][0]
    if members(hint):
        return " or ".join(_word(inner) for inner in members(hint))
    if get_origin(hint) is tuple:
        return f"list of {_word(get_args(hint)[0])}"
    if get_origin(hint) is not None:
        return f"mapping of text to {_word(get_args(hint)[1])}"
    return f"[{hint.__name__}](#{hint.__name__.lower()})"


def _default(field: Field) -> str:
    if field.default is MISSING:
        return "required"
    encode = shape(field.hint).encode
    return f"`{json.dumps(encode(field.default) if encode else field.default)}`"


def _about(kind: type[Any]) -> str:
    return inspect.cleandoc(kind.__doc__ or "")
