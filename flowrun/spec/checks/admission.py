"""Rules about pools and run keys."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.errors import Problem
from flowrun.spec.draft import Draft
from flowrun.spec.step_draft import StepDraft
from flowrun.spec.suggest import did_you_mean
from flowrun.steps.fields import IDENTIFIER, shown
from flowrun.steps.workflow_model import WorkflowStep
from flowrun.templating.syntax import templates


def pools(draft: Draft) -> Iterator[Problem]:
    """FR108, FR270, FR271, FR272: what steps take is there, and what is there is taken."""
    declared = draft.head.get("pools")
    known = declared if isinstance(declared, dict) else {}
    for name in known:
        if not IDENTIFIER.fullmatch(name):
            fields = {"name": shown(name), "what": "the name of a pool"}
            yield draft.document.problem("FR108", ("pools", name), key=True, **fields)
    used: set[str] = set()
    for step in draft.steps.values():
        used |= set(step.model.pools if step.model else ())
        yield from _taken(draft, step, known)
    if all(step.model for step in draft.steps.values()):
        for name in known:
            if name not in used and IDENTIFIER.fullmatch(name):
                yield draft.document.problem("FR272", ("pools", name), key=True, name=name)


def _taken(draft: Draft, step: StepDraft, known: dict[str, object]) -> Iterator[Problem]:
    written = step.raw.get("pools")
    for at, (name, count) in enumerate(step.model.pools.items() if step.model else ()):
        named = isinstance(written, dict)
        path = (*step.path, "pools", name if named else at)
        most = known.get(name)
        if name not in known:
            hint = did_you_mean(name, known, "The pools are") if known else None
            yield draft.document.problem("FR270", path, key=named, hint=hint, name=name)
        elif isinstance(most, int) and count > most:
            yield draft.document.problem("FR271", path, name=name, count=count, most=most)


def pools_of_environments(draft: Draft) -> Iterator[Problem]:
    """FR270, FR271: what an environment says of pools goes with the workflow."""
    declared = draft.head.get("pools")
    known = declared if isinstance(declared, dict) else {}
    alone = not any(isinstance(step.model, WorkflowStep) for step in draft.steps.values())
    for environment in () if draft.environments.nested else draft.environments.every:
        for name, most in environment.model.pools.items() if environment.model else ():
            if name not in known and alone:  # a file that is a step may have it
                hint = did_you_mean(name, known, "The pools are") if known else None
                yield environment.problem("FR270", ("pools", name), hint=hint, name=name)
            for step in draft.steps.values():
                count = step.model.pools.get(name, 0) if step.model else 0
                if count > most:
                    hint = f"The step `{step.id}` takes {count}."
                    yield environment.problem("FR271", ("pools", name), hint=hint, name=name, count=count, most=most)


def run_keys(draft: Draft) -> Iterator[Problem]:
    """FR274, FR275: a run key that tells runs apart, and what becomes of the second with the same."""
    if "run_key" not in draft.head:
        if "on_duplicate" in draft.head:
            yield draft.document.problem("FR274", ("on_duplicate",), key=True)
    elif isinstance(draft.head["run_key"], str) and not any(templates(draft.head["run_key"])):
        yield draft.document.problem("FR275", ("run_key",))
