"""The JSON Schema of a plan file, for whoever reads one: a pipeline's policy, a bot, another language."""

from __future__ import annotations

from typing import Any

from flowrun.core.plan import Stage
from flowrun.review.plan_file import FORMAT, KEYS
from flowrun.review.steps import CHANGED, NEW, SAME

Schema = dict[str, Any]

_NAMES: dict[type, str] = {
    str: "string",
    dict: "object",
    list: "array",
    int: "integer",
    float: "number",
    type(None): "null",
}
_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_SECONDS: Schema = {"type": "number", "minimum": 0}
_DIGEST: Schema = {"type": "string", "pattern": "^sha256:"}


def schema() -> Schema:
    """The schema, draft 2020-12. It is open to further names, so that a reader of today takes a later plan file."""
    kept = {name: _either(kinds) for name, kinds in KEYS.items()}
    properties = {"format": {"const": FORMAT}, "digest": _DIGEST, **kept, **_finer()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:flowrun:plan:1",
        "title": FORMAT,
        "description": "A plan that `flowrun plan --out` has saved. The digest is of all the rest.",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "$defs": {"Step": _step(), "Move": _move(), "Runtime": _runtime()},
    }


def _finer() -> dict[str, Schema]:
    """What is known of a value beside its type."""
    around = _object({"name": _TEXT, "file": _TEXT})
    return {
        "environment": {"anyOf": [around, {"type": "null"}]},
        "context": _object({"name": _TEXT, "chosen": {"type": "boolean"}}),
        "max_parallel": _or_null({"type": "integer", "minimum": 1}),
        "secrets": _TEXTS,
        "made_from": _object(
            {"files": {"type": "object", "additionalProperties": _DIGEST}, "lock": _or_null(_DIGEST)},
        ),
        "sources": {"type": "array", "items": _object({"name": _TEXT, "value": {}, "source": _TEXT})},
        "steps": {"type": "array", "items": {"$ref": "#/$defs/Step"}},
        "removed": _TEXTS,
        "moves": {"type": "array", "items": {"$ref": "#/$defs/Move"}},
        "runtimes": {"type": "array", "items": {"$ref": "#/$defs/Runtime"}},
        "longest_path": _object({"steps": _TEXTS, "seconds": _SECONDS, "runs": _COUNT}),
        "quiescence": _SECONDS,
        "problems": _TEXTS,
        "differences": _COUNT,
    }


def _step() -> Schema:
    known = _or_null(_TEXT)
    return _object(
        {
            "id": _TEXT,
            "file": {**_TEXT, "description": "Empty for a step of the workflow itself."},
            "kind": _TEXT,
            "stage": {"enum": [stage.value for stage in Stage]},
            "mark": {"enum": [NEW, CHANGED, SAME], "description": "New, changed, or as in the last run."},
            "changes": _TEXTS,
            "release": known,
            "release_key": known,
            "package": known,
            "version": known,
            "entry_point": known,
            "arguments": {},
            "folder": known,
            "folder_id": _or_null({"type": "integer"}),
            "folder_key": known,
            "written": {"type": "object"},
            "needs": _TEXTS,
            "optional": _TEXTS,
            "fan_out": _or_null(_TEXTS),
            "if": known,
            "given": {},
            "usual": _or_null(_SECONDS),
        }
    )


def _move() -> Schema:
    return _object({"kind": _TEXT, "context": _TEXT, "folder": _TEXT, "release": _TEXT, "workflow": _TEXT})


def _runtime() -> Schema:
    there = _or_null(_COUNT)
    return _object({"folder": _TEXT, "need": _COUNT, "open": _TEXTS, "robots": there, "running": there})


def _object(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _or_null(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "null"}]}


def _either(kinds: tuple[type, ...]) -> Schema:
    names = [_NAMES[kind] for kind in kinds]
    return {"type": names[0] if len(names) == 1 else names}
