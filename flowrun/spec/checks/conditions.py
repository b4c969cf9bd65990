"""Rules about steps that never run, and about those that are left out more often than their author thinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
    for step_id, others in _kept(certainty).items():
        step = draft.steps[step_id]
        reason, hint = _why_never(draft, step)
        named = [f"`{other}`" for other in others[:_MOST_NAMED]]
        if len(others) > _MOST_NAMED:
            named.append(f"{len(others) - _MOST_NAMED} more")
        also = ""
        if named:
            verbs = ("does", "needs") if len(others) == 1 else ("do", "need")
            also = f", nor {verbs[0]} {', '.join(named)}, which {verbs[1]} it"
        yield draft.document.problem("FR450", (*step.path, "if"), hint=hint, reason=reason, also=also)


def _kept(certainty: Certainty) -> Mapping[str, Sequence[str]]:
    """For each step whose own `if` keeps it from running: those that it keeps from running with it."""
    first: dict[str, str] = {}
    kept: dict[str, list[str]] = {}
    for step_id, blocked in certainty.never.items():
        if blocked is None:
            first[step_id] = step_id
            kept[step_id] = []
        else:
            first[step_id] = first[blocked]
            kept[first[blocked]].append(step_id)
    return kept


def _why_never(draft: Draft, step: StepDraft) -> tuple[str, str | None]:
    slot = draft.conditions.get(step.id)
    if slot is None or not (slot.references or slot.functions):
        return "its `if` is false", None
    scope = Scope(draft.inputs, draft.steps, env=draft.environments.model.vars)
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
        if step.model is not None and step.id not in certainty.never and not (slot is not None and slot.functions):
            yield from _shadows_over(draft, step, origins)


def _shadows_over(draft: Draft, step: StepDraft, origins: Mapping[str, str]) -> Iterator[Problem]:
    """The plain needs of one step that keep it from running though another branch has run."""
    written = {need.step: at for at, need in enumerate(step.needs or ())}
    others = [other for other in step.plain_needs if other not in origins]
    found: list[tuple[str, int | None, str | None]] = []
    for need in step.plain_needs:
        origin = origins.get(need)
        if origin is None or step.raw.get("if") == draft.steps[origin].raw["if"]:
            continue
        at = written.get(need)
        if at is None and need == origin:
            found.append((need, at, None))
        elif at is not None and not _said(step, at) and (other := _other_branch(draft, need, others)):
            found.append((need, at, other))
    needed = Reading(draft, step).needed() if found else frozenset()
    yield from (_shadow(draft, step, *one) for one in found if one[0] not in needed)


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


def _said(step: StepDraft, at: int) -> bool:
    """Whether the author wrote `optional: false`."""
    return step.needs is not None and "optional" in step.needs[at].model_fields_set


def _other_branch(draft: Draft, need: str, others: Sequence[str]) -> str | None:
    """One of the others, which run all the same, that is not only on the way to this need."""
    ancestry = draft.ancestry
    return next((other for other in others if ancestry is not None and not ancestry.precedes(other, need)), None)


def _shadow(draft: Draft, step: StepDraft, need: str, at: int | None, other: str | None) -> Problem:
    """`at` is the place of the need, None where it is only that of the next item of a list; `other` is what has run."""
    if at is None:
        hint = f"Write `needs: {{step: {need}, optional: true}}` to go on all the same, `needs: {need}` if it is meant."
        path = draft.document.nearest((*step.path, "id"))
        return draft.document.problem("FR451", path, hint=hint, name=need, step=step.id, why="as the next of the list")
    path = draft.document.nearest((*step.path, "needs", at))
    return draft.document.problem("FR451", path, name=need, step=step.id, why=f"though `{other}` has run")
