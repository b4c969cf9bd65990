"""The JSON Schema of a workflow's file, for editors: draft-07, every key described, each kind of step by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from flowrun.core.plan import Json
from flowrun.spec import editor
from flowrun.spec.models import STEP_KINDS, Workflow
from flowrun.steps.fields import IDENTIFIER, Part
from flowrun.steps.job.model import JobFields
from flowrun.steps.model import StepModel

Schema: TypeAlias = dict[str, Any]

_DRAFT = "http://json-schema.org/draft-07/schema#"
_REF = "#/definitions/{model}"
_ID = f"^{IDENTIFIER.pattern}$"
_MODEL = re.compile(r'(?<=[a-z])Model(?=")')
_IN_LIST = "InList"
_ANY_STEP = "AnyStep"
_UNUSED = ("Tolerance",)
_NAMED = ("inputs", "outputs")


class Generator(GenerateJsonSchema):
    """pydantic's own, without a word about defaults that are no JSON."""

    ignored_warning_kinds = {"non-serializable-default", "skipped-choice"}  # noqa: RUF012 - pydantic declares it so


def schema() -> Mapping[str, Json]:
    """The schema as plain JSON."""
    definitions = _definitions((Workflow, *STEP_KINDS))
    for kind in STEP_KINDS:
        _finish_step(definitions[kind.__name__], kind)
        definitions[kind.__name__ + _IN_LIST] = _in_list(definitions[kind.__name__])
    for suffix in ("", _IN_LIST):
        definitions[_ANY_STEP + suffix] = _any_step(definitions, suffix)
    for name in ("DefaultsModel", "CompensateModel"):
        properties = definitions[name]["properties"]
        properties["retry"] = _retry(properties["retry"])
    definitions["CompensateModel"].update(_one_of(JobFields.keys))
    definitions["ApprovalSpec"]["properties"]["inputs"]["propertyNames"] = {"pattern": _ID}
    workflow = definitions.pop("Workflow")
    for key in ("steps", "finally"):
        workflow["properties"][key] = _steps(workflow["properties"][key]["description"])
    for key in _NAMED:
        workflow["properties"][key]["propertyNames"] = {"pattern": _ID}
    for name, field in Workflow.model_fields.items():
        workflow["properties"][field.alias or name].setdefault("description", field.description)
    named = {name: definition for name, definition in sorted(definitions.items()) if name not in _UNUSED}
    whole = {
        "$schema": _DRAFT,
        "title": "flowrun workflow",
        **tidy(workflow),
        "description": "A workflow of UiPath Orchestrator Jobs.",
        "patternProperties": {"^x-": True, **editor.foreign(editor.AT_THE_TOP, workflow["properties"])},
        "defaultSnippets": [editor.FILE],
        "definitions": named,
    }
    return dict(json.loads(_MODEL.sub("", json.dumps(whole))))


def whole_schema(model: type[Part], name: str, description: str) -> Mapping[str, Json]:
    """The schema of another kind of file: a map with values by name, and `defaults` as a workflow has them."""
    definitions = _definitions((model,))
    defaults = definitions["DefaultsModel"]["properties"]
    defaults["retry"] = _retry(defaults["retry"])
    top = definitions.pop(model.__name__)
    for key in ("vars", "inputs", "pools"):
        top["properties"][key]["propertyNames"] = {"pattern": _ID}
    for key, field in model.model_fields.items():
        top["properties"][key].setdefault("description", field.description)
    whole = {"$schema": _DRAFT, "title": f"flowrun {name}", **tidy(top), "description": description}
    return dict(json.loads(_MODEL.sub("", json.dumps({**whole, "definitions": dict(sorted(definitions.items()))}))))


def _definitions(models: Iterable[type[Part]]) -> Schema:
    named = [(model, "validation") for model in models]
    _, made = models_json_schema(named, ref_template=_REF, schema_generator=Generator)  # type: ignore[arg-type]
    return {name: tidy(definition) for name, definition in made["$defs"].items()}


