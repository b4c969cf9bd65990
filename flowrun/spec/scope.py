"""Scope: what is known of the names that an expression reads, from the declarations of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowrun.core.plan import Json
from flowrun.core.status import StepStatus
from flowrun.spec.step_draft import StepDraft
from flowrun.steps.inputs import InputModel
from flowrun.templating.inference import infer
from flowrun.templating.kinds import ANY, Type, of_items, of_json, of_kinds, of_values
from flowrun.templating.syntax import Placeholder, is_template, split

RESULTS = of_values(str(status) for status in StepStatus if status.final)
_SUCCEEDED = of_values([str(StepStatus.SUCCEEDED)])
_OBJECT, _LIST, _TEXT, _NUMBER = of_kinds("object"), of_kinds("list"), of_kinds("text"), of_kinds("number")

_DECLARED: Mapping[str, Type] = {
    "string": _TEXT,
    "date": _TEXT,
    "integer": _NUMBER,
    "number": _NUMBER,
    "boolean": of_kinds("boolean"),
    "object": _OBJECT,
    "list": _LIST,
    "array": _LIST,
    "any": ANY,
}
_FIELDS: Mapping[str, Type] = {
    "cause": _TEXT,
    "error": of_kinds("object", "null"),
    "outputs": _OBJECT,
    "jobs": _LIST,
    "attempt": _NUMBER,
}
_ROOTS: Mapping[tuple[str, ...], Type] = {
    **{(root,): _OBJECT for root in ("inputs", "steps", "matrix", "env", "run", "workflow")},
    ("run", "id"): _TEXT,
    ("run", "started_at"): _NUMBER,
    ("workflow", "name"): _TEXT,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The names as an expression sees them. `step` is the one whose `matrix` it can read, if it can read any.

    `succeeded` are steps that are known to have succeeded where the question is asked. `env` are the variables of the
    environment that is chosen: of these only the types are taken, for in another one they have other values.
    """

    inputs: Mapping[str, InputModel | None]
    steps: Mapping[str, StepDraft]
    step: StepDraft | None = None
    succeeded: frozenset[str] = frozenset()
    env: Mapping[str, Json] = field(default_factory=dict)

    def __call__(self, path: tuple[str, ...]) -> Type | None:
        """The type of what a path leads to; None where only the path before its last name is known."""
        match path:
            case ("inputs" | "env" as root, name):
                return self._given(root, name)
            case ("steps", name):
                return _OBJECT if name in self.steps else ANY
            case ("steps", name, *rest) if name in self.steps and self.steps[name].model is not None:
                return self._of_step(self.steps[name], rest)
            case ("matrix", name):
                return self._of_matrix(name)
            case (_,):
                return _ROOTS.get(path, ANY)
        return _ROOTS.get(path)

    def _given(self, root: str, name: str) -> Type:
        if root == "env":
            return of_kinds(*of_json(self.env[name]).kinds) if name in self.env else ANY
        declared = self.inputs.get(name)
        return _of_input(declared) if declared else ANY

    def knows(self, path: tuple[str, ...]) -> bool:
        """Whether there is such a name, as far as the declarations say; other rules tell of those that are not."""
        match path:
            case ("inputs", name, *_):
                return name in self.inputs
            case ("env", name, *_):
                return name in self.env and _leads(self.env, path[1:])
            case ("steps", name, *_):
                return name in self.steps
            case ("run" | "workflow", _, *_):
                return path in _ROOTS
        return path[:1] in _ROOTS

    def _of_step(self, step: StepDraft, path: list[str]) -> Type | None:
        fans = "fan_out" in step.raw
        match path:
            case ["result"]:
                return _SUCCEEDED if step.id in self.succeeded else RESULTS
            case ["outcome"]:
                lets = step.model is None or bool(step.model.continue_on_error)
                return _SUCCEEDED if step.id in self.succeeded and not lets else RESULTS
            case ["legs"] if fans:
                return of_items([_OBJECT])
            case [field]:
                return _FIELDS.get(field, ANY)
            case ["outputs", name]:
                declared = step.model.outputs.get(name) if step.model else None
                known = _DECLARED[declared.type] if declared else ANY
                if declared and declared.has_default:
                    known |= of_json(declared.default)
                return of_items([known | of_json(None)]) if fans else known
        return None

    def _of_matrix(self, name: str) -> Type:
        fan_out = self.step.model.fan_out if self.step and self.step.model else None
        if fan_out is None or name not in fan_out.matrix or is_template(fan_out.include):
            return ANY
        values = fan_out.matrix[name]
        found = self._items(values) if is_template(values) else of_items(map(self._item, values)).items
        if found is None:
            return ANY
        for entry in fan_out.include:
            if name in entry:
                found |= self._item(entry[name])
        return found

    def _item(self, value: Json) -> Type:
        return ANY if is_template(value) else of_json(value)

    def _items(self, template: str) -> Type | None:
        pieces = split(template)
        if len(pieces) != 1 or not isinstance(pieces[0], Placeholder):
            return None
        try:
            return infer(pieces[0].expression, Scope(self.inputs, self.steps, env=self.env))[0].items
        except ValueError:
            return None


def _leads(value: Json, path: tuple[str, ...]) -> bool:
    """Whether there is something at the end of a path of names."""
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return False
        value = value[name]
    return True


def _of_input(declared: InputModel) -> Type:
    known = of_values(declared.options) if declared.type == "choice" else _DECLARED[declared.type]
    if declared.required is False or (declared.has_default and declared.default is None):
        return known | of_json(None)
    return known
