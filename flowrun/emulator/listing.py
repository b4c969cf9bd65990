"""The query options of a read: `$filter`, `$orderby`, `$top`, `$skip`, `$select`, `$expand` and `$count`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flowrun.emulator.entities import Json
from flowrun.emulator.properties import EntityType, Property, Read
from flowrun.emulator.query import Filter, QueryError, compile_filter

TOP_LIMIT = 1000
ORDER_LIMIT = 5
"""The documented limits (OpenAPI definition, texts of the parameters)."""

_KNOWN = frozenset({"$filter", "$orderby", "$top", "$skip", "$select", "$expand", "$count"})
_COMMA = re.compile(r",(?![^(]*\))")


@dataclass(frozen=True, slots=True)
class Shape:
    """Which properties an answer shows: names in lower case, None for all."""

    select: frozenset[str] | None
    expand: frozenset[str]


def shape(query: Mapping[str, str], entity: EntityType) -> Shape:
    """Read `$select` and `$expand`. Raises QueryError."""
    options = _options(query)
    select = None
    if options.get("$select", "*") != "*":
        select = frozenset(name.strip().lower() for name in options["$select"].split(",") if name.strip())
        _must_exist(select, entity.properties.keys() | entity.navigations.keys(), entity)
    parts = (part.split("(")[0].strip().lower() for part in _COMMA.split(options.get("$expand", "")))
    expand = frozenset(part for part in parts if part)
    _must_exist(expand, entity.navigations.keys(), entity)
    return Shape(select, expand)


def read_filter(query: Mapping[str, str], entity: EntityType) -> Filter | None:
    """Read `$filter`. Raises QueryError."""
    text = _options(query).get("$filter", "")
    return compile_filter(text, entity) if text.strip() else None


def page(
    found: Iterable[Json],
    query: Mapping[str, str],
    entity: EntityType,
    filter_: Filter | None = None,
    *,
    whole: bool = False,
    counted: bool = False,
) -> dict[str, Json]:
    """Filter, order and cut; gives `{"@odata.count"?, "value": […]}`. Raises QueryError.

    `whole` shows the heavy properties too; `counted` gives the count unasked.
    """
    options = _options(query)
    form = shape(query, entity)
    items = _chosen(found, options, entity, filter_)
    top, skip = _number(options, "$top", TOP_LIMIT), _number(options, "$skip", 0)
    if top > TOP_LIMIT:
        raise QueryError(f"The limit of '{TOP_LIMIT}' for Top query has been exceeded.")
    value = [
        entity.project(item, select=form.select, expand=form.expand, listed=not whole)
        for item in items[skip : skip + top]
    ]
    asked = options.get("$count", "true" if counted else "").lower() == "true"
    count = {"@odata.count": len(items)} if asked else {}
    return {**count, "value": value}


def chosen(
    found: Iterable[Json], query: Mapping[str, str], entity: EntityType, filter_: Filter | None = None
) -> list[Json]:
    """The same for an export: `$top` has neither default nor limit. Raises QueryError."""
    options = _options(query)
    shape(query, entity)
    items = _chosen(found, options, entity, filter_)
    skip = _number(options, "$skip", 0)
    return items[skip : skip + _number(options, "$top", len(items))]


def _chosen(
    found: Iterable[Json], options: Mapping[str, str], entity: EntityType, filter_: Filter | None
) -> list[Json]:
    matches = filter_.matches if filter_ is not None else None
    items = [item for item in found if matches is None or matches(item)]
    return _ordered(items, options.get("$orderby", ""), entity)


def _options(query: Mapping[str, str]) -> dict[str, str]:
    options = {name.lower(): value for name, value in query.items() if name.startswith("$")}
    unknown = sorted(set(options) - _KNOWN)
    if unknown:
        raise QueryError(f"The query parameter '{unknown[0]}' is not supported.")
    return options


def _number(options: Mapping[str, str], name: str, default: int) -> int:
    text = options.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"\d{1,9}", text):
        raise QueryError(f"Invalid value '{text}' for {name} query option found.")
    return int(text)


def _ordered(items: list[Json], text: str, entity: EntityType) -> list[Json]:
    terms = [term.split() for term in text.split(",") if term.strip()]
    if len(terms) > ORDER_LIMIT:
        raise QueryError(f"The $orderby has {len(terms)} terms; {ORDER_LIMIT} are the most.")
    for path, *direction in reversed(terms):
        word = " ".join(direction).lower() or "asc"
        if word not in {"asc", "desc"}:
            raise QueryError(f"Syntax error in $orderby: '{' '.join(direction)}'.")
        items = sorted(items, key=_sort_key(_path(path, entity)), reverse=word == "desc")
    return items


def _sort_key(read: Read) -> Callable[[Json], tuple[bool, Json]]:
    """Null is less than everything."""

    def key(item: Json) -> tuple[bool, Json]:
        value = read(item)
        return value is not None, value

    return key


def _path(path: str, entity: EntityType) -> Read:
    first, _, rest = path.lower().partition("/")
    if rest:
        navigation = entity.navigations.get(first)
        inner: Property | None = navigation[1].properties.get(rest) if navigation else None
        if navigation and inner:
            there = navigation[0].read
            return lambda item: None if (other := there(item)) is None else inner.read(other)
    elif first in entity.properties:
        return entity.properties[first].read
    raise QueryError(f"Could not find a property named '{path}' on type '{entity.name}'.")


def _must_exist(names: Iterable[str], known: Iterable[str], entity: EntityType) -> None:
    for name in sorted(set(names) - set(known)):
        raise QueryError(f"Could not find a property named '{name}' on type '{entity.name}'.")
