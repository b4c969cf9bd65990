"""Rules about environments: what `env.X` reads is there, and what an environment says goes with the workflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowrun.core.plan import Json
from flowrun.errors import Problem
from flowrun.spec.draft import Draft
from flowrun.spec.environment import Environments, against
from flowrun.spec.slots import Slot
from flowrun.spec.suggest import did_you_mean
from flowrun.templating.analysis import Reference

_NAME = 2
"""`env.X` has two parts."""


def environments(draft: Draft) -> Iterator[Problem]:
    """FR282, FR283, FR287: each environment goes with the workflow."""
    name = draft.head.get("name")
    for environment in () if draft.environments.nested else draft.environments.every:
        yield from against(environment, str(name), draft.inputs, draft.head.get("defaults"))


def variables(draft: Draft) -> Iterator[Problem]:
    """FR284 to FR286, FR316: every `env.X` has a value, in the environment that is chosen or in all that there are."""
    for slot in draft.slots:
        for reference in slot.references:
            if reference.path[0] == "env" and len(reference.path) >= _NAME and not reference.optional:
                yield from _variable(draft, slot, reference)


def _variable(draft: Draft, slot: Slot, reference: Reference) -> Iterator[Problem]:
    name = reference.path[1]
    surroundings = draft.environments
    if not surroundings.every:
        severity = "error" if surroundings.needed else None
        yield _problem(draft, slot, reference, "FR286", hint=_choice(surroundings, name), severity=severity, name=name)
        return
    known = [one for one in surroundings.every if one.model is not None]
    missing = [one for one in known if one.model is not None and name not in one.model.vars]
    if len(missing) == len(known) and known:
        every = dict.fromkeys(other for one in known if one.model for other in one.model.vars)
        names = ", ".join(one.name for one in known)
        named = f"the environment {names}" if len(known) == 1 else f"any of the environments {names}"
        hint = did_you_mean(name, every, "Its `vars` are" if len(known) == 1 else "Their `vars` are")
        yield _problem(draft, slot, reference, "FR284", hint=hint, environment=named, name=name)
    elif missing:
        files = ", ".join(one.file for one in missing)
        yield _problem(draft, slot, reference, "FR285", name=name, missing=files)
    elif surroundings.chosen is not None and surroundings.chosen.model is not None:
        yield from _field(draft, slot, reference, surroundings.chosen.model.vars[name])


def _choice(surroundings: Environments, name: str) -> str:
    if surroundings.others:
        return f"Choose one: -e with {', '.join(environment.name for environment in surroundings.others)}."
    return f"Write `vars: {{{name}: ...}}` into `environments/NAME.yaml` beside this file, and choose it: -e NAME."


def _field(draft: Draft, slot: Slot, reference: Reference, value: Json) -> Iterator[Problem]:
    """FR316: what stands below the name is in the value too."""
    for at, name in enumerate(reference.path[_NAME:], _NAME):
        root = ".".join(reference.path[:at])
        if not isinstance(value, Mapping):
            kind = "a list" if isinstance(value, list) else "a single value"
            yield _problem(draft, slot, reference, "FR316", hint=f"`{root}` is {kind}.", root=root, name=name)
            return
        if name not in value:
            hint = did_you_mean(name, value, "There is")
            yield _problem(draft, slot, reference, "FR316", hint=hint, root=root, name=name)
            return
        value = value[name]


def _problem(
    draft: Draft,
    slot: Slot,
    reference: Reference,
    code: str,
    *,
    hint: str | None = None,
    severity: str | None = None,
    **fields: Json,
) -> Problem:
    path = (*slot.path, *reference.in_path)
    place = draft.document.inside(path, ".".join(reference.path), ".".join(reference.path[:_NAME]), "env")
    return draft.document.problem(code, path, position=place, hint=hint, severity=severity, **fields)
