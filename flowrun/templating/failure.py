"""Why an expression failed, in words that name what is missing and what there is instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2.exceptions import TemplateError as JinjaError

from flowrun.errors import TemplateError
from flowrun.templating import advice, analysis
from flowrun.templating.absent import Absent, MissingError
from flowrun.templating.values import UnfitError

FAILURES = (JinjaError, UnfitError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What evaluating may raise: all of it is the author's or the data's, since no code but the operators' runs."""

_TYPES = {
    "NoneType": "null", "bool": "a boolean", "dict": "an object", "float": "a number", "int": "a number",
    "list": "a list", "str": "text", "tuple": "a list",
}  # fmt: skip
_TYPE_NAME = re.compile(r"(?:object of type )?'(" + "|".join(_TYPES) + r")'( object)?")


def told(error: Exception, expression: str, names: Mapping[str, Any]) -> TemplateError:
    """The error that the author reads."""
    shown = expression if len(expression) <= 120 else f"{expression[:119]}…"  # noqa: PLR2004 - the length of a line
    if isinstance(error, MissingError):
        message, hint = _missing(error.absent, expression, names)
    elif isinstance(error, ZeroDivisionError):
        message, hint = "division by zero", ""
    elif isinstance(error, RecursionError):
        message, hint = "it is nested too deeply", ""
    else:
        message, hint = _in_our_words(str(error)), ""
    return TemplateError(f"`{shown}`: {message}", hint=hint or None)


def _missing(absent: Absent, expression: str, names: Mapping[str, Any]) -> tuple[str, str]:
    path = _path_to(absent, expression)
    skipped = _did_not_run(path, names)
    if skipped:
        return skipped
    where = f" in {'.'.join(path[:-1])}" if len(path) > 1 else ""
    there = names if absent.is_root else absent.parent
    if not isinstance(there, Mapping) or not isinstance(absent.name, str):
        return absent.message, ""
    known = [str(name) for name in there]
    if not known:
        return f"{absent.message}{where}, which is empty", "Where it may be absent, write `| default(…)`."
    return f"{absent.message}{where}", " ".join(
        filter(None, (advice.near(absent.name, known), f"There is: {advice.listed(known)}."))
    )


def _path_to(absent: Absent, expression: str) -> tuple[str, ...]:
    """The path in the expression that ended where nothing was; empty where it was computed."""
    for reference in analysis.references_of(expression):
        if absent.name in reference.path:
            return reference.path[: reference.path.index(absent.name) + 1]
    return ()


def _did_not_run(path: tuple[str, ...], names: Mapping[str, Any]) -> tuple[str, str] | None:
    """For the output of a step that did not run, which is not the slip that a missing output usually is."""
    match path:
        case ("steps", step_id, "outputs", output, *_):
            pass
        case _:
            return None
    steps = names.get("steps")
    step = steps.get(step_id) if isinstance(steps, Mapping) else None
    result = step.get("result") if isinstance(step, Mapping) else None
    if not isinstance(step, Mapping) or result == "succeeded" or not isinstance(result, str):
        return None
    cause = step.get("cause")
    why = f"{result} ({cause})" if isinstance(cause, str) and cause else result
    hint = f"Write `{'.'.join(path)} | default(…)`, or give the output a `default` where the step declares it."
    return f"step {step_id} is {why} and has no output {output}", hint


def _in_our_words(message: str) -> str:
    """Python's own wording with the types of JSON."""
    return _TYPE_NAME.sub(lambda match: _TYPES[match.group(1)], message)
