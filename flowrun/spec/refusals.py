"""What pydantic refuses, in our words: its errors become problems with codes, places and hints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flowrun.core.plan import Json
from flowrun.errors import Edit, Problem
from flowrun.spec import fixes
from flowrun.spec.document import Document, Path
from flowrun.spec.models import LATER_AT_TOP, LATER_IN_STEPS, STEP_KINDS, Workflow
from flowrun.spec.suggest import did_you_mean, for_key
from flowrun.steps.fields import Fault, Part, described
from flowrun.steps.job.model import START_FIELDS
from flowrun.steps.model import StepModel
from flowrun.templating.syntax import is_template

_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "float_type": "a number",
    "int_type": "a whole number",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "list_type": "a list",
    "tuple_type": "a list",
}
_BOUNDS = {"greater_than_equal": "at least {ge:g}", "less_than_equal": "at most {le:g}"}
_FREE = frozenset({"default", "input_arguments", "start", "matrix", "include", "exclude", "options"})
_TYPES = {
    "text": ("string",),
    "str": ("string",),
    "int": ("integer",),
    "int32": ("integer",),
    "int64": ("integer",),
    "long": ("integer",),
    "bool": ("boolean",),
    "float": ("number",),
    "double": ("number",),
    "decimal": ("number",),
    "dict": ("object",),
    "map": ("object",),
    "json": ("object", "any"),
    "enum": ("choice",),
    "datetime": ("date", "string"),
}
_QUOTED = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def problems_of(document: Document, base: Path, model: type[Part], error: ValidationError) -> Iterator[Problem]:
    """A problem for each error that `model` found in the value at `base`."""
    for detail in error.errors(include_url=False):
        path = _as_written(document, (*base, *detail["loc"]))
        if _is_null(detail):
            continue  # `nulls` reports it
        if detail["type"].startswith("FR"):
            context: Mapping[str, Any] = detail.get("ctx", {})
            path = (*path, *context["path"])
            if is_template(document.at(path)):
                yield no_expression(document, path)
            else:
                yield fault_at(document, (), Fault(detail["type"], path, context["fields"]), key=False)
        else:
            yield _of_pydantic(document, base, model, detail)


def _as_written(document: Document, path: Path) -> Path:
    """The path without the index of a list that the author has written as its only item."""
    for at, step in enumerate(path):
        if step == 0 and isinstance(step, int) and isinstance(document.at(path[:at]), dict):
            return (*path[:at], *path[at + 1 :])
    return path


def _is_null(detail: ErrorDetails) -> bool:
    """Whether it is about a known key without a value."""
    if detail["input"] is not None or detail["type"] in ("missing", "extra_forbidden"):
        return False
    last = detail["loc"][-1] if detail["loc"] else None
    return isinstance(last, str) and last not in _FREE


def fault_at(document: Document, base: Path, fault: Fault, *, key: bool = True) -> Problem:
    """The problem for a fault that a model found in itself."""
    path = (*base, *fault.path)
    hint = None
    fix: tuple[Edit, ...] = ()
    if fault.code == "FR212":
        hint = did_you_mean(fault.fields["name"], START_FIELDS, "The fields are")
    if fault.code == "FR107":
        allowed = fault.fields["allowed"].split(", ")
        word = str(document.at(path))
        meant = next((one for one in _TYPES.get(word.lower(), ()) if one in allowed), None)
        hint = f'Did you mean "{meant}"?' if meant else did_you_mean(word, allowed)
        fix = fixes.of_value(document, path, meant) if meant else fixes.of_word(document, path, allowed)
    return document.problem(fault.code, path, key=key, hint=hint, fix=fix, **fault.fields)


def no_expression(document: Document, path: Path) -> Problem:
    """The problem for an expression where none is evaluated."""
    names = [step for step in path if isinstance(step, str)]
    return document.problem("FR318", path, name=names[-1])


def _of_pydantic(document: Document, base: Path, model: type[Part], detail: ErrorDetails) -> Problem:
    path = _as_written(document, (*base, *detail["loc"]))
    kind = detail["type"]
    if kind == "missing":
        return document.problem("FR102", path[:-1], key=True, name=path[-1])
    if kind == "extra_forbidden":
        return unknown_key(document, path, _innermost(model, detail["loc"][:-1]))
    if is_template(detail["input"]):
        return no_expression(document, path)
    if kind in _BOUNDS:
        bound = _BOUNDS[kind].format(**detail["ctx"])
        return document.problem("FR202", path, found=described(detail["input"]), bound=bound)
    expected = _EXPECTED.get(kind, detail["msg"])
    word = _QUOTED.get(str(detail["input"]).lower()) if kind == "bool_type" else None
    hint = f"Write {word}." if word else None
    fix = fixes.of_value(document, path, word) if word else ()
    return document.problem("FR103", path, hint=hint, fix=fix, found=described(detail["input"]), expected=expected)


def unknown_key(document: Document, path: Path, model: type[Part]) -> Problem:
    """The problem for a key that is not known here, or not yet."""
    name = str(path[-1])
    step = issubclass(model, StepModel)
    if name in (LATER_IN_STEPS if step else LATER_AT_TOP if model is Workflow else ()):
        return document.problem("FR104", path, key=True, name=name)
    allowed = keys_of(model)
    fix: tuple[Edit, ...] = ()
    if name in model.elsewhere:
        hint = model.elsewhere[name]
    elif model is Workflow and name in _step_keys():
        hint = f"`{name}` belongs to a step, under `steps`."
    elif step and name == "id":
        hint = "The id of a step is its key in the map `steps`; in a list it stands inside the step."
    elif step and name in keys_of(Workflow):
        hint = f"`{name}` belongs to the top of the file."
    else:
        hint = for_key(name, allowed)
        fix = fixes.of_key(document, path, allowed)
    return document.problem("FR101", path, key=True, hint=hint, fix=fix, name=name)


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a map, as the author writes them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _step_keys() -> set[str]:
    return {key for kind in STEP_KINDS for key in keys_of(kind)} - set(keys_of(Workflow))


def nulls(document: Document, path: Path, model: type[Part], raw: Mapping[str, Json]) -> Iterator[Problem]:
    """A problem for each known key that has no value, in this map and those inside it."""
    fields = _fields(model)
    for key, value in raw.items():
        if key not in fields or key in _FREE:
            continue
        if value is None:
            yield document.problem("FR110", (*path, key), key=True, name=key)
            continue
        part, named = fields[key]
        if part is None or not isinstance(value, dict | list):
            continue
        if isinstance(value, dict) and not named:
            yield from nulls(document, (*path, key), part, value)
            continue
        for at, item in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(item, dict):
                yield from nulls(document, (*path, key, at), part, item)
            elif item is None and isinstance(at, str):
                yield document.problem("FR110", (*path, key, at), key=True, name=at)


@cache
def _fields(model: type[Part]) -> Mapping[str, tuple[type[Part] | None, bool]]:
    """The keys of a map, each with what `part_in` says of it."""
    return {field.alias or name: part_in(field.annotation) for name, field in model.model_fields.items()}


def part_in(annotation: Any) -> tuple[type[Part] | None, bool]:
    """The model inside a field's type, and whether the field maps names to it."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation, False
    for inner in get_args(annotation):
        part, named = part_in(inner)
        if part is not None:
            return part, named or get_origin(annotation) is dict
    return None, False


def _innermost(model: type[Part], way: tuple[str | int, ...]) -> type[Part]:
    """The model of the map that a path leads to."""
    steps = iter(way)
    for step in steps:
        part, named = _fields(model).get(str(step), (None, False))
        if part is not None:
            model = part
            if named:
                next(steps, None)
    return model
