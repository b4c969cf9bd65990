"""Rules about the legs of a fan-out that is written out in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from flowrun.core.fan import combinations, default_key
from flowrun.core.plan import Json
from flowrun.errors import Problem, TemplateError
from flowrun.spec.document import Path
from flowrun.spec.draft import Draft
from flowrun.steps.fields import shown
from flowrun.steps.model import FanOutModel
from flowrun.templating import analysis
from flowrun.templating.syntax import templates

_ALL = 100.0


def legs(draft: Draft) -> Iterator[Problem]:
    """FR409, FR410, FR452 to FR455: the legs have different names, there are some and not too many, and so on."""
    for step in draft.steps.values():
        fan_out = step.model.fan_out if step.model else None
        if fan_out is None or not (fan_out.matrix or fan_out.include):
            continue
        path = (*step.path, "fan_out")
        yield from _exclusions(draft, path, fan_out)
        yield from _one_key(draft, path, fan_out)
        try:
            known = _legs(fan_out)
        except TemplateError as error:
            yield draft.document.problem("FR410", path, key=True, message=error.message)
            continue
        yield from _tolerance(draft, path, fan_out, None if known is None else len(known))
        if known == []:
            yield draft.document.problem("FR452", path, key=True)
        elif known is not None and fan_out.key is None:
            names = Counter(default_key(leg, at) for at, leg in enumerate(known))
            if twice := next((name for name, count in names.items() if count > 1), None):
                yield draft.document.problem("FR409", path, key=True, name=shown(twice))


def _legs(fan_out: FanOutModel) -> list[dict[str, Json]] | None:
    """The legs; None where they are not all written in the file. Raises TemplateError where they are too many."""
    parts = (fan_out.matrix, fan_out.include, fan_out.exclude)
    if any(any(templates(part)) for part in parts):
        return None
    return combinations(*parts)


def _exclusions(draft: Draft, path: Path, fan_out: FanOutModel) -> Iterator[Problem]:
    if isinstance(fan_out.exclude, str):
        return
    for at, entry in enumerate(fan_out.exclude):
        for name, value in entry.items():
            values = fan_out.matrix.get(name)
            if values is None:
                reason = f"the matrix has no `{name}`"
            elif any(templates(values)) or any(templates(value)) or value in values:
                continue
            else:
                reason = f"`{name}` is never {shown(value)}"
            yield draft.document.problem("FR453", (*path, "exclude", at), reason=reason)
            break


def _one_key(draft: Draft, path: Path, fan_out: FanOutModel) -> Iterator[Problem]:
    if fan_out.key is None or any(analysis.faults(fan_out.key)):
        return
    if not any(reference.path[0] == "matrix" for reference in analysis.references(fan_out.key)):
        yield draft.document.problem("FR454", (*path, "key"), key_text=shown(fan_out.key))


def _tolerance(draft: Draft, path: Path, fan_out: FanOutModel, count: int | None) -> Iterator[Problem]:
    tolerate = fan_out.tolerate
    every = tolerate.percent == _ALL or (tolerate.percent is None and count and tolerate.count >= count)
    if every:
        moot = ", and `fail_fast` has no effect" if fan_out.fail_fast else ""
        yield draft.document.problem("FR455", (*path, "tolerate"), moot=moot)
