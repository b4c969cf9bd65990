"""Type: what is known of a value before it exists. Everything that is not known stays possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flowrun.templating.syntax import Json

KINDS: Mapping[str, str] = {
    "null": "null",
    "boolean": "a boolean",
    "number": "a number",
    "text": "text",
    "list": "a list",
    "object": "an object",
}
"""The kinds of JSON, with their articles, in the words of `values.kind_of`."""

_MOST_VALUES = 64


@dataclass(frozen=True, slots=True)
class Type:
    """The kinds that a value can be of. `values`: all that it can be, where they are few; `items`: those of a list."""

    kinds: frozenset[str]
    values: tuple[Json, ...] | None = None
    items: Type | None = None

    def __or__(self, other: Type) -> Type:
        """What is one of the two."""
        values = None
        if self.values is not None and other.values is not None:
            both = self.values + tuple(value for value in other.values if not _among(value, self.values))
            values = both if len(both) <= _MOST_VALUES else None
        items = self.items | other.items if self.items and other.items else None
        return Type(self.kinds | other.kinds, values, items)

    def can_be(self, *kinds: str) -> bool:
        """Whether it may be of one of these kinds."""
        return not self.kinds.isdisjoint(kinds)

    @property
    def truth(self) -> bool | None:
        """Whether it is true or false in a condition, where that is certain."""
        truths = {bool(value) for value in self.values} if self.values else set()
        return truths.pop() if len(truths) == 1 else None

    def without(self, *, truth: bool) -> Type:
        """What is left of it where it is known not to be true, or not to be false."""
        if self.values is not None:
            return of_values(value for value in self.values if bool(value) is not truth)
        if self.kinds == {"boolean"}:
            return of_values([not truth])
        return self

    def __str__(self) -> str:
        """`text`, `a number or null`."""
        named = [words for kind, words in KINDS.items() if kind in self.kinds]
        return " or ".join(named)


ANY = Type(frozenset(KINDS))
"""Nothing is known."""


def of_kinds(*kinds: str) -> Type:
    """A value of one of these kinds."""
    return Type(frozenset(kinds), (False, True) if kinds == ("boolean",) else None)


def of_values(values: Iterable[Json]) -> Type:
    """One of these scalars."""
    known = tuple(values)
    return Type(frozenset(map(_kind, known)), known if len(known) <= _MOST_VALUES else None)


def of_items(items: Iterable[Type]) -> Type:
    """A list of such items; of an empty one nothing is known."""
    united: Type | None = None
    for item in items:
        united = item if united is None else united | item
    return Type(frozenset({"list"}), None, united)


def of_json(value: Json) -> Type:
    """A value that is written down."""
    if isinstance(value, list | tuple):
        return of_items(map(of_json, value))
    return of_kinds("object") if isinstance(value, Mapping) else of_values([value])


def may_equal(first: Type, second: Type) -> bool:
    """Whether `==` can be true of the two; a boolean equals the numbers 0 and 1, as in Python."""
    kinds = first.kinds | {"number"} if "boolean" in first.kinds else first.kinds
    if "number" in kinds:
        kinds |= {"boolean"}
    if kinds.isdisjoint(second.kinds):
        return False
    if first.values is None or second.values is None:
        return True
    return any(value == other for value in first.values for other in second.values)


def _among(value: Json, values: Iterable[Json]) -> bool:
    return any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in values)


def _kind(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case _:
            raise AssertionError(f"{value!r} is no scalar")
