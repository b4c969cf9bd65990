"""`$filter`: an OData expression made into a predicate over our entities. The only door to odata-query.

The parser is theirs; what is added here are the forms that Orchestrator takes beyond it: `123L`, names that begin with
a word of the grammar (`AllocatedTo`), a list of one. Comparisons follow OData: null equals only null, and is neither
less nor greater than anything.
"""

from __future__ import annotations

import copy
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from flowrun.emulator.entities import Json
from flowrun.emulator.properties import EntityType, Property

NODE_LIMIT = 100
"""Nodes of a `$filter` that the server takes (API facts 4): 20 `or`-ed comparisons pass, 40 do not."""
TEXT_LIMIT = 20_000
_LONG = re.compile(r"'(?:[^']|'')*'|\b(\d+)L\b", re.IGNORECASE)

Value = Callable[[Json], Json]


class QueryError(Exception):
    """A query option that the server refuses with 400 and errorCode 1000."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled `$filter`. `bounds` are values that a property must have: `{"id": {1, 2}}`, for an index to use."""

    matches: Callable[[Json], bool]
    bounds: dict[str, frozenset[Json]] = field(default_factory=dict)


def compile_filter(text: str, entity: EntityType) -> Filter:
    """Compile an expression. Raises QueryError."""
    if len(text) > TEXT_LIMIT:
        raise QueryError(f"The $filter is {len(text)} characters long; {TEXT_LIMIT} are the most.")
    try:
        tree = _parse(_LONG.sub(lambda match: match[1] or match[0], text))
        if _count(tree) > NODE_LIMIT:
            raise QueryError(f"The node count limit of '{NODE_LIMIT}' has been exceeded.")
    except RecursionError:
        raise QueryError("The $filter cannot be read: it is nested too deeply.") from None
    value = _Compiler(entity).value(tree)

    def matches(item: Json) -> bool:
        try:
            return value(item) is True
        except (AttributeError, TypeError, ValueError) as error:
            raise QueryError(f"The $filter compares what cannot be compared: {error}.") from error

    return Filter(matches, _bounds(tree))


def warm_up() -> None:
    """Import the parser before it is needed: the first filter would wait most of a second for it."""
    _grammar()


def _grammar() -> tuple[Any, Any]:
    """A lexer and a parser for one text: theirs keep where they are, and a lexer left half-way writes it back late."""
    from odata_query import grammar  # noqa: PLC0415 - only a filter needs the parser, and it is slow to import

    return grammar.ODataLexer(), grammar.ODataParser()


def _tokens(lexer: Any, text: str) -> Iterator[Any]:
    """Theirs, with two repairs: `AllocatedTo` is one name, and `in (1)` is a list, which they write `(1,)`."""
    from odata_query import ast  # noqa: PLC0415 - the same

    end, items = 0, None
    for token in lexer.tokenize(text):
        if token.index < end:
            continue
        word = _word(text, token.index) if token.type in {"ANY", "ALL", "BOOLEAN", "NULL"} else ""
        if word.lower() not in {"", "any", "all", "true", "false", "null"}:
            token.type, token.value, end = "ODATA_IDENTIFIER", ast.Identifier(word), token.index + len(word)
        if token.type == ")" and items == 1:
            comma = copy.copy(token)
            comma.type = comma.value = ","
            yield comma
        items = _items(items, token.type)
        yield token


def _items(items: int | None, type_: str) -> int | None:
    """How many items the list after an `in` has so far; None outside of one."""
    if type_ == "IN":
        return 0
    if items is None or type_ in {"(", "WS"}:
        return items
    return None if type_ == ")" else items + (type_ == "," or items == 0)


def _word(text: str, index: int) -> str:
    match = re.compile(r"\w+").match(text, index)
    return match[0] if match else ""


def _parse(text: str) -> Any:
    from odata_query.exceptions import ODataException  # noqa: PLC0415 - the same

    lexer, parser = _grammar()
    try:
        tree = parser.parse(_tokens(lexer, text.strip()))
    except (ODataException, ValueError) as error:
        raise QueryError(f"The $filter cannot be read: {str(error).splitlines()[0]}") from error
    if tree is None:
        raise QueryError("The $filter is empty.")
    return tree


def _count(node: Any) -> int:
    """Count as the server does: comparisons, operators, names and literals; the items of a list are free."""
    name = type(node).__name__
    if name in {"Compare", "BoolOp", "BinOp"}:
        return 1 + _count(node.left) + (1 if type(node.right).__name__ == "List" else _count(node.right))
    if name == "UnaryOp":
        return 1 + _count(node.operand)
    if name == "Call":
        return 1 + sum(_count(argument) for argument in node.args)
    return 1 + (_count(node.owner) if name == "Attribute" else 0)


def _bounds(node: Any) -> dict[str, frozenset[Json]]:
    """Which values a property must have, where the expression says so at its top."""
    name = type(node).__name__
    if name == "BoolOp" and type(node.op).__name__ == "And":
        left, right = _bounds(node.left), _bounds(node.right)
        return {**right, **left}
    if name == "BoolOp":
        left, right = _bounds(node.left), _bounds(node.right)
        return {key: left[key] | right[key] for key in left.keys() & right.keys()}
    if name == "Compare" and type(node.left).__name__ == "Identifier":
        kind = type(node.comparator).__name__
        literals = _literals(node.right) if kind == "In" else [node.right]
        if kind in {"Eq", "In"} and all(hasattr(item, "py_val") for item in literals):
            return {node.left.name.lower(): frozenset(_literal(item) for item in literals)}
    return {}