def text() -> str:
    """The schema as it stands in `schemas/workflow.schema.json`."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _steps(description: str) -> Schema:
    steps = {"type": "object", "propertyNames": {"pattern": _ID}, "additionalProperties": _ref(_ANY_STEP)}
    items = {"type": "array", "items": _ref(_ANY_STEP + _IN_LIST)}
    ways = [
        {**steps, "defaultSnippets": editor.pieces(in_list=False)},
        {**items, "defaultSnippets": [{**one, "body": [one["body"]]} for one in editor.pieces(in_list=True)]},
    ]
    return {"description": description, "anyOf": ways}


def _any_step(definitions: Schema, suffix: str) -> Schema:
    """The kind that a key says, asked one after the other, so that what is wrong is told of that kind alone."""
    first, *others = STEP_KINDS
    found = _ref(first.__name__ + suffix)
    for kind in reversed(others):
        asked = {"type": "object", **_any_of(kind.keys)}
        found = {"if": asked, "then": _ref(kind.__name__ + suffix), "else": found}
    kinds = {key: {"description": kind.model_fields[key].description} for kind in STEP_KINDS for key in kind.keys}
    foreign = editor.foreign(editor.IN_A_STEP, definitions[first.__name__]["properties"])
    return {**found, "properties": kinds, "patternProperties": foreign}


def _finish_step(step: Schema, kind: type[StepModel]) -> None:
    """What the models read in more than one form, and the key that makes the kind."""
    properties = step["properties"]
    step_id = {"type": "string", "pattern": _ID}
    need = {"anyOf": [step_id, _ref("NeedModel")]}
    properties["needs"] = {
        "description": properties["needs"]["description"],
        "anyOf": [step_id, _ref("NeedModel"), {"type": "array", "items": need}],
    }
    properties["retry"] = _retry(properties["retry"])
    for key in kind.refused:
        del properties[key]
    step.pop("required", None)
    step.update(_one_of(kind.keys))


def _any_of(keys: tuple[str, ...]) -> Schema:
    ways: list[Schema] = [{"required": [key]} for key in keys]
    return ways[0] if len(ways) == 1 else {"anyOf": ways}


def _one_of(keys: tuple[str, ...]) -> Schema:
    ways: list[Schema] = [{"required": [key]} for key in keys]
    return ways[0] if len(ways) == 1 else {"oneOf": ways}


def _retry(rules: Schema) -> Schema:
    description = rules.pop("description")
    return {"description": description, "anyOf": [{"type": "integer", "minimum": 0}, rules]}


def _in_list(step: Schema) -> Schema:
    """A step of a list, which has its id inside."""
    inside = deepcopy(step)
    inside["properties"] = {
        "id": {"type": "string", "pattern": _ID, "description": "The id of the step."},
        **inside["properties"],
    }
    inside["required"] = ["id", *inside.get("required", [])]
    return inside


def _ref(name: str) -> Schema:
    return {"$ref": _REF.format(model=name)}


def tidy(node: Any) -> Any:
    """As draft-07 and editors like it: no null, no made-up titles, no default in another form than is written."""
    if isinstance(node, list):
        return [tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidied: Schema = {}
    for key, value in node.items():
        if key == "properties":
            tidied[key] = {name: tidy(item) for name, item in value.items()}
        elif key not in ("title", "default"):
            tidied[key] = tidy(value)
    choices = [choice for choice in tidied.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del tidied["anyOf"]
        tidied = {**choices[0], **tidied}
    elif choices:
        tidied["anyOf"] = choices
    if "$ref" in tidied and len(tidied) > 1:
        tidied["allOf"] = [{"$ref": tidied.pop("$ref")}]
    default = node.get("default")
    if isinstance(default, bool) or (isinstance(default, str) and default):
        tidied["default"] = default
    return tidied
