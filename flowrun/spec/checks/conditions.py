"""Rules about steps that never run, and about those that are left out more often than their author thinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowrun.core.plan import Stage
from flowrun.errors import Problem
from flowrun.spec import order
from flowrun.spec.certainty import Certainty
from flowrun.spec.draft import Draft
from flowrun.spec.reading import Reading
from flowrun.spec.scope import Scope
from flowrun.spec.step_draft import StepDraft
from flowrun.templating.inference import infer
from flowrun.templating.syntax import bare

_MOST_NAMED = 4


def never(draft: Draft) -> Iterator[Problem]:
    """FR450: every step can run. Told once for a step and all that need it."""
    certainty = draft.certainty
    if certainty is None:
        return
    for step_id, blocked in certainty.never.items():
        if blocked is not None:
            continue
        step = draft.steps[step_id]
        reason, hint = _why_never(draft, step)
        others = [other for other in certainty.never if other != step_id and _root(certainty, other) == step_id]
        named = [f"`{other}`" for other in others[:_MOST_NAMED]]
        if len(others) > _MOST_NAMED:
            named.append(f"{len(others) - _MOST_NAMED} more")
        also = ""
        if named:
            verbs = ("does", "needs") if len(others) == 1 else ("do", "need")
            also = f", nor {verbs[0]} {', '.join(named)}, which {verbs[1]} it"
        yield draft.document.problem("FR450", (*step.path, "if"), hint=hint, reason=reason, also=also)


def _root(certainty: Certainty, step_id: str) -> str:
    while (blocked := certainty.never[step_id]) is not None:
        step_id = blocked
    return step_id


def _why_never(draft: Draft, step: StepDraft) -> tuple[str, str | None]:
    slot = draft.conditions.get(step.id)
    if slot is None or not (slot.references or slot.functions):
        return "its `if` is false", None
    scope = Scope(draft.inputs, draft.steps)
    for finding in infer(bare(slot.value), scope)[1]:
        return finding.message, finding.hint or None
    if "failure" in slot.functions and not step.before and step.stage is Stage.STEPS:
        hint = "Name them in `needs`, or move the step to `finally`, where `failure()` asks about all `steps`."
        return "`failure()` asks about the steps in `needs`, and there are none", hint
    if not slot.functions:
        hint = "A status function takes the place of `success()`: `if: failure()`, or `if: always() and (...)`."
        return "an `if` without a status function is asked when all needs have succeeded, and then it is false", hint
    if {"success", "failure"} <= slot.functions:
        return "`success()` and `failure()` are never true together", "Write `always()` for both."
    return "its `if` is false however its needs end", None


def shadows(draft: Draft) -> Iterator[Problem]:
    """FR451: a step is not left out because one of its needs had nothing to do, unless that is plainly meant."""
    certainty = draft.certainty
    if certainty is None or not draft.conditions:
        return
    origins = _origins(draft, certainty)
    for step in draft.steps.values():
        slot = draft.conditions.get(step.id)
        if step.model is None or step.id in certainty.never or (slot is not None and slot.functions):
            continue
        for need in step.plain_needs:
            origin = origins.get(need)
            if origin is None or step.raw.get("if") == draft.steps[origin].raw["if"]:
                continue
            implied = need == step.follows and all(written.step != need for written in step.needs or ())
            other = None if implied or _said(step, need) else _other_branch(draft, step, need, origins)
            if (other or (implied and need == origin)) and not Reading(draft, step).needs_outputs_of(need):
                yield _shadow(draft, step, need, other)


def _origins(draft: Draft, certainty: Certainty) -> Mapping[str, str]:
    """For each step that may be skipped though nothing fails: the step whose `if` is why."""
    origins: dict[str, str] = {}
    for step_id in order.in_order(draft.edges):
        step = draft.steps[step_id]
        slot = draft.conditions.get(step_id)
        if slot is not None and slot.functions - {"success"}:
            continue
        if slot is not None and slot.references and step_id not in certainty.never:
            origins[step_id] = step_id
        elif above := next((origins[need] for need in step.plain_needs if need in origins), None):
            origins[step_id] = above
    return origins


def _said(step: StepDraft, need: str) -> bool:
    """Whether the author wrote `optional: false`."""
    return any(written.step == need and "optional" in written.model_fields_set for written in step.needs or ())


def _other_branch(draft: Draft, step: StepDraft, need: str, origins: Mapping[str, str]) -> str | None:
    """Another plain need that runs all the same, and is not only on the way to this one."""
    ancestry = draft.ancestry
    for other in step.plain_needs:
        if other == need or other in origins or ancestry is None:
            continue
        if not ancestry.precedes(other, need):
            return other
    return None


def _shadow(draft: Draft, step: StepDraft, need: str, other: str | None) -> Problem:
    """`other` is the branch whose work is lost; None where the need is only that of the next item of a list."""
    if other is None:
        hint = f"Write `needs: {{step: {need}, optional: true}}` to go on all the same, `needs: {need}` if it is meant."
        path = draft.document.nearest((*step.path, "id"))
        return draft.document.problem("FR451", path, hint=hint, name=need, step=step.id, why="as the next of the list")
    at = next((at for at, written in enumerate(step.needs or ()) if written.step == need), 0)
    path = draft.document.nearest((*step.path, "needs", at))
    return draft.document.problem("FR451", path, name=need, step=step.id, why=f"though `{other}` has run")
