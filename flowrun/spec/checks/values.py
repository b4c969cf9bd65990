"""Rules about values that need to see more than one field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from flowrun.core.plan import Json
from flowrun.errors import Problem
from flowrun.orchestrator.wire import LONGEST_ARGUMENTS, characters
from flowrun.spec import zeros
from flowrun.spec.draft import Draft
from flowrun.steps.fields import IDENTIFIER, shown
from flowrun.steps.job.model import JobStep
from flowrun.templating.syntax import is_template, templates


def leading_zeros(draft: Draft) -> Iterator[Problem]:
    """FR205: no integer that some readers take for octal, anywhere in the file."""
    yield from zeros.leading_zeros(draft.document)


def long_arguments(draft: Draft) -> Iterator[Problem]:
    """FR219: arguments that are known to be longer than Orchestrator takes them, and are not to be attached."""
    defaults = draft.head.get("defaults")
    usual = defaults.get("arguments_over_limit") if isinstance(defaults, dict) else None
    usual = draft.environments.model.defaults.arguments_over_limit or usual
    for step in draft.steps.values():
        if not isinstance(step.model, JobStep) or any(templates(step.model.input_arguments)):
            continue
        if (step.model.arguments_over_limit or usual) == "attach":
            continue
        size = characters(json.dumps(step.model.input_arguments, ensure_ascii=False, separators=(",", ":")))
        if size > LONGEST_ARGUMENTS:
            path = (*step.path, "input_arguments")
            yield draft.document.problem("FR219", path, key=True, size=size, most=LONGEST_ARGUMENTS)


def output_names(draft: Draft) -> Iterator[Problem]:
    """FR108: the outputs of the workflow have names that expressions can use."""
    outputs = draft.head.get("outputs")
    for name in outputs if isinstance(outputs, dict) else ():
        if not IDENTIFIER.fullmatch(name):
            what = "the name of an output"
            yield draft.document.problem("FR108", ("outputs", name), key=True, name=shown(name), what=what)


def fan_out_keys(draft: Draft) -> Iterator[Problem]:
    """FR407, FR408: a fan-out has values, and its legs have names that say something."""
    for step in draft.steps.values():
        fan_out = step.model.fan_out if step.model else None
        if fan_out is None:
            continue
        path = (*step.path, "fan_out")
        if not fan_out.matrix and not fan_out.include:
            yield draft.document.problem("FR408", (*path, "matrix"), key=True)
        elif fan_out.key is None and (found := _unnamed(fan_out.matrix)):
            name, reason = found
            yield draft.document.problem("FR407", path, key=True, name=name, reason=reason)


def _unnamed(matrix: Mapping[str, Json]) -> tuple[str, str] | None:
    """A name whose values cannot name a leg, and why."""
    for name, values in matrix.items():
        if is_template(values):
            return name, f"the values of `{name}` are known only at run time"
        if any(isinstance(value, dict | list) or is_template(value) for value in values):
            return name, f"the values of `{name}` are not plain texts and numbers"
    return None


def unused_inputs(draft: Draft) -> Iterator[Problem]:
    """FR220: every input is read somewhere. Not asked where an expression is not understood."""
    used: set[str] = set()
    for slot in draft.slots:
        if any(slot.faults):
            return
        for reference in slot.references:
            if reference.path[0] == "inputs":
                used |= set(reference.path[1:2]) or set(draft.inputs)
    if used - set(draft.inputs):
        return
    for name, declared in draft.inputs.items():
        if name not in used and declared is not None and IDENTIFIER.fullmatch(name):
            yield draft.document.problem("FR220", ("inputs", name), key=True, name=name)
