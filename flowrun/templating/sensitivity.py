"""Where a sensitive output would show: in which places of a value of templates it is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from flowrun.templating.analysis import Reference, references
from flowrun.templating.syntax import Json, Path

_FIELD, _NAME = 2, 3
"""Where in `steps.X.outputs.Name` the field and the name of the output stand."""

Hidden = Mapping[str, Collection[str]]
"""The names of the sensitive outputs of each step that has any."""


def exposed(value: Json, hidden: Hidden, own: Collection[str] = ()) -> Iterator[Path]:
    """The paths of the expressions that read something hidden, or might: all outputs of a step, or all its legs.

    `own`: the sensitive outputs of the step that is undone, which `outputs.Name` reads.
    """
    for reference in references(value):
        if _reads(reference, hidden, own):
            yield reference.in_path


def _reads(reference: Reference, hidden: Hidden, own: Collection[str]) -> bool:
    path = reference.path
    if path[0] == "outputs":
        return bool(own) and (len(path) == 1 or path[1] in own)
    if path[0] != "steps":
        return False
    if len(path) == 1:
        return bool(hidden)
    names = hidden.get(path[1], ())
    if not names or len(path) <= _FIELD:
        return bool(names)
    if path[_FIELD] == "outputs":
        return len(path) <= _NAME or path[_NAME] in names
    return path[_FIELD] == "legs"
