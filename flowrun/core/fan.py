"""A matrix becomes legs: the product of its values, `exclude` and `include` as GitHub Actions has them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import product

from flowrun.core.plan import Json
from flowrun.errors import TemplateError

MOST_LEGS = 50_000


def combinations(values: Mapping[str, Json], include: Json = (), exclude: Json = ()) -> list[dict[str, Json]]:
    """The matrix of each leg, in the order of the file.

    `values` maps a name to its list. An entry of `exclude` drops the combinations that agree with all it names. An
    entry of `include` extends every combination that it does not contradict, and is a leg of its own where there is
    none. Raises TemplateError for anything that is not a list, and above 50,000 legs.
    """
    columns = {name: _rows(f"matrix.{name}", rows) for name, rows in values.items()}
    size = 1 if columns else 0
    for rows in columns.values():
        size *= len(rows)
    _check_size(size)
    legs = [dict(zip(columns, row, strict=True)) for row in product(*columns.values())] if columns else []
    legs = _without(legs, _entries("exclude", exclude))
    _extend(legs, tuple(columns), _entries("include", include))
    _check_size(len(legs))
    return legs


def _without(legs: list[dict[str, Json]], entries: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """The legs that agree with no entry. Entries are sorted by what they name, so that each leg is looked at once."""
    excluded: dict[tuple[str, ...], set[Hashable]] = {}
    for entry in entries:
        names = tuple(sorted(entry))
        excluded.setdefault(names, set()).add(_values(entry, names))
    for names, values in excluded.items():
        legs = [leg for leg in legs if any(name not in leg for name in names) or _values(leg, names) not in values]
    return legs


def _extend(legs: list[dict[str, Json]], columns: tuple[str, ...], entries: Sequence[Mapping[str, Json]]) -> None:
    """Extend the legs by the entries that do not contradict what they came with, and add the others as legs."""
    originals = [dict(leg) for leg in legs]
    places: dict[tuple[str, ...], dict[Hashable, list[int]]] = {}
    for entry in entries:
        names = tuple(name for name in columns if name in entry)
        if names not in places:
            known = places[names] = {}
            for at, leg in enumerate(originals):
                known.setdefault(_values(leg, names), []).append(at)
        fits = places[names].get(_values(entry, names), ())
        for at in fits:
            legs[at].update(entry)
        if not fits:
            legs.append(dict(entry))


def _values(row: Mapping[str, Json], names: Sequence[str]) -> Hashable:
    """The values of these names, such that those that are equal have the same hash."""
    return tuple(_hashable(row[name]) for name in names)


def _hashable(value: Json) -> Hashable:
    if isinstance(value, Mapping):
        return frozenset((name, _hashable(item)) for name, item in value.items())
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value


def default_key(matrix: Mapping[str, Json], index: int) -> str:
    """The name of a leg that was given none: its values' own text where they are scalars, else its index."""
    if all(isinstance(value, str | int | float | bool) for value in matrix.values()):
        return ",".join(_text(value) for value in matrix.values()) or str(index)
    return str(index)


def key_text(value: Json) -> str:
    """The text of a key that an expression gave. Raises TemplateError where it is no scalar or empty."""
    if not isinstance(value, str | int | float) or value == "":
        raise TemplateError(f"the key of a leg must be a text or a number that is not empty, and this one is {value!r}")
    return _text(value)


def _check_size(size: int) -> None:
    if size > MOST_LEGS:
        raise TemplateError(f"the matrix has {size:,} legs, and {MOST_LEGS:,} is the most", hint="split the work")


def _text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rows(name: str, rows: Json) -> Sequence[Json]:
    if isinstance(rows, str) or not isinstance(rows, Sequence):
        raise TemplateError(f"{name} must be a list, and it is {_kind(rows)}", hint="give a list, or an output that is")
    return rows


def _entries(name: str, entries: Json) -> Sequence[Mapping[str, Json]]:
    rows = _rows(name, entries)
    for row in rows:
        if not isinstance(row, Mapping):
            raise TemplateError(f"{name} must be a list of maps, and one item is {_kind(row)}")
    return rows


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "a map"
    return f"{value!r:.60}"
