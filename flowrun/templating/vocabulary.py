"""The allow-list: every filter, test and operator that an expression may use. A name absent from here does not exist.

Filters of jinja2 keep their meaning, with four exceptions: `int` and `float` refuse what is not a number instead of
giving 0; `sort`, `unique`, `min` and `max` tell `a` from `A`; texts are made as `${{ }}` inside text makes them; what
jinja2 gives as a generator is a list.
"""

from __future__ import annotations

import functools
import json
import operator
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2 import pass_environment
from jinja2.environment import Environment
from jinja2.filters import FILTERS, do_max, do_min, do_round, do_sort, make_attrgetter
from jinja2.runtime import Context, Undefined
from jinja2.tests import TESTS

from flowrun.templating.absent import Absent
from flowrun.templating.values import MOST_SIZE, UnfitError, in_text, kind_of, plain, shown
from flowrun.templating.work import CALL, breadth, compared, in_parts, look_through, spend

_MOST_DIGITS = 15
_MOST_BITS = 4_096
_MOST_TRIMMED = 100
_NOTHING = object()


def present(function: Any, weight: Callable[[Any], int] = breadth) -> Any:
    """The function, which now fails on an absent value instead of passing it on, and gives lists for generators.

    What it looks at, which is its arguments by their weight, and what it makes is counted.
    """

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        cost = CALL
        for value in (*args, *kwargs.values()):
            if isinstance(value, Undefined):
                str(value)
            cost += 0 if isinstance(value, Context) else weight(value)
        spend(cost)
        result = function(*args, **kwargs)
        made = list(result) if isinstance(result, Iterator) else result
        spend(sys.getsizeof(made))
        return made

    return checked


def _default(value: Any, default: Any = "", boolean: bool = False) -> Any:  # noqa: FBT001, FBT002 - jinja2's signature
    if isinstance(value, Absent):
        value.refuse_unknown_name()
        return default
    return default if boolean and not value else value


def _seen_through(value: Any) -> int:
    look_through(value)
    return 0


def _defined(value: Any) -> bool:
    if isinstance(value, Absent):
        value.refuse_unknown_name()
    return not isinstance(value, Absent)


def _number(kind: type[int | float], value: Any, default: Any) -> Any:
    try:
        return kind(float(value) if kind is int and isinstance(value, str) and not _is_whole(value) else value)
    except (TypeError, ValueError, OverflowError):
        if default is not _NOTHING:
            return default
    raise UnfitError(f"{shown(value)} is not a number")


def _is_whole(text: str) -> bool:
    return text.strip().lstrip("+-").isdecimal()


def _int(value: Any, default: Any = _NOTHING) -> Any:
    return _number(int, value, default)


def _float(value: Any, default: Any = _NOTHING) -> Any:
    return _number(float, value, default)


def _round(value: Any, precision: int = 0, method: Any = "common") -> float:
    if not isinstance(precision, int) or abs(precision) > _MOST_DIGITS:
        raise UnfitError(f"round takes at most {_MOST_DIGITS} digits, not {shown(precision)}")
    return do_round(value, precision, method)


@pass_environment
def _join(environment: Environment, value: Any, d: Any = "", attribute: str | int | None = None) -> str:
    items = value if attribute is None else map(make_attrgetter(environment, attribute), value)
    texts = [in_text(item) for item in items]
    between = in_text(d)
    _fits(sum(map(len, texts)) + len(texts) * len(between))
    return between.join(texts)


def _replace(value: Any, old: str, new: Any, count: int = -1) -> str:
    text, after = in_text(value), in_text(new)
    found = text.count(old) if count < 0 else min(text.count(old), count)
    _fits(len(text) + found * (len(after) - len(old)))
    return text.replace(old, after, count)


@pass_environment
def _sort(
    environment: Environment,
    value: Any,
    reverse: bool = False,  # noqa: FBT001, FBT002 - jinja2's signature
    case_sensitive: bool = True,  # noqa: FBT001, FBT002 - jinja2's signature
    attribute: str | int | None = None,
) -> list[Any]:
    return do_sort(environment, _in_order(environment, value, attribute), reverse, case_sensitive, attribute)


@pass_environment
def _unique(
    environment: Environment,
    value: Any,
    case_sensitive: bool = True,  # noqa: FBT001, FBT002 - jinja2's signature
    attribute: str | int | None = None,
) -> list[Any]:
    of = make_attrgetter(environment, attribute) if attribute is not None else (lambda item: item)
    seen: dict[str, Any] = {}
    for item in value:
        text = json.dumps(plain(look_through(of(item))), sort_keys=True)
        spend(sys.getsizeof(text))
        seen.setdefault(text if case_sensitive else text.lower(), item)
    return list(seen.values())


@pass_environment
def _min(
    environment: Environment,
    value: Any,
    case_sensitive: bool = True,  # noqa: FBT001, FBT002 - jinja2's signature
    attribute: str | int | None = None,
) -> Any:
    return do_min(environment, _in_order(environment, value, attribute), case_sensitive, attribute)


