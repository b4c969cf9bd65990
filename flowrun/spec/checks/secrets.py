"""Rules about what nobody shall be shown: secrets, and outputs that are sensitive."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.core.plan import Json
from flowrun.errors import Problem
from flowrun.spec.document import Path
from flowrun.spec.draft import Draft
from flowrun.spec.library import Loaded, Opened
from flowrun.spec.slots import Slot
from flowrun.spec.suggest import did_you_mean
from flowrun.steps.fields import IDENTIFIER, shown
from flowrun.steps.job.model import JobStep
from flowrun.steps.model import StepModel
from flowrun.steps.workflow_model import WorkflowStep
from flowrun.templating.analysis import Reference
from flowrun.templating.sensitivity import exposed
from flowrun.templating.syntax import secret

_SENT = ("input_arguments", "start")
"""The keys of a job step whose values are sent and written down as references."""

_QUIET = frozenset({*_SENT, "if", "wait", "repeat", "inputs", "outputs"})
"""The keys in which a sensitive output is only used; all others are read by people, or name something."""

_INSTEAD = {
    "if": "Compare an output or an input instead; what depends on a secret belongs into the automation.",
    "fan_out": "Legs have names that everybody reads. Give the secret to each leg in its `input_arguments`.",
    "outputs": "The outputs of a workflow are shown. Let the Job put it where it is needed.",
    "inputs": "Declare it in the `secrets` of that workflow too, and use it there.",
    "approval": "What people are asked is shown to them.",
}


def secrets(draft: Draft) -> Iterator[Problem]:
    """FR801 to FR803, FR805, FR806, FR108: what is declared is used, once, and only where it is sent."""
    declared = declared_secrets(draft.head.get("secrets"))
    yield from _declarations(draft)
    used: set[str] = set()
    for slot in draft.slots:
        for reference in slot.references:
            if reference.path[0] == "secrets":
                used |= set(reference.path[1:2]) or set(declared)
                yield from _Use(draft, slot, reference, declared).problems()
    if any(slot.faults for slot in draft.slots) or used - set(declared):
        return
    for at, name in enumerate(declared):
        if name not in used:
            yield draft.document.problem("FR805", ("secrets", at), name=name)


def declared_secrets(raw: Json) -> list[str]:
    """The names in a list of secrets, as far as they are names."""
    return [name for name in raw if isinstance(name, str)] if isinstance(raw, list) else []


def _declarations(draft: Draft) -> Iterator[Problem]:
    written = draft.head.get("secrets")
    raw: list[Json] = written if isinstance(written, list) else []
    for at, name in enumerate(raw):
        if not isinstance(name, str):
            continue
        if not IDENTIFIER.fullmatch(name):
            what = "the name of a secret"
            yield draft.document.problem("FR108", ("secrets", at), name=shown(name), what=what)
        elif name in raw[:at]:
            first = draft.document.position(("secrets", raw.index(name)))
            yield draft.document.problem(
                "FR806", ("secrets", at), name=name, other=first, other_label="first written here"
            )


class _Use:
    """One use of `secrets` in an expression."""

    def __init__(self, draft: Draft, slot: Slot, reference: Reference, declared: list[str]) -> None:
        self._draft = draft
        self._slot = slot
        self._reference = reference
        self._declared = declared

    def problems(self) -> Iterator[Problem]:
        """At most one: where it stands, then how, then which it is."""
        names = self._reference.path
        reason, hint = self._misplaced()
        if reason:
            yield self._problem("FR802", hint=hint, reason=reason)
            return
        path = (*self._slot.path, *self._reference.in_path)
        value = self._slot.value
        for part in self._reference.in_path:
            value = value[part]
        if secret(value) is None:
            name = names[1] if len(names) > 1 else (self._declared or ["NAME"])[0]
            yield self._problem("FR803", reason=self._shape(value), name=name)
        elif names[1] not in self._declared:
            meant = did_you_mean(names[1], self._declared)
            listed = ", ".join([*self._declared, names[1]])
            hint = meant or f"Write `secrets: [{listed}]` at the top."
            place = self._draft.document.inside(path, ".".join(names))
            yield self._draft.document.problem("FR801", path, position=place, hint=hint, name=names[1])

    def _misplaced(self) -> tuple[str, str]:
        """Why it cannot stand in this place, and what to do; empty where it can."""
        step = self._slot.step
        inside = _inside(self._slot.path, step.path if step else ())
        key = str(inside[0]) if inside else ""
        at = [part for part in inside if part != "compensate"]
        instead = _INSTEAD.get(key, "Give it to a Job in its `input_arguments`.")
        if step is None:
            return f"`{key}` is written down and shown", instead
        if not issubclass(step.kind, JobStep) or not at or at[0] not in _SENT:
            return f"`{key}` is written down and shown", instead
        if not self._reference.in_path:
            return f"all of `{at[0]}` is one expression here", f"Write a map: `{at[0]}: {{in_Name: ...}}`."
        return "", ""

    def _shape(self, value: str) -> str:
        if len(self._reference.path) != 2:  # noqa: PLR2004 - secrets.NAME
            return "it has no fields, and they have no list"
        if value.strip() != value or secret(value.strip()) is not None:
            return "there are spaces around it"
        if f"secrets['{self._reference.path[1]}']" in value or f'secrets["{self._reference.path[1]}"]' in value:
            return "its name comes after a dot"
        return "this is a text or an expression around it"

    def _problem(self, code: str, *, hint: str | None = None, **fields: Json) -> Problem:
        path = (*self._slot.path, *self._reference.in_path)
        place = self._draft.document.inside(path, ".".join(self._reference.path), "secrets")
        return self._draft.document.problem(code, path, position=place, hint=hint, **fields)


def sensitive_outputs(draft: Draft) -> Iterator[Problem]:
    """FR807: no sensitive output where everybody would read it."""
    for slot in draft.slots:
        step = slot.step
        inside = [part for part in _inside(slot.path, step.path if step else ()) if part != "compensate"]
        if step is None or not inside or inside[0] in _QUIET:
            continue
        for reference in slot.references:
            match reference.path:
                case ("steps", source, "outputs", name, *_):
                    pass
                case ("outputs", name, *_) if slot.own:
                    source = step.id
                case _:
                    continue
            if name in _hidden(draft, source):
                path = (*slot.path, *reference.in_path)
                place = draft.document.inside(path, ".".join(reference.path[:4]))
                yield draft.document.problem("FR807", path, position=place, name=name, step=source, named=inside[0])


def _hidden(draft: Draft, step_id: str) -> set[str]:
    opened = draft.opened.get(step_id)
    if isinstance(opened, Opened):
        return _of_file(opened.loaded)
    step = draft.steps.get(step_id)
    model: StepModel | None = step.model if step else None
    return {name for name, output in model.outputs.items() if output.sensitive} if model else set()


def _of_file(loaded: Loaded) -> set[str]:
    """The outputs of a file that is a step which are made of sensitive ones."""
    if loaded.workflow is None:
        return set()
    hidden: dict[str, set[str]] = {}
    for step_id, model in (*loaded.workflow.steps.items(), *loaded.workflow.finally_.items()):
        inner = loaded.workflows.get(model.workflow) if isinstance(model, WorkflowStep) else None
        own = {name for name, output in model.outputs.items() if output.sensitive}
        hidden[step_id] = own if inner is None else _of_file(inner)
    hidden = {step_id: names for step_id, names in hidden.items() if names}
    return {name for name, value in loaded.workflow.outputs.items() if hidden and list(exposed(value, hidden))}


def _inside(path: Path, before: Path) -> Path:
    return path[len(before) :]