def _literals(node: Any) -> list[Any]:
    return list(node.val) if type(node).__name__ == "List" else [node]


def _literal(node: Any) -> Json:
    if type(node).__name__ == "GUID":
        return node.val.lower()
    return node.py_val


class _Compiler:
    """Makes each node of the tree into a function from an entity to a value."""

    def __init__(self, entity: EntityType) -> None:
        self._entity = entity

    def value(self, node: Any) -> Value:
        """Compile one node."""
        method: Callable[[Any], Value] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is not None:
            return method(node)
        if hasattr(node, "py_val"):
            literal = _literal(node)
            return lambda _: literal
        raise QueryError(f"This emulator has no {type(node).__name__} in a $filter.")

    def _identifier(self, node: Any) -> Value:
        return _property(self._entity, node.full_name()).read

    def _attribute(self, node: Any) -> Value:
        owner = getattr(node.owner, "name", None)
        navigation = self._entity.navigations.get(owner.lower()) if owner else None
        if navigation is None:
            raise QueryError(f"Could not find a property named '{owner}' on type '{self._entity.name}'.")
        there, target = navigation
        read = _property(target, node.attr).read
        return lambda item: None if (other := there.read(item)) is None else read(other)

    def _boolop(self, node: Any) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if type(node.op).__name__ == "And":
            return lambda item: left(item) is True and right(item) is True
        return lambda item: left(item) is True or right(item) is True

    def _unaryop(self, node: Any) -> Value:
        operand = self.value(node.operand)
        if type(node.op).__name__ == "Not":
            return lambda item: operand(item) is not True
        return lambda item: -operand(item)

    def _compare(self, node: Any) -> Value:
        kind = type(node.comparator).__name__
        left = self.value(node.left)
        members = self._members(node.left)
        if kind == "In":
            choices = [_member(_literal(item), members) for item in _literals(node.right)]
            allowed = {_folded(choice) for choice in choices}
            return lambda item: _folded(left(item)) in allowed
        compare = _COMPARISONS[kind]
        if hasattr(node.right, "py_val"):
            wanted = _member(_literal(node.right), members)
            return lambda item: compare(*_comparable(left(item), wanted))
        right = self.value(node.right)
        return lambda item: compare(*_comparable(left(item), right(item)))

    def _call(self, node: Any) -> Value:
        name = node.func.name.lower()
        function = _FUNCTIONS.get(name)
        if function is None:
            raise QueryError(f"This emulator has no function '{name}' in a $filter.")
        values = [self.value(argument) for argument in node.args]

        def call(item: Json) -> Json:
            given = [value(item) for value in values]
            return _OF_NULL.get(name) if None in given else function(*given)

        return call

    def _members(self, node: Any) -> tuple[str, ...]:
        if type(node).__name__ != "Identifier":
            return ()
        return _property(self._entity, node.full_name()).members


def _property(entity: EntityType, name: str) -> Property:
    found = entity.properties.get(name.lower())
    if found is None:
        raise QueryError(f"Could not find a property named '{name}' on type '{entity.name}'.")
    return found


def _member(value: Json, members: tuple[str, ...]) -> Json:
    """The name of an enum's member, which may be given by its number; any other value as it is."""
    if not members or value is None:
        return value
    if str(value) in members:
        return str(value)
    if str(value).isdigit() and int(value) < len(members):
        return members[int(value)]
    raise QueryError(f"The string '{value}' is not a valid enumeration member; there are {', '.join(members)}.")


def _folded(value: Json) -> Json:
    return value.lower() if isinstance(value, str) and _GUID.fullmatch(value) else value


_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _comparable(left: Json, right: Json) -> tuple[Json, Json]:
    """Bring two values to one type: times from text, GUIDs to one case."""
    for value in (left, right):
        if isinstance(value, date):
            return _moment(left), _moment(right)
    return _folded(left), _folded(right)


def _moment(value: Json) -> datetime | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Json, Json], bool]:
    def ordered(left: Json, right: Json) -> bool:
        return left is not None and right is not None and compare(left, right)

    return ordered


_COMPARISONS: dict[str, Callable[[Json, Json], bool]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": _ordered(operator.lt),
    "LtE": _ordered(operator.le),
    "Gt": _ordered(operator.gt),
    "GtE": _ordered(operator.ge),
}
_FUNCTIONS: dict[str, Callable[..., Json]] = {
    "contains": lambda text, part: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "indexof": lambda text, part: text.find(part),
    "length": len,
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": str.strip,
    "concat": operator.add,
    "year": lambda text: _part(text, "year"),
    "month": lambda text: _part(text, "month"),
    "day": lambda text: _part(text, "day"),
    "hour": lambda text: _part(text, "hour"),
    "minute": lambda text: _part(text, "minute"),
}


_OF_NULL: dict[str, Json] = {"contains": False, "startswith": False, "endswith": False, "indexof": -1}
"""What a function of null gives: null has no text to find anything in. The others give null."""


def _part(value: Json, name: str) -> int | None:
    moment = _moment(value)
    return None if moment is None else getattr(moment, name)
