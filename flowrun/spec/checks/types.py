"""Rules about what expressions come to: operations that cannot work, values that do not fit, and what is always so."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.errors import Problem
from flowrun.spec.document import Path
from flowrun.spec.draft import Draft
from flowrun.spec.scope import Scope
from flowrun.spec.slots import Slot
from flowrun.templating.analysis import references_of
from flowrun.templating.inference import Finding, infer
from flowrun.templating.kinds import Type, of_kinds
from flowrun.templating.syntax import Placeholder, bare, split, templates

_INSIDE_TEXT = ("text", "number", "boolean")
_WORD = ("text", "number", "null")
_TAKES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("if",): ("boolean",),
    ("repeat", "until"): ("boolean",),
    ("wait", "for"): ("number", "text"),
    ("wait", "until"): ("number", "text"),
    ("fan_out", "include"): ("list",),
    ("fan_out", "exclude"): ("list",),
    ("fan_out", "key"): ("text", "number", "boolean"),
    ("robots",): ("list", "null"),
    ("robot_ids",): ("list", "null"),
    ("jobs_count",): ("number", "text", "null"),
    ("input_arguments",): ("object", "null"),
    **{(name,): _WORD for name in ("release", "release_key", "folder", "runtime_type", "job_priority")},
}
"""What the places of a step take; a place that is not named takes anything. Null is as good as not written."""

_COMPARED = {"text": "… == 'text'", "number": "… > 0", "list": "… | length > 0", "object": "… | length > 0"}


def types(draft: Draft) -> Iterator[Problem]:
    """FR340, FR341, FR350: what is certain of the value of each expression, before there is one."""
    for slot in draft.slots:
        if slot.faults:
            continue
        if slot.bare:
            yield from _of_expression(draft, slot, (), bare(slot.value), whole=True)
            continue
        for path, text in templates(slot.value):
            pieces = split(text)
            for piece in pieces:
                if isinstance(piece, Placeholder):
                    yield from _of_expression(draft, slot, path, piece.expression, whole=len(pieces) == 1)


def _of_expression(draft: Draft, slot: Slot, path: Path, expression: str, *, whole: bool) -> Iterator[Problem]:
    env = draft.environments.model.vars
    scope = Scope(draft.inputs, draft.steps, slot.step if slot.legs else None, env=env)
    if not all(scope.knows(one.path) for one in references_of(expression)):
        return
    found, findings = infer(expression, scope)
    impossible = [finding for finding in findings if finding.impossible]
    for finding in findings:
        if finding.impossible:
            yield _problem(draft, slot, path, "FR340", finding, expression)
        elif not _never_runs(draft, slot):
            yield _problem(draft, slot, path, "FR350", finding, expression)
    if impossible:
        return
    takes = _takes(slot, path) if whole else _INSIDE_TEXT
    if takes and found.kinds and not found.can_be(*takes):
        yield _unfit(draft, slot, path, expression, found, whole=whole)


def _unfit(draft: Draft, slot: Slot, path: Path, expression: str, found: Type, *, whole: bool) -> Problem:
    if whole:
        takes = [kind for kind in _takes(slot, path) if kind != "null"]
        wanted = f"`{_key(slot, path)}` takes {of_kinds(*takes)}"
        kind = next(iter(found.kinds)) if len(found.kinds) == 1 else ""
        hint = f"Compare it: `{_COMPARED[kind]}`." if takes == ["boolean"] and kind in _COMPARED else ""
    else:
        wanted, hint = "it stands inside text", "Leave nothing before or after it, or make text of it: `| tojson`."
    word = expression if len(expression) <= 60 else "this"  # noqa: PLR2004 - as much as fits a line
    return _problem(draft, slot, path, "FR341", Finding(f"`{word}` is {found}, and {wanted}", hint, ""), expression)


def _takes(slot: Slot, path: Path) -> tuple[str, ...]:
    if slot.step is None:
        return ()
    inside = (*slot.path, *path)[len(slot.step.path) :]
    if inside[:2] == ("fan_out", "matrix"):
        return ("list",) if len(inside) == 3 else ()  # noqa: PLR2004 - fan_out.matrix.NAME
    if inside[:1] in (("robots",), ("robot_ids",)) and len(inside) == 2:  # noqa: PLR2004 - robots[0]
        return ("number", "text")
    return _TAKES.get(tuple(map(str, inside)), ())


def _key(slot: Slot, path: Path) -> str:
    return str(next(step for step in reversed((*slot.path, *path)) if isinstance(step, str)))


def _never_runs(draft: Draft, slot: Slot) -> bool:
    """Whether FR450 says why the step of this `if` never runs, and this with it."""
    certainty = draft.certainty
    return bool(slot.status and slot.step and certainty and slot.step.id in certainty.never)


def _problem(draft: Draft, slot: Slot, path: Path, code: str, finding: Finding, expression: str) -> Problem:
    whole = (*slot.path, *path)
    place = draft.document.inside(whole, finding.word, expression)
    hint = finding.hint or None
    return draft.document.problem(code, whole, position=place, hint=hint, message=finding.message)
