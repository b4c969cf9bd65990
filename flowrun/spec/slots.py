"""Slots: every place of a file where an expression may stand, and what it can see from there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from flowrun.core.plan import Json
from flowrun.spec.document import Path
from flowrun.spec.step_draft import StepDraft
from flowrun.templating import analysis
from flowrun.templating.analysis import Fault, Reference

_OF_DEFAULTS = ("folder", "runtime_type", "job_priority")
_BEFORE_LEGS = ("matrix", "include", "exclude")


@dataclass(frozen=True)
class Slot:
    """A value with templates in it, or one expression as it stands (`bare`).

    `step` is the one that it belongs to, None for the outputs of the workflow. `legs` says whether `matrix` exists,
    `results` whether steps do, `status` whether status functions may be asked.
    """

    path: Path
    value: Json
    step: StepDraft | None = None
    bare: bool = False
    legs: bool = False
    results: bool = True
    status: bool = False

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """What its expressions refer to."""
        return tuple(analysis.references_of(self.value) if self.bare else analysis.references(self.value))

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with its expressions."""
        return tuple(analysis.faults_of(self.value, status=self.status) if self.bare else analysis.faults(self.value))


def slots_of(head: Mapping[str, Json], steps: Iterable[StepDraft]) -> Iterator[Slot]:
    """Every slot that is not plain text, in the order of the file's own keys."""
    for step in steps:
        yield from _of_step(step)
    outputs = head.get("outputs")
    if isinstance(outputs, dict):
        yield Slot(("outputs",), outputs)
    defaults = head.get("defaults")
    if isinstance(defaults, dict):
        for name in _OF_DEFAULTS:
            if _braced(defaults.get(name)):
                yield Slot(("defaults", name), defaults[name], results=False)


def _of_step(step: StepDraft) -> Iterator[Slot]:
    legs = "fan_out" in step.raw
    for name, value in step.raw.items():
        path = (*step.path, name)
        if name == "if":
            if isinstance(value, str) and value.strip():
                yield Slot(path, value, step, bare=True, status=True)
        elif name == "fan_out":
            if isinstance(value, dict):
                yield from _of_fan_out(step, path, value)
        elif name == "wait" and isinstance(value, dict):
            until = value.get("until")
            if isinstance(until, str) and until.strip():
                yield Slot((*path, "until"), until, step, bare=True, legs=legs)
            if _braced(value.get("for")):
                yield Slot((*path, "for"), value["for"], step, legs=legs)
        elif name in step.kind.templated and _braced(value):
            yield Slot(path, value, step, legs=legs)


def _of_fan_out(step: StepDraft, path: Path, value: dict[str, Json]) -> Iterator[Slot]:
    for name in _BEFORE_LEGS:
        if _braced(value.get(name)):
            yield Slot((*path, name), value[name], step)
    if _braced(value.get("key")):
        yield Slot((*path, "key"), value["key"], step, legs=True)


def _braced(value: Json) -> bool:
    """Whether there may be an expression in it, or somebody else's."""
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, dict):
        return any(_braced(item) for item in value.values()) or any("{{" in key for key in value)
    return isinstance(value, list) and any(map(_braced, value))
