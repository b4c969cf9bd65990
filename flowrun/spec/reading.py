"""Reading: which outputs of others a step cannot do without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flowrun.spec.draft import Draft
from flowrun.spec.slots import Slot
from flowrun.spec.step_draft import StepDraft
from flowrun.templating.analysis import Reference

_GUARDS = ("default", "defined", " if ", " and ", " or ")
_PATH_TO_OUTPUT = 4  # steps.X.outputs.Y


@dataclass(frozen=True, slots=True)
class Reading:
    """A step as a reader of others; `step` is None for the outputs of the workflow."""

    draft: Draft
    step: StepDraft | None

    def plain(self) -> Iterator[tuple[Slot, Reference]]:
        """Every output that is read as it is: the expression does not ask whether it is there, nor does the `if`."""
        asked = self._asked()
        for slot in self.draft.slots_of(self.step):
            faulty = {fault.expression for fault in slot.faults}
            for reference in slot.references:
                path = reference.path
                if len(path) < _PATH_TO_OUTPUT or path[0] != "steps" or path[2] != "outputs":
                    continue
                if path[1] in asked or reference.expression in faulty:
                    continue
                if not any(word in reference.expression for word in _GUARDS):
                    yield slot, reference

    def needed(self) -> frozenset[str]:
        """The steps of which it reads an output that has no default."""
        read = {(reference.path[1], reference.path[3]) for _, reference in self.plain()}
        steps = self.draft.steps
        return frozenset(name for name, output in read if name in steps and not has_default(steps[name], output))

    def _asked(self) -> frozenset[str]:
        """The steps that the `if` itself asks about."""
        slot = self.draft.conditions.get(self.step.id) if self.step else None
        paths = slot.paths if slot else ()
        return frozenset(path[1] for path in paths if len(path) > 1 and path[0] == "steps")


def has_default(step: StepDraft, output: str) -> bool:
    """Whether the step declares a default for that output."""
    declared = step.model.outputs.get(output) if step.model else None
    return declared is not None and declared.has_default
