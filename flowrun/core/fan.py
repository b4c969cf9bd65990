"""A matrix becomes legs: the product of its values, `exclude` and `include` as GitHub Actions has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    for entry in _entries("exclude", exclude):
        legs = [leg for leg in legs if any(leg.get(name, ...) != value for name, value in entry.items())]
    originals = [dict(leg) for leg in legs]
    for entry in _entries("include", include):
        fits = [at for at, leg in enumerate(originals) if _agree(leg, entry)]
        for at in fits:
            legs[at].update(entry)
        if not fits:
            legs.append(dict(entry))
    _check_size(len(legs))
    return legs


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


def _agree(leg: Mapping[str, Json], entry: Mapping[str, Json]) -> bool:
    return all(name not in leg or leg[name] == value for name, value in entry.items())


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
