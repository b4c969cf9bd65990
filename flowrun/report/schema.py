"""The JSON Schema of a report, made from the types of `document`, so that the two cannot part."""

from __future__ import annotations

import inspect
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from flowrun.report.document import SCHEMA, ReportDocument

_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    Any: {},
}


def schema() -> dict[str, Any]:
    """The schema of `document(report)`, draft 2020-12."""
    definitions: dict[str, Any] = {}
    root = _typed_dict(ReportDocument, definitions)
    root["properties"]["schema"] = {"const": SCHEMA}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:flowrun:report:v1", "title": SCHEMA}
    return {**head, **root, "$defs": dict(sorted(definitions.items()))}


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind in _SCALARS:
        return dict(_SCALARS[kind])
    if is_typeddict(kind):
        name = kind.__name__.removesuffix("Document")
        if name not in definitions:
            definitions[name] = _typed_dict(kind, definitions)
        return {"$ref": f"#/$defs/{name}"}
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(arguments[1], definitions)}
    if origin in (Union, UnionType):
        return {"anyOf": [_of(argument, definitions) for argument in arguments]}
    raise TypeError(f"no JSON Schema for {kind!r}")


def _typed_dict(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """Open to further names, so that a reader of today takes the report of a later version."""
    hints = get_type_hints(kind)
    return {
        "description": inspect.cleandoc(kind.__doc__ or ""),
        "type": "object",
        "properties": {name: _of(hint, definitions) for name, hint in hints.items()},
        "required": list(hints),
    }
