"""OutputArguments: read from the text that a robot sent, and held against the step's contract. Raise BadOutput only."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NoReturn

from flowrun.core.plan import Json
from flowrun.nearest import nearest
from flowrun.orchestrator.wire import Job
from flowrun.steps.fields import described, shown
from flowrun.steps.model import fits
from flowrun.templating.values import kind_of

DEEPEST = 64
"""Levels of lists and maps; what is deeper is no data that a step could use."""

_SURROGATE = re.compile(r"\\ud[89a-f]|[\ud800-\udfff]", re.IGNORECASE)
_DROPPED = (
    "older robots drop outputs above 10,240 characters without a word; "
    "let the automation write the data to a file, a bucket or a queue, and give out where it is"
)


class BadOutput(Exception):
    """What the Job gave is not what the step promises, or not even JSON. The message is for people."""


def outputs_of(job: Job, contract: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    """The outputs of a Job that succeeded, with the contract's defaults filled in. Raises BadOutput."""
    outputs = read_outputs(job.output_arguments)
    for name, promise in contract.items():
        value = outputs.get(name)
        if value is not None:
            if not fits(value, str(promise.get("type", "any"))):
                found = kind_of(value) if promise.get("sensitive") else described(value)
                raise BadOutput(f"output {name!r} is {found}, and the step promises {promise['type']!r}")
        elif "default" in promise:
            outputs[name] = promise["default"]
        elif promise.get("required", True):
            raise BadOutput(_missing(name, outputs, job))
        else:
            outputs.pop(name, None)
    return outputs


def read_outputs(text: str | None) -> dict[str, Json]:
    """OutputArguments as plain JSON; empty where the Job gave none. Raises BadOutput."""
    if text is None or not text.strip():
        return {}
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_number, object_pairs_hook=_object)
    except RecursionError:
        raise BadOutput(f"OutputArguments are nested more than {DEEPEST} levels deep") from None
    except ValueError as error:
        raise BadOutput(f"OutputArguments are not JSON that can be used: {error}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadOutput(f"OutputArguments are {described(value)}, not a map of names to values")
    _check_depth(value)
    if _SURROGATE.search(text):
        _check_text(value)
    return value


def _missing(name: str, outputs: Mapping[str, Json], job: Job) -> str:
    if name in outputs:
        return f"output {name!r} is null; give it a `default` or write `required: false` if that is fine"
    if job.output_file and job.output_arguments is None:
        return f"output {name!r} is missing: the outputs are in attachment {job.output_file}, which could not be read"
    if (job.output_arguments or "").strip() in ("", "null"):
        return f"output {name!r} is missing: the Job ended {job.state} without any OutputArguments; {_DROPPED}"
    near = nearest(name, outputs)
    meant = f"; did you mean {near!r}?" if near else ""
    names = ", ".join(sorted(outputs)[:8]) or "an empty object, {}"
    return f"output {name!r} is missing: the Job gave {names}{meant}"


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"the name {shown(twice)} stands twice in one object")
    return made


def _check_depth(value: Json) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise BadOutput(f"OutputArguments are nested more than {DEEPEST} levels deep")


def _check_text(value: Json) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadOutput("OutputArguments hold half of a surrogate pair, which is no text") from None
