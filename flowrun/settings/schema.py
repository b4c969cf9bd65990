"""The JSON Schema of `flowrun.toml`, for editors: draft-07, made from the settings themselves."""

from __future__ import annotations

from typing import Any

from flowrun.settings.configuration import CONTEXT_NAME, DEFAULT, LOCAL
from flowrun.settings.options import SETTINGS, Option, read_count, read_seconds, read_seconds_above_zero, read_switch

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "pattern": "\\S"}
_DURATION: Schema = {"anyOf": [{"type": "number", "minimum": 0}, _TEXT]}
_KINDS: dict[Any, Schema] = {
    read_count: {"type": "integer", "minimum": 1},
    read_switch: {"type": "boolean"},
    read_seconds: _DURATION,
    read_seconds_above_zero: {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, _TEXT]},
}
_PROTECT = "Whether what starts anything there waits for a saved plan or a yes."
_EMULATOR = "Whether it is the embedded Orchestrator."


def schema() -> Schema:
    """The schema as plain JSON. The user's own `config.toml` has the same settings, and no contexts."""
    settings = {name: _of(option) for name, option in SETTINGS.items() if not option.only_outside and name != "context"}
    switches = {
        "protect": {"type": "boolean", "default": False, "description": _PROTECT},
        "emulator": {"type": "boolean", "default": False, "description": _EMULATOR},
    }
    embedded = {"not": {"required": ["url"]}}
    context = {
        "type": "object",
        "description": "One Orchestrator by name, and whatever else differs there.",
        "properties": {**switches, **settings},
        "additionalProperties": False,
        "if": {"properties": {"emulator": {"const": True}}, "required": ["emulator"]},
        "then": embedded,
    }
    local = {"allOf": [{"$ref": "#/definitions/Context"}, embedded], "properties": {"emulator": {"const": True}}}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "flowrun settings",
        "description": "Where flowrun works and whom it talks to. Credentials never stand in this file.",
        "type": "object",
        "properties": {
            DEFAULT: {**_TEXT, "description": "The context that holds where nobody chooses one."},
            "context": {
                "type": "object",
                "description": "Contexts by their names.",
                "properties": {LOCAL: local},
                "propertyNames": {"pattern": f"^{CONTEXT_NAME}$"},
                "additionalProperties": {"$ref": "#/definitions/Context"},
            },
            **settings,
        },
        "additionalProperties": False,
        "definitions": {"Context": context},
    }


def _of(option: Option) -> Schema:
    return {**_KINDS.get(option.read, _TEXT), "description": option.help}
