"""OData text: literals, filters in pieces that the server takes, pages. Pure.

Source: the API facts, 4. `$filter` takes 100 nodes, which 20 `or`-ed comparisons pass and 40 do not; `Id in (…)` with
100 ids is in live use, and older servers refuse it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from flowrun.orchestrator import wire

ODATA = wire.ODATA
"""The namespace of its functions and actions."""

PAGE = 100
"""Rows of a page: what a server that limits pages allows."""

IN_CHUNK = 100
OR_CHUNK = 15


def text(value: str) -> str:
    """A text literal: `O'Hara` is `'O''Hara'`."""
    return "'" + value.replace("'", "''") + "'"


def guid(value: str) -> str:
    """A guid literal, unquoted. Raises ValueError for what is none, so that nothing else gets into a filter."""
    return str(uuid.UUID(value))


def is_guid(value: str) -> bool:
    """Whether it is a guid in its usual form."""
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def ids_in(ids: Sequence[int]) -> str:
    """`Id in (1,2,3)`."""
    return f"Id in ({','.join(str(int(number)) for number in ids)})"


def ids_or(ids: Sequence[int]) -> str:
    """`Id eq 1 or Id eq 2`, for servers without `in`."""
    return " or ".join(f"Id eq {int(number)}" for number in ids)


def chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """The ids in pieces, each once, in order."""
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), size):
        yield unique[start : start + size]


def page(number: int, **options: str) -> dict[str, str]:
    """The query of a page, from 0. Without a stable order a row could be on two pages, or on none."""
    query = {f"${name}": value for name, value in options.items()}
    return {**query, "$orderby": "Id asc", "$top": str(PAGE), "$skip": str(number * PAGE)}
