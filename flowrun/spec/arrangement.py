"""Arrangement: in which order the keys of each map are written, in every kind of file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from flowrun.core.plan import Json
from flowrun.spec.environment import EnvironmentModel
from flowrun.spec.models import STEP_KINDS, DefaultsModel, Workflow
from flowrun.spec.refusals import keys_of, part_in
from flowrun.spec.trials.models import (
    AbortModel,
    AnswerModel,
    ExpectModel,
    FileModel,
    JobModel,
    LegCame,
    ReturnedModel,
    SpanModel,
    StepCame,
    SuiteModel,
    TrialModel,
)
from flowrun.steps.fields import Part
from flowrun.steps.inputs import InputModel
from flowrun.steps.job.model import CompensateModel
from flowrun.steps.model import StepModel

STEP = (
    *("id", "name", "needs", "if", "fan_out"),
    *("release", "release_key", "workflow", "wait", "approval"),
    *("folder", "strategy", "robots", "robot_ids", "jobs_count", "jobs_succeed", "runtime_type", "job_priority"),
    *("pools", "input_arguments", "arguments_over_limit", "inputs", "start", "outputs", "repeat"),
    *("retry", "continue_on_error", "timeout", "pending_timeout", "stop_timeout", "compensate"),
)
"""When it runs, what it is, where, with what, what it gives, and what becomes of it when it fails."""

INPUT = ("type", "options", "pattern", "min", "max", "required", "default", "description")

_ORDERS: Mapping[type[Part], tuple[str, ...]] = {
    InputModel: INPUT,
    CompensateModel: STEP,
    DefaultsModel: STEP,
    JobModel: ("leg", "attempt", "state", "info", "outputs", "error", "jobs"),
    LegCame: ("result",),
    StepCame: ("result", "outcome"),
    ExpectModel: ("result", "cause", "message", "warnings", "doubts", "duration", "order", "steps", "never_started"),
}
"""What goes before the order of the fields, which is that of the reference else."""

_INSIDE: Mapping[type[Part], Mapping[str, tuple[type[Part], bool]]] = {
    SuiteModel: {
        "jobs": (JobModel, True),
        "answers": (AnswerModel, True),
        "workflows": (FileModel, True),
        "tests": (TrialModel, False),
    },
    TrialModel: {
        "jobs": (JobModel, True),
        "answers": (AnswerModel, True),
        "workflows": (FileModel, True),
        "abort": (AbortModel, False),
    },
    JobModel: {"jobs": (ReturnedModel, False)},
    ExpectModel: {"steps": (StepCame, True), "duration": (SpanModel, False)},
    StepCame: {"legs": (LegCame, True), "duration": (SpanModel, False)},
}
"""The models of values whose fields are read in more than one form."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A map: the order of its keys, and of each key that holds such maps theirs.

    `named`: the value of that key is a map from names of the author's own to such maps, which keeps its order.
    """

    order: Mapping[str, int]
    inside: Mapping[str, tuple[Shape, bool]] = field(default_factory=dict)


Inside: TypeAlias = tuple[Shape, bool] | None
"""A shape, and whether it is that of the values and not of the map itself. None: nothing is known of it."""


def inside_of(inside: Inside, key: str) -> Inside:
    """What holds for the value of a key in a map for which `inside` holds."""
    if inside is None:
        return None
    shape, named = inside
    return (shape, False) if named else shape.inside.get(key)


def shape_of(data: Json, *, environment: bool = False) -> Shape | None:
    """The shape of a file, told by what stands in it; None where it is none of ours."""
    if not isinstance(data, Mapping):
        return None
    if environment:
        return _shape(EnvironmentModel)
    if "flowrun_test" in data:
        return _shape(SuiteModel)
    return _workflow() if "flowrun" in data else None


def ranks(names: list[str], shape: Shape) -> list[tuple[int, int]]:
    """Where each key of a map belongs. What is not known, an `x-` of the author's, stays ahead of what it stood before.

    `<<` comes first.
    """
    found: list[tuple[int, int]] = []
    following = (len(shape.order), 0)
    for name in reversed(names):
        if name == "<<":
            found.append((-1, 0))
        elif name in shape.order:
            following = (shape.order[name], 1)
            found.append(following)
        else:
            found.append((following[0], 0))
    return found[::-1]


@cache
def _workflow() -> Shape:
    inside = dict(_shape(Workflow).inside)
    step: dict[str, tuple[Shape, bool]] = {}
    for kind in STEP_KINDS:
        step |= _shape(kind).inside
    inside |= dict.fromkeys(("steps", "finally"), (Shape(_numbered(STEP), step), True))
    return Shape(_shape(Workflow).order, inside)


@cache
def _shape(model: type[Part]) -> Shape:
    keys = keys_of(model)
    before = [key for key in _ORDERS.get(model, ()) if key in keys]
    inside: dict[str, tuple[Shape, bool]] = {}
    for name, declared in model.model_fields.items():
        key = declared.alias or name
        part, named = _INSIDE.get(model, {}).get(key) or part_in(declared.annotation)
        if part is not None and not issubclass(part, StepModel):
            inside[key] = (_shape(part), named)
    return Shape(_numbered((*before, *(key for key in keys if key not in before))), inside)


def _numbered(keys: tuple[str, ...]) -> Mapping[str, int]:
    return {key: at for at, key in enumerate(keys)}
