"""What is made of something that runs already, on its way into a file: steps, and what could not be told of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowrun.errors import UsageError
from flowrun.spec import loader
from flowrun.spec.formatter import formatted
from flowrun.spec.trials.writing import yaml

if TYPE_CHECKING:
    from flowrun.core.plan import Json

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])|[0-9]+")


@dataclass(slots=True)
class Imported:
    """A step on its way into a file: its keys, and what could not be told or carried over."""

    keys: dict[str, Json]
    notes: list[str] = field(default_factory=list)


def take_arguments(made: Imported, text: str | None) -> None:
    """Input arguments as Orchestrator has them, a JSON text, as far as they can stand in a step."""
    arguments = read_json(text)
    if text and not isinstance(arguments, dict):
        made.notes.append("Its arguments are no JSON object; they are left out.")
    elif isinstance(arguments, dict) and arguments:
        kept = {name: value for name, value in arguments.items() if "{{" not in json.dumps(value) + name}
        left = [name for name in arguments if name not in kept]
        if left:
            made.notes.append(f"Left out, since braces in them would be an expression here: {', '.join(left)}.")
        if kept:
            made.keys["input_arguments"] = kept


def read_json(text: str | None) -> Any:
    """The value of a JSON text; None where it is none."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def written(
    name: str,
    steps: Sequence[Imported],
    head: Sequence[str],
    *,
    top: Mapping[str, Json] | None = None,
    graph: bool = False,
) -> str:
    """The file, valid and formatted. Raises UsageError where what is there cannot be said in one.

    `top` are further keys of the file. The steps are a list, each after the one before it, or a `graph` without edges.
    """
    above = (f"# {' '.join(line.split())}" for line in head)
    lines = [*above, "", "flowrun: 1", *yaml({"name": name, **(top or {})}).splitlines(), "", "steps:"]
    for step_id, step in zip(_ids(steps), steps, strict=True):
        lines += [f"  # {' '.join(note.split())}" for note in step.notes]
        keys = yaml(step.keys if graph else {"id": step_id, **step.keys}).splitlines()
        first = f"  {step_id}:" if graph else f"  - {keys.pop(0)}"
        lines += [first, *(f"    {line}" for line in keys), ""]
    made = formatted("\n".join(lines).rstrip() + "\n")
    errors = [one for one in loader.load(made.text, "").problems if one.severity == "error"]
    if errors:
        raise UsageError(f"what is there cannot be written as a workflow: {errors[0].where}: {errors[0].message}")
    return made.text


def _ids(steps: Sequence[Imported]) -> Iterator[str]:
    """Ids made of the names of the Releases, each once."""
    taken: set[str] = set()
    for step in steps:
        words = "_".join(_WORD.findall(str(step.keys["release"]))).lower()
        name = words if words[:1].isalpha() else f"step_{words}".rstrip("_")
        free = (one for one in (name, *(f"{name}_{number}" for number in range(2, len(steps) + 2))) if one not in taken)
        taken.add(found := next(free))
        yield found
