"""Rules about edges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from flowrun.core.plan import Stage
from flowrun.errors import Problem
from flowrun.spec import order
from flowrun.spec.document import Path
from flowrun.spec.draft import Draft
from flowrun.spec.step_draft import StepDraft
from flowrun.templating.syntax import is_template


def needs(draft: Draft) -> Iterator[Problem]:
    """FR401, FR402, FR403, FR405, FR406: every need is another step of the same map, named once."""
    for step in draft.steps.values():
        seen: dict[str, int] = {}
        for at, need in enumerate(step.needs or ()):
            if is_template(need.step):
                continue  # FR318 says so
            if need.step in seen:
                path, first = _need_path(draft, step, at), _need_path(draft, step, seen[need.step])
                other = draft.document.position(first)
                yield draft.document.problem("FR403", path, name=need.step, other=other, other_label="the first one")
                continue
            seen[need.step] = at
            yield from _need(draft, step, need.step, at)


def _need(draft: Draft, step: StepDraft, need: str, at: int) -> Iterator[Problem]:
    found = draft.steps.get(need)
    if need == step.id:
        yield draft.document.problem("FR402", _need_path(draft, step, at), name=need)
    elif found is None:
        hint = _listed(draft, step, need) or draft.guesses.did_you_mean(
            need, (other for other in draft.ids[step.stage] if other != step.id), "The steps are"
        )
        yield draft.document.problem("FR401", _need_path(draft, step, at), hint=hint, name=need)
    elif found.stage is not step.stage:
        code = "FR405" if step.stage is Stage.FINALLY else "FR406"
        yield draft.document.problem(code, _need_path(draft, step, at), name=need)


def _listed(draft: Draft, step: StepDraft, need: str) -> str | None:
    """What to write where it is several steps in one text."""
    several = re.split(r"[\s,;]+", need.strip("[] "))
    others = [draft.steps.get(one) for one in several]
    if len(others) > 1 and all(other and other is not step and other.stage is step.stage for other in others):
        return f"Write a list: `needs: [{', '.join(several)}]`."
    return None


def cycles(draft: Draft) -> Iterator[Problem]:
    """FR404: no step waits for itself through others."""
    for ring in order.cycles(draft.edges):
        paths = [_edge_path(draft, step, need) for step, need in pairwise(ring)]
        places = [draft.document.position(path) for path in paths]
        edges = zip(pairwise(ring), places, strict=True)
        listed = ", ".join(f"{step} needs {need} (line {place.line})" for (step, need), place in edges)
        yield draft.document.problem(
            "FR404",
            paths[0],
            hint=f"Remove one of these needs: {listed}.",
            other=places[1],
            other_label="and here",
            cycle=" -> ".join(ring),
        )


def _edge_path(draft: Draft, step_id: str, need: str) -> Path:
    step = draft.steps[step_id]
    at = next((at for at, written in enumerate(step.needs or ()) if written.step == need), None)
    return step.path if at is None else _need_path(draft, step, at)


def _need_path(draft: Draft, step: StepDraft, at: int) -> Path:
    if isinstance(step.raw.get("needs"), dict):
        return (*step.path, "needs", "step")
    return draft.document.nearest((*step.path, "needs", at, "step"))
