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
from flowrun.spec.suggest import did_you_mean
from flowrun.templating.syntax import is_template


def needs(draft: Draft) -> Iterator[Problem]:
    """FR401, FR402, FR403, FR405, FR406: every need is another step of the same map, named once."""
    for step in draft.steps.values():
        seen: dict[str, Path] = {}
        for at, need in enumerate(step.needs or ()):
            path = _need_path(draft, step, at)
            if is_template(need.step):
                continue  # FR318 says so
            if need.step in seen:
                first = draft.document.position(seen[need.step])
                yield draft.document.problem("FR403", path, name=need.step, other=first, other_label="the first one")
                continue
            seen[need.step] = path
            yield from _need(draft, step, need.step, path)


def _need(draft: Draft, step: StepDraft, need: str, path: Path) -> Iterator[Problem]:
    found = draft.steps.get(need)
    if need == step.id:
        yield draft.document.problem("FR402", path, name=need)
    elif found is None:
        others = [other for other in draft.ids(step.stage) if other != step.id]
        several = re.split(r"[\s,;]+", need.strip("[] "))
        hint = did_you_mean(need, others, "The steps are")
        if len(several) > 1 and set(several) <= set(others):
            hint = f"Write a list: `needs: [{', '.join(several)}]`."
        yield draft.document.problem("FR401", path, hint=hint, name=need)
    elif found.stage is not step.stage:
        code = "FR405" if step.stage is Stage.FINALLY else "FR406"
        yield draft.document.problem(code, path, name=need)


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
