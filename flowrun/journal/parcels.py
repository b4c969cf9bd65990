r"""Parcels: any JSON value of Python's, made so that ASCII JSON text carries it unchanged. The standard library only.

What plain JSON would lose or refuse is put into an object with one key, a *mark*:

    {"$float": "nan"}                  NaN and both infinities
    {"$int": "0xff..."}                an integer too long for a decimal reader
    {"$text": ["\ud83d", "\ude00"]}      two lone surrogates side by side, which a reader would join; the pieces
    {"$map": [[key, value], ...]}      a mapping with a key that is no text, begins with "$", or needs `$text`
    {"$flat": [node, ...]}             what lies deeper than `DEEP`, as a list of nodes

A lone surrogate alone needs no mark: in ASCII JSON it is an escape. Text that arrives here came from a robot, so
nothing in it may make a write fail, or a later read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from flowrun.core.plan import Json
from flowrun.errors import JournalError

DEEP = 64
"""Levels of lists and mappings that are written nested. Readers of JSON give up somewhere above a thousand."""

_LONG = 2048
"""Bits: some 617 digits, below the least limit that Python lets anyone set for reading decimals (640)."""

_JOINT = re.compile("(?<=[\ud800-\udbff])(?=[\udc00-\udfff])")


def wrap(value: Json, depth: int = 0) -> Json:
    """The value as dict, list, str, int, float, bool and None, with marks. JournalError for what is not JSON."""
    kind = type(value)
    if value is None or kind is bool or (kind is str and value.isascii()):
        return value
    if kind is dict:
        return _mapping(value, depth)
    if kind is list or kind is tuple:
        return [wrap(item, depth + 1) for item in value] if depth < DEEP else _flat(value)
    scalar = _SCALARS.get(kind)
    return wrap(_plain(value), depth) if scalar is None else scalar(value)


def unwrap(value: Json) -> Json:
    """What `wrap` was given; a tuple comes back as a list. JournalError for a mark that it does not know."""
    kind = type(value)
    if kind is dict:
        if len(value) == 1:
            ((key, inside),) = value.items()
            if key[:1] == "$":
                return _unmark(key, inside)
        return {key: unwrap(item) for key, item in value.items()}
    if kind is list:
        return [unwrap(item) for item in value]
    return value


def _text(value: str) -> Json:
    pieces = _JOINT.split(value)
    return value if len(pieces) == 1 else {"$text": pieces}


def _integer(value: int) -> Json:
    return value if value.bit_length() <= _LONG else {"$int": hex(value)}


def _number(value: float) -> Json:
    return value if isfinite(value) else {"$float": repr(value)}


_SCALARS: Mapping[type, Callable[[Any], Json]] = {str: _text, int: _integer, float: _number}


def _mapping(value: Mapping[Any, Json], depth: int) -> Json:
    if depth >= DEEP:
        return _flat(value)
    plain = {}
    for key, item in value.items():
        if type(key) is not str or key[:1] == "$" or (not key.isascii() and _JOINT.search(key)):
            return {"$map": [[_key(key), wrap(item, depth + 1)] for key, item in value.items()]}
        plain[key] = wrap(item, depth + 1)
    return plain


def _key(key: Any) -> Json:
    if key is None or isinstance(key, (str, int, float)):
        return wrap(key)
    raise JournalError(f"a mapping with a key of type {type(key).__name__} cannot be recorded: it is not JSON")


def _plain(value: Any) -> Json:
    """An instance of a subclass, or a Mapping that is no dict, as the plain type that it stands for."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (list, tuple)):
        return list(value)
    raise JournalError(f"a value of type {type(value).__name__} cannot be recorded: it is not JSON")


def _flat(root: Json) -> Json:
    """All values below `root`, each one before what it holds, without recursion.

    A list is `[first, count]`, a mapping `[first, [key, ...]]` where `first` is the number of the node of its first
    item; anything else is `[value]`.
    """
    values = [root]
    nodes: list[Json] = []
    for value in values:
        if isinstance(value, Mapping):
            nodes.append([len(values), [_key(key) for key in value]])
            values.extend(value.values())
        elif isinstance(value, (list, tuple)):
            nodes.append([len(values), len(value)])
            values.extend(value)
        else:
            nodes.append([wrap(value)])
    return {"$flat": nodes}


def _unflat(nodes: list[Json]) -> Json:
    values: list[Json] = [None] * len(nodes)
    for number in range(len(nodes) - 1, -1, -1):
        node = nodes[number]
        if len(node) == 1:
            values[number] = unwrap(node[0])
            continue
        first, what = node
        if isinstance(what, int):
            values[number] = values[first : first + what]
        else:
            keys = [unwrap(key) for key in what]
            values[number] = dict(zip(keys, values[first : first + len(keys)], strict=True))
    return values[0]


_MARKS: Mapping[str, Callable[[Any], Json]] = {
    "$float": float,
    "$int": lambda inside: int(inside, 16),
    "$text": "".join,
    "$map": lambda inside: {unwrap(key): unwrap(item) for key, item in inside},
    "$flat": _unflat,
}


def _unmark(mark: str, inside: Any) -> Json:
    try:
        return _MARKS[mark](inside)
    except KeyError:
        message = f"a record holds a value marked {mark}, which this flowrun does not know"
        raise JournalError(message, hint="It was written by a newer flowrun: upgrade this one.") from None
    except (TypeError, ValueError, IndexError) as error:
        raise JournalError(f"a record holds a value marked {mark} that cannot be read: {error}") from error
