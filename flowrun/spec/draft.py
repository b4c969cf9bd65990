"""Draft: a file on its way to a Workflow. The checks look at it, whatever part of it is valid."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError

from flowrun.core.plan import Json, Stage
from flowrun.spec.certainty import Certainty
from flowrun.spec.document import Document
from flowrun.spec.environment import NONE, Environments
from flowrun.spec.library import Opened
from flowrun.spec.order import Ancestry
from flowrun.spec.slots import Slot, slots_of
from flowrun.spec.step_draft import StepDraft
from flowrun.spec.suggest import Guesses
from flowrun.steps.fields import IDENTIFIER, Fault
from flowrun.steps.inputs import InputModel


@dataclass(frozen=True)
class Draft:
    """The file. An input that is declared and broken has None; `head` is what is written at the top.

    `opened`: the file that a step names, by the id of the step, or why it cannot be had.
    """

    document: Document
    head: Mapping[str, Json] = field(default_factory=dict)
    inputs: Mapping[str, InputModel | None] = field(default_factory=dict)
    steps: Mapping[str, StepDraft] = field(default_factory=dict)
    opened: Mapping[str, Opened | Fault] = field(default_factory=dict)
    guesses: Guesses = field(default_factory=Guesses)
    environments: Environments = NONE

    @cached_property
    def ids(self) -> Mapping[Stage, tuple[str, ...]]:
        """The ids of the steps, stage by stage, as far as they are ids."""
        named = [step for step in self.steps.values() if IDENTIFIER.fullmatch(step.id)]
        return {stage: tuple(step.id for step in named if step.stage is stage) for stage in Stage}

    @cached_property
    def edges(self) -> dict[str, list[str]]:
        """For each step those that it needs, in the same map of the file; needs of itself are left out."""
        return {step.id: [need for need in step.before if self._same(step, need)] for step in self.steps.values()}

    @cached_property
    def ancestry(self) -> Ancestry | None:
        """Who comes before whom; None where there is a cycle."""
        try:
            return Ancestry(self.edges)
        except CycleError:
            return None

    @cached_property
    def unclear(self) -> frozenset[str]:
        """The steps of which it cannot be told who comes before them: needs cannot be read, or go in a circle."""
        unread = [step.id for step in self.steps.values() if step.needs is None]
        return frozenset(self.steps if self.ancestry is None else (*unread, *self.ancestry.behind(unread)))

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Every place where an expression may stand, and something like one does."""
        return tuple(slots_of(self.head, self.steps.values()))

    @cached_property
    def _slots_by_step(self) -> dict[str | None, list[Slot]]:
        found: dict[str | None, list[Slot]] = {}
        for slot in self.slots:
            if slot.step is not None or slot.results:
                found.setdefault(slot.step.id if slot.step else None, []).append(slot)
        return found

    def slots_of(self, step: StepDraft | None) -> list[Slot]:
        """The slots of one step; for None those of the outputs of the workflow."""
        return self._slots_by_step.get(step.id if step else None, [])

    @cached_property
    def conditions(self) -> dict[str, Slot]:
        """The slots of the `if`s, by the ids of their steps."""
        return {slot.step.id: slot for slot in self.slots if slot.step and slot.path == (*slot.step.path, "if")}

    @cached_property
    def certainty(self) -> Certainty | None:
        """What is certain of each step when it runs; None where the edges cannot tell."""
        if self.unclear:
            return None
        return Certainty(self.steps, self.inputs, self.edges, self.conditions)

    def promised(self, step: StepDraft) -> Collection[str] | None:
        """The outputs that can be read of a step; None where that is not known."""
        opened = self.opened.get(step.id)
        if isinstance(opened, Opened):
            workflow = opened.loaded.workflow
            return None if workflow is None else workflow.outputs
        return step.model.outputs or None if step.model else None

    def _same(self, step: StepDraft, need: str) -> bool:
        return need != step.id and need in self.steps and self.steps[need].stage is step.stage
