"""Rules about outputs that may not be there when they are read."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.core.plan import Stage
from flowrun.errors import Problem
from flowrun.spec.certainty import Certainty
from flowrun.spec.draft import Draft
from flowrun.spec.reading import Reading, has_default
from flowrun.spec.slots import Slot
from flowrun.spec.step_draft import StepDraft


def absent_outputs(draft: Draft) -> Iterator[Problem]:
    """FR351: an output that is read surely exists by then, or has a default."""
    certainty = draft.certainty
    if certainty is None:
        return
    for step in (*draft.steps.values(), None):
        if step is not None and step.id in certainty.never:
            continue
        seen: set[tuple[str, str]] = set()
        for slot, reference in Reading(draft, step).plain():
            _, name, _, output = reference.path[:4]
            other = draft.steps.get(name)
            if other is None or other.model is None or "fan_out" in other.raw or has_default(other, output):
                continue
            if step is not None and not _comes_before(draft, other, step):
                continue  # FR310 and FR315 say so
            reason = _reason(certainty, slot, other, output)
            if reason and (name, output) not in seen:
                seen.add((name, output))
                path = (*slot.path, *reference.in_path)
                place = draft.document.inside(path, ".".join(reference.path), reference.expression)
                yield draft.document.problem("FR351", path, position=place, step=name, name=output, reason=reason)


def _comes_before(draft: Draft, other: StepDraft, step: StepDraft) -> bool:
    if other.stage is not step.stage:
        return other.stage is Stage.STEPS
    return other.id != step.id and draft.ancestry is not None and draft.ancestry.precedes(other.id, step.id)


def _reason(certainty: Certainty, slot: Slot, other: StepDraft, output: str) -> str | None:
    """Why the output may be missing; None where it is there, or where something else is wrong."""
    if other.model is None or other.id in certainty.never:
        return None
    reader = slot.step
    if reader is None:
        ran = certainty.sure(other.id) or other.stage is Stage.FINALLY
        if not ran:
            return f"the run may succeed without `{other.id}`, and then has no such output to give"
    elif not certainty.succeeded(reader, other.id):
        return _may_not_have_run(reader, other)
    if other.model.continue_on_error:
        return f"`{other.id}` may have failed, which its `continue_on_error` lets through"
    declared = other.model.outputs.get(output)
    repeats = "repeat" in other.raw  # its `until` may wait for just that output
    if declared is not None and not declared.required and not repeats:
        return f"`{other.id}` declares it as not required"
    return None


def _may_not_have_run(reader: StepDraft, other: StepDraft) -> str:
    if reader.stage is not other.stage:
        return f"`finally` begins also when `{other.id}` has failed or never ran"
    if any(need.optional and need.step == other.id for need in reader.needs or ()):
        return f"`{other.id}` may have been skipped, and is needed as `optional`"
    return f"`{other.id}` may not have succeeded when this step runs"
