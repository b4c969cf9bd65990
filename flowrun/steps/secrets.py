"""Secrets: references in the arguments of a step, whose values are put in right before they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from flowrun.core.plan import Json
from flowrun.core.questions import SECRET
from flowrun.errors import PlanError
from flowrun.templating.syntax import secret, templates

PLACES = "secrets"
"""The name in a step's parcel of arguments under which the places of its secrets stand, each a list of keys.

They are those that the author wrote. A map that looks like a reference and stands elsewhere is data, which a robot may
have returned, and stays as it is.
"""


class Secrets(Protocol):
    """The values that a run may send, by name; those that have none are not in it."""

    @property
    def values(self) -> Mapping[str, str]:
        """What is known now."""
        ...


class _None:
    @property
    def values(self) -> Mapping[str, str]:
        return {}


NO_SECRETS: Secrets = _None()
"""There are none."""


def places(arguments: Mapping[str, Json], keys: Sequence[str]) -> list[list[str | int]]:
    """Where secrets stand in templates: each a whole value below one of these keys."""
    return [[key, *path] for key in keys for path, text in templates(arguments.get(key)) if path and secret(text)]


def names_in(arguments: Mapping[str, Json]) -> tuple[str, ...]:
    """The secrets that a step's arguments name at the places of its author's."""
    return tuple(name for _, name in _references(arguments))


def filled(arguments: Mapping[str, Json], secrets: Secrets) -> Mapping[str, Json]:
    """The arguments with the values of their secrets. Raises PlanError where one has none."""
    result: Json = arguments
    for path, name in _references(arguments):
        if name not in secrets.values:
            raise PlanError(f"the secret {name} has no value here", hint=f"set FLOWRUN_SECRET_{name}, then resume")
        result = _put(result, path, secrets.values[name])
    filled_in: Mapping[str, Json] = result
    return filled_in


def _references(arguments: Mapping[str, Json]) -> Iterator[tuple[Sequence[str | int], str]]:
    for path in arguments.get(PLACES) or ():
        value: Json = arguments
        for part in path:
            value = value[part]
        if isinstance(value, Mapping) and len(value) == 1 and isinstance(value.get(SECRET), str):
            yield path, value[SECRET]


def _put(value: Json, path: Sequence[str | int], new: str) -> Json:
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        return {key: _put(item, rest, new) if key == first else item for key, item in value.items()}
    return [_put(item, rest, new) if at == first else item for at, item in enumerate(value)]