@pass_environment
def _max(
    environment: Environment,
    value: Any,
    case_sensitive: bool = True,  # noqa: FBT001, FBT002 - jinja2's signature
    attribute: str | int | None = None,
) -> Any:
    return do_max(environment, _in_order(environment, value, attribute), case_sensitive, attribute)


def _in_order(environment: Environment, value: Any, attribute: str | int | None) -> list[Any]:
    """The items, after counting what comparing them looks through."""
    return compared(value, make_attrgetter(environment, attribute) if attribute is not None else _same)


def _same(item: Any) -> Any:
    return item


def _dictsort(value: Any, case_sensitive: bool = False, by: str = "key", reverse: bool = False) -> Any:  # noqa: FBT001, FBT002 - jinja2's signature
    compared(value.items(), _same)
    return FILTERS["dictsort"](value, case_sensitive, by, reverse)


def _items(value: Any) -> list[list[Any]]:
    if not isinstance(value, Mapping):
        raise UnfitError(f"items takes an object, not {kind_of(value)}")
    return [[key, item] for key, item in value.items()]


def _reverse(value: Any) -> Any:
    return value[::-1] if isinstance(value, str) else list(reversed(value))


def _trim(value: Any, chars: str | None = None) -> str:
    if chars is not None and len(chars) > _MOST_TRIMMED:
        raise UnfitError(f"trim takes at most {_MOST_TRIMMED} characters")
    return in_text(value).strip(chars)


def _tojson(value: Any) -> str:
    return json.dumps(plain(look_through(value)), ensure_ascii=False)


def _fits(size: int) -> None:
    if size > MOST_SIZE:
        raise UnfitError(f"the result is larger than {MOST_SIZE} characters")


def _add(left: Any, right: Any) -> Any:
    for text, other in ((left, right), (right, left)):
        if isinstance(text, str) and not isinstance(other, str | Undefined):
            raise UnfitError(f"text and {kind_of(other)} cannot be added; ~ joins them as text")
    if isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
        _fits(len(left) + len(right))
    return _whole(left + right)


def _whole(value: Any) -> Any:
    """What an operator made, if it may be so large."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise UnfitError("the number is too large")
    spend(sys.getsizeof(value))
    return value


def _numbers_only(sign: str, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def guarded(left: Any, right: Any) -> Any:
        for value in (left, right):
            if not isinstance(value, int | float | Undefined):
                raise UnfitError(f"{sign} takes two numbers, not {kind_of(value)}")
        return _whole(function(left, right))

    return guarded


@pass_environment
def _sum(environment: Environment, iterable: Any, attribute: str | int | None = None, start: Any = 0) -> Any:
    of = make_attrgetter(environment, attribute) if attribute is not None else (lambda item: item)
    total = start
    for item in iterable:
        total = _add(total, of(item))
    return total


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": _add,
    "-": _numbers_only("-", operator.sub),
    "*": _numbers_only("*", operator.mul),
    "/": _numbers_only("/", operator.truediv),
    "//": _numbers_only("//", operator.floordiv),
    "%": _numbers_only("%", operator.mod),
}
"""The binary operators. `**` is not among them: one could ask for a number that fills the memory."""

_OF_JINJA = ("abs", "first", "last", "length")
_OF_JINJA_IN_PARTS = ("list", "map", "reject", "rejectattr", "select", "selectattr")

FILTERS_ALLOWED: dict[str, Any] = {
    "default": _default,
    **{name: present(FILTERS[name]) for name in _OF_JINJA},
    **{name: present(FILTERS[name], in_parts) for name in _OF_JINJA_IN_PARTS},
    "dictsort": present(_dictsort),
    "float": present(_float),
    "int": present(_int),
    "items": present(_items),
    "join": present(_join, in_parts),
    "lower": present(lambda value: in_text(value).lower()),
    "max": present(_max, in_parts),
    "min": present(_min, in_parts),
    "replace": present(_replace),
    "reverse": present(_reverse),
    "round": present(_round),
    "sort": present(_sort, in_parts),
    "string": present(in_text),
    "sum": present(_sum, in_parts),
    "tojson": present(_tojson),
    "trim": present(_trim),
    "unique": present(_unique, in_parts),
    "upper": present(lambda value: in_text(value).upper()),
}


def _cut(value: Any, start: Any, stop: Any, step: Any) -> Any:
    if not isinstance(value, str | list | tuple):
        raise UnfitError(f"only text and lists have parts, not {kind_of(value)}")
    return value[start:stop:step]


SLICE, COMPARED = "[:]", "=="
"""Filters that nobody can write: what `a[1:2]` becomes, and each side of a comparison."""

HIDDEN: dict[str, Any] = {SLICE: present(_cut), COMPARED: look_through}

_TESTS = ("boolean", "false", "float", "integer", "mapping", "none", "number", "sequence", "string", "true")
_TESTS_THAT_COMPARE = ("eq", "ge", "gt", "in", "le", "lt", "ne")

TESTS_ALLOWED: dict[str, Any] = {
    "defined": _defined,
    "undefined": lambda value: not _defined(value),
    **{name: present(TESTS[name]) for name in _TESTS},
    **{name: present(TESTS[name], _seen_through) for name in _TESTS_THAT_COMPARE},
}
