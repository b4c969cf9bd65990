"""OData text: literals, filters in pieces that the server takes, pages. Pure.

Source: the API facts, 4. `$filter` takes 100 nodes, which 20 `or`-ed comparisons pass and 40 do not; `Id in (…)` with
100 ids is in live use, and older servers refuse it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import TypeVar
from urllib.parse import quote

from flowrun.errors import Refused
from flowrun.orchestrator import wire

V = TypeVar("V", int, str)

ODATA = wire.ODATA
"""The namespace of its functions and actions."""

PAGE = 100
"""Rows of a page: what a server that limits pages allows."""

IN_CHUNK = 100
OR_CHUNK = 15
KEYS_CHUNK = 50
LONGEST_LIST = 2_000
"""Characters of a list of keys, as they stand in a URL: about what 50 keys come to, which is in live use."""

_BAD_REQUEST = 400
_BAD_QUERY = (None, 1000)
"""The errorCodes of a 400 that is about the query and not about the folder or the account."""


def text(value: str) -> str:
    """A text literal: `O'Hara` is `'O''Hara'`."""
    return "'" + value.replace("'", "''") + "'"


def guid(value: str) -> str:
    """A guid literal, unquoted. Raises ValueError for what is none, so that nothing else gets into a filter."""
    return str(uuid.UUID(value))


def quoted_guid(value: str) -> str:
    """The same, as servers that take a key for text want it."""
    return text(guid(value))


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


def chunks(values: Sequence[V], size: int, longest: int | None = None) -> Iterator[Sequence[V]]:
    """The values in pieces, each once, in order: `size` in one, and `longest` characters of a URL if that is given."""
    piece: list[V] = []
    length = 0
    for value in dict.fromkeys(values):
        here = 0 if longest is None else len(quote(str(value))) + 1
        if piece and (len(piece) == size or (longest is not None and length + here > longest)):
            yield piece
            piece, length = [], 0
        piece.append(value)
        length += here
    if piece:
        yield piece


def is_about_query(error: Refused) -> bool:
    """Whether the server did not understand the query, so that another form of it may be understood."""
    return error.status == _BAD_REQUEST and error.code in _BAD_QUERY


def page(number: int, **options: str) -> dict[str, str]:
    """The query of a page, from 0. Without a stable order a row could be on two pages, or on none."""
    query = {f"${name}": value for name, value in options.items()}
    return {**query, "$orderby": "Id asc", "$top": str(PAGE), "$skip": str(number * PAGE)}
