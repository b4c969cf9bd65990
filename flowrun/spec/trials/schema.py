"""The JSON Schema of a test file, for editors: draft-07, every key described."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from flowrun.core.plan import Json
from flowrun.spec.schema import Generator, Schema, tidy
from flowrun.spec.trials.models import (
    AbortModel,
    AnswerModel,
    ExpectModel,
    FileModel,
    JobModel,
    LegCame,
    SpanModel,
    StepCame,
    SuiteModel,
    TrialModel,
)

_SCRIPTS = (JobModel, AnswerModel, FileModel)
_MODELS = (SuiteModel, TrialModel, ExpectModel, *_SCRIPTS, AbortModel, StepCame, LegCame, SpanModel)
_MODEL = re.compile(r'(?<=[a-z])Model(?=")')


def schema() -> Mapping[str, Json]:
    """The schema as plain JSON."""
    models: Any = [(model, "validation") for model in _MODELS]
    _, made = models_json_schema(models, ref_template="#/definitions/{model}", schema_generator=Generator)
    definitions: Schema = {name: tidy(definition) for name, definition in made["$defs"].items()}
    _say_more(definitions)
    suite = definitions.pop("SuiteModel")
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "flowrun tests",
        **suite,
        "description": "Tests of a workflow: what its Jobs return, and what must come of it.",
        "patternProperties": {"^x-": True},
        "definitions": dict(sorted(definitions.items())),
    }
    return dict(json.loads(_MODEL.sub("", json.dumps(whole))))


def text() -> str:
    """The schema as it stands in `schemas/test.schema.json`."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _say_more(definitions: Schema) -> None:
    """What the loader reads by itself: values that have more than one form."""
    one_or_many = {
        ("SuiteModel", "jobs"): "JobModel",
        ("SuiteModel", "answers"): "AnswerModel",
        ("SuiteModel", "workflows"): "FileModel",
        ("TrialModel", "jobs"): "JobModel",
        ("TrialModel", "answers"): "AnswerModel",
        ("TrialModel", "workflows"): "FileModel",
    }
    for (model, key), entry in one_or_many.items():
        _set(definitions, model, key, {"type": "object", "additionalProperties": _some(entry)})
    _set(definitions, "TrialModel", "abort", _some("AbortModel"))
    _set(definitions, "SuiteModel", "tests", {"type": "array", "minItems": 1, "items": _ref("TrialModel")})
    step = definitions["StepCame"]["properties"]["result"]
    leg = definitions["LegCame"]["properties"]["result"]
    steps = {"type": "object", "additionalProperties": {"anyOf": [{"enum": step["enum"]}, _ref("StepCame")]}}
    legs = {"type": "object", "additionalProperties": {"anyOf": [{"enum": leg["enum"]}, _ref("LegCame")]}}
    _set(definitions, "ExpectModel", "steps", steps)
    _set(definitions, "StepCame", "legs", {"anyOf": [{"type": "integer", "minimum": 0}, legs]})
    duration = definitions["SpanModel"]["properties"]["at_least"]
    exact = {key: value for key, value in duration.items() if key != "description"}
    for model in ("ExpectModel", "StepCame", "LegCame"):
        _set(definitions, model, "duration", {"anyOf": [exact, _ref("SpanModel")]})
    definitions["ExpectModel"]["minProperties"] = 1


def _set(definitions: Schema, model: str, key: str, form: Schema) -> None:
    properties = definitions[model]["properties"]
    properties[key] = {"description": properties[key]["description"], **form}


def _some(model: str) -> Schema:
    return {"anyOf": [_ref(model), {"type": "array", "items": _ref(model)}]}


def _ref(model: str) -> Schema:
    return {"$ref": f"#/definitions/{model}"}
