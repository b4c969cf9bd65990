"""Slots: every place of a file where an expression may stand, and what it can see from there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flowrun.core.plan import Json
from flowrun.spec.document import Path
from flowrun.spec.step_draft import StepDraft
from flowrun.steps.job.model import CompensateModel
from flowrun.templating import analysis
from flowrun.templating.analysis import Fault, Reference

_OF_DEFAULTS = ("folder", "runtime_type", "job_priority")
_BEFORE_LEGS = ("matrix", "include", "exclude")


@dataclass(frozen=True)
class Slot:
    """A value with templates in it, or one expression as it stands (`bare`).

    `step` is the one that it belongs to, None for the outputs of the workflow. `legs` says whether `matrix` exists,
    `results` whether steps do, `status` whether status functions may be asked, `own` whether `outputs` are those of the
    step itself, `early` whether it is asked before there is a run.
    """

    path: Path
    value: Json
    step: StepDraft | None = None
    bare: bool = False
    legs: bool = False
    results: bool = True
    status: bool = False
    own: bool = False
    early: bool = False

    def at(self, name: str, **more: Any) -> Slot:
        """The slot of a key inside this one, which is a map."""
        return replace(self, path=(*self.path, name), value=self.value.get(name), **more)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """What its expressions refer to."""
        return tuple(analysis.references_of(self.value) if self.bare else analysis.references(self.value))

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with its expressions."""
        return tuple(analysis.faults_of(self.value, status=self.status) if self.bare else analysis.faults(self.value))

    @property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """The names that its expressions read."""
        return tuple(reference.path for reference in self.references)

    @cached_property
    def functions(self) -> frozenset[str]:
        """The status functions that it asks, where it is one expression."""
        return analysis.functions(self.value) if self.bare else frozenset()


def slots_of(head: Mapping[str, Json], steps: Iterable[StepDraft]) -> Iterator[Slot]:
    """Every slot that is not plain text, in the order of the file's own keys."""
    for step in steps:
        yield from _of_step(step)
    outputs = head.get("outputs")
    if isinstance(outputs, dict):
        yield Slot(("outputs",), outputs)
    concurrency = head.get("concurrency")
    if _braced(head.get("run_key")):
        yield Slot(("run_key",), head["run_key"], results=False, early=True)
    if isinstance(concurrency, dict) and _braced(concurrency.get("group")):
        yield Slot(("concurrency", "group"), concurrency["group"], results=False, early=True)
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
            yield from _bare(Slot(path, value, step, status=True))
        elif name in _INSIDE and name in step.kind.model_fields:
            if isinstance(value, dict):
                yield from _INSIDE[name](Slot(path, value, step, legs=legs))
        elif name in step.kind.templated and _braced(value):
            yield Slot(path, value, step, legs=legs)


def _of_fan_out(whole: Slot) -> Iterator[Slot]:
    for name in _BEFORE_LEGS:
        yield from _templates(whole.at(name, legs=False))
    yield from _templates(whole.at("key"))


def _of_wait(whole: Slot) -> Iterator[Slot]:
    yield from _bare(whole.at("until"))
    yield from _templates(whole.at("for"))


def _of_approval(whole: Slot) -> Iterator[Slot]:
    yield from _templates(whole.at("instructions"))


def _of_repeat(whole: Slot) -> Iterator[Slot]:
    yield from _bare(whole.at("until", own=True))


def _of_compensate(whole: Slot) -> Iterator[Slot]:
    for name in whole.value:
        if name in CompensateModel.templated:
            yield from _templates(whole.at(name, own=True))


_INSIDE: Mapping[str, Callable[[Slot], Iterator[Slot]]] = {
    "fan_out": _of_fan_out,
    "wait": _of_wait,
    "approval": _of_approval,
    "repeat": _of_repeat,
    "compensate": _of_compensate,
}
"""The keys of a step that are maps with expressions in some places of them."""


def _bare(slot: Slot) -> Iterator[Slot]:
    if isinstance(slot.value, str) and slot.value.strip():
        yield replace(slot, bare=True)


def _templates(slot: Slot) -> Iterator[Slot]:
    if _braced(slot.value):
        yield slot


def _braced(value: Json) -> bool:
    """Whether there may be an expression in it, or somebody else's."""
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, dict):
        return any(_braced(item) for item in value.values()) or any("{{" in key for key in value)
    return isinstance(value, list) and any(map(_braced, value))
