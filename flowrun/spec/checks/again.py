"""Rules about steps that are done again, and about what undoes them."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.core.plan import Stage
from flowrun.errors import Problem
from flowrun.spec.draft import Draft


def repetitions(draft: Draft) -> Iterator[Problem]:
    """FR241: what ends a repetition can change from round to round."""
    for slot in draft.slots:
        read = {reference.path[0] for reference in slot.references} if slot.own and slot.bare else {"outputs"}
        if "outputs" not in read and not any(slot.faults):
            yield draft.document.problem("FR241", slot.path)


def compensations(draft: Draft) -> Iterator[Problem]:
    """FR240: what is undone stands in `steps`."""
    for step in draft.steps.values():
        if step.stage is Stage.FINALLY and "compensate" in step.raw:
            yield draft.document.problem("FR240", (*step.path, "compensate"), key=True)
