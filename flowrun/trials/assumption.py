"""Assumptions as they are typed: `post=failed,fx=skipped` beside a plan becomes what a rehearsal takes for granted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from flowrun.core.plan import Plan, Step
from flowrun.core.status import AbortLevel, ErrorClass
from flowrun.errors import UsageError
from flowrun.nearest import guess
from flowrun.rehearsal.assumed import UNKNOWN, Assumptions

_FORM = re.compile(r"(?P<step>[^=\[\]:]+)(?:\[(?P<leg>[^\]]+)\])?(?:=(?P<result>[^=:]+))?(?::(?P<error>[^=:]+))?")
_RESULTS = ("failed", "rejected", "skipped", "empty", "succeeded")
_HINT = (
    "such as post=failed, post=failed:timeout, post[EU]=failed, fx=skipped, list=empty, sign_off=rejected, abort=post"
)
_ABORT = "abort"
_USUAL: Mapping[str, str] = {"approval": ErrorClass.REJECTED, "wait": ErrorClass.EXPRESSION}
"""How a step of a kind fails where no class is named; others: faulted."""


def read(texts: Iterable[str], plan: Plan, unknown: Iterable[str] = ()) -> Assumptions:
    """What these say of the plan; each may hold several, with commas. Raises UsageError."""
    steps = {step.id: step for step in plan.steps}
    failed: dict[tuple[str, str | None], str] = {}
    results: dict[str, set[str]] = {"skipped": set(), "empty": set()}
    aborted, level = None, AbortLevel.STOP
    for text in (part.strip() for one in texts for part in _parts(one)):
        match = _FORM.fullmatch(text)
        if match is None:
            raise UsageError(f"{text!r} is no assumption", hint=_HINT)
        name, leg, result, error = match["step"].strip(), match["leg"], match["result"], match["error"]
        if name == _ABORT and name not in steps:
            aborted, level = _abort(result, error, steps)
            continue
        step = _step(name, steps)
        match _checked(text, step, leg, result, error):
            case "skipped" | "empty" as word:
                results[word].add(step.id)
            case "failed" | "rejected" as word:
                usual = ErrorClass.REJECTED if word == "rejected" else _USUAL.get(step.kind, ErrorClass.FAULTED)
                failed[step.id, leg] = error or usual
    return Assumptions(
        failed, frozenset(results["skipped"]), frozenset(results["empty"]), frozenset(unknown), aborted, level
    )


def _parts(text: str) -> list[str]:
    """Cut at commas, but not inside the brackets of a leg's key."""
    return [part for part in re.split(r",(?![^\[]*\])", text) if part.strip()]


def _abort(step_id: str | None, level: str | None, steps: Mapping[str, Step]) -> tuple[str, AbortLevel]:
    if level is not None and level not in list(AbortLevel):
        raise UsageError(f"there is no abort {level!r}", hint=", ".join(AbortLevel))
    return _step(step_id, steps).id if step_id else "", AbortLevel(level or AbortLevel.STOP)


def _step(name: str, steps: Mapping[str, Step]) -> Step:
    if name not in steps:
        hint = guess(name, steps, f"there is {', '.join(list(steps)[:10])}")
        raise UsageError(f"the workflow has no step {name!r}", hint=hint)
    return steps[name]


def _checked(text: str, step: Step, leg: str | None, result: str | None, error: str | None) -> str:
    if result not in _RESULTS:
        raise UsageError(f"{text!r}: a step is assumed {', '.join(_RESULTS[:-1])} or {_RESULTS[-1]}", hint=_HINT)
    if error is not None and (result != "failed" or error not in (*ErrorClass, UNKNOWN)):
        raise UsageError(f"{text!r}: there is no error class {error!r}", hint=", ".join((*ErrorClass, UNKNOWN)))
    if (leg is not None or result == "empty") and step.fan_out is None:
        raise UsageError(f"{text!r}: {step.id} has no legs", hint="it is no fan-out")
    if leg is not None and result not in ("failed", "rejected", "succeeded"):
        raise UsageError(f"{text!r}: a leg is assumed failed or succeeded", hint=_HINT)
    if result == "rejected" and step.kind != "approval":
        raise UsageError(f"{text!r}: {step.id} is no approval", hint=f"write {step.id}=failed")
    return result
