"""Label: what a step does, in a word, from the arguments that its kind gave it."""

from __future__ import annotations

from flowrun.core.plan import Step

_NAMES = ("release", "release_key", "workflow")


def label(step: Step) -> str:
    """The Release that it starts, the file that it runs, or its kind."""
    return str(next(filter(None, (step.arguments.get(name) for name in _NAMES)), step.kind))


def file_of(step: Step) -> str:
    """The file that it runs, and nothing for every other step."""
    name = step.arguments.get("workflow")
    return name if isinstance(name, str) else ""
