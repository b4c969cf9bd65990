"""Shapes: frozen dataclasses to plain JSON and back, worked out once from their type hints.

Known to it: str, int, float, bool, Json, enums, dataclasses, tuples of one type, tables, frozen sets of text, mappings
from text or an enum (an object) or from a tuple of texts (a list of pairs), `X | None`, and unions of dataclasses,
which are told apart by their class's name under `type`. A field equal to its default is left out. Anything else in a
type hint is a TypeError when the shape is made, which is when the journal is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from types import MappingProxyType, NoneType, UnionType
from typing import Any, NamedTuple, TypeAlias, Union, get_args, get_origin, get_type_hints

from flowrun.core.table import Table

Change: TypeAlias = Callable[[Any], Any]

Derived: TypeAlias = Mapping[str, Callable[[Mapping[str, Any]], Any]]
"""Fields that are not written: what makes each of them of those before it, by name."""

TAG = "type"
"""Under this key stands the class of a member of a union."""

_PLAIN = (Any, str, int, float, bool)


class Shape(NamedTuple):
    """How values of one type are written and read. None where they are written as they are."""

    encode: Change | None
    decode: Change | None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a dataclass. `default` is `dataclasses.MISSING` where it must be given."""

    name: str
    hint: Any
    default: Any


def fields_of(kind: type[Any]) -> tuple[Field, ...]:
    """The fields of a dataclass with their types resolved and their defaults made."""
    hints = get_type_hints(kind)
    found = []
    for field in fields(kind):
        default = field.default if field.default_factory is MISSING else field.default_factory()
        found.append(Field(field.name, hints[field.name], default))
    return tuple(found)


def members(hint: Any) -> tuple[Any, ...]:
    """The types of a union; nothing for a type that is none."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else ()


@cache
def shape(hint: Any) -> Shape:
    """How values with this type hint are written and read. The decoders raise ValueError, TypeError or KeyError."""
    if hint in _PLAIN:
        return Shape(None, None)
    if members(hint):
        return _union(get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Shape(attrgetter("value"), {member.value: member for member in hint}.__getitem__)
    if is_dataclass(hint) and isinstance(hint, type):
        return Shape(*dataclass_shape(hint))
    return _collection(hint)


def _collection(hint: Any) -> Shape:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint == frozenset[str]:
        return Shape(sorted, frozenset)
    if (origin is tuple and arguments[1:] == (Ellipsis,)) or origin is Table:
        return _sequence(shape(arguments[0]), origin)
    if origin is not None and issubclass(origin, Mapping):
        return _keyed(arguments[0], shape(arguments[1]))
    raise TypeError(f"the journal cannot write a field of type {hint}: teach it in journal/shapes.py")


def dataclass_shape(kind: type[Any], derived: Derived = MappingProxyType({})) -> tuple[Change, Change]:
    """How instances of a dataclass are written as a dict and read from one; the latter may raise, as in `shape`."""
    known = [field for field in fields_of(kind) if field.name not in derived]
    encoders = tuple((field.name, field.default, shape(field.hint).encode) for field in known)
    decoders = {field.name: shape(field.hint).decode for field in known}

    def encode(value: Any) -> dict[str, Any]:
        plain = {}
        for name, default, change in encoders:
            item = getattr(value, name)
            if item is default or (item.__class__ is default.__class__ and item == default):
                continue
            plain[name] = item if change is None else change(item)
        return plain

    def decode(plain: dict[str, Any]) -> Any:
        given = {}
        for name, item in plain.items():
            if name not in decoders:
                raise ValueError(f"{kind.__name__} has no field {name!r}")
            change = decoders[name]
            given[name] = item if change is None else change(item)
        for name, made in derived.items():
            given[name] = made(given)
        return kind(**given)

    return encode, decode


def _sequence(item: Shape, kind: Change) -> Shape:
    encode, decode = item
    return Shape(
        list if encode is None else lambda values: [encode(value) for value in values],
        kind if decode is None else lambda values: kind([decode(value) for value in values]),
    )


def _keyed(key: Any, item: Shape) -> Shape:
    if key is str:
        return _mapping(item)
    if isinstance(key, type) and issubclass(key, Enum):
        return _named(shape(key), _mapping(item))
    if get_origin(key) is tuple and set(get_args(key)) == {str}:
        return _paired(_mapping(item))
    raise TypeError(f"the journal cannot write a mapping with keys of type {key}: teach it in journal/shapes.py")


def _mapping(item: Shape) -> Shape:
    encode, decode = item
    return Shape(
        None if encode is None else lambda values: {key: encode(value) for key, value in values.items()},
        None if decode is None else lambda values: {key: decode(value) for key, value in values.items()},
    )


def _named(key: Shape, inside: Shape) -> Shape:
    """A mapping from an enum, as one from the values of its members."""
    name, member = key.encode, key.decode
    assert name is not None and member is not None  # noqa: S101, PT018 - an enum is never written as it is
    encode, decode = inside
    return Shape(
        lambda values: {name(key): item for key, item in (encode(values) if encode else values).items()},
        lambda plain: {member(key): item for key, item in (decode(plain) if decode else plain).items()},
    )


def _paired(inside: Shape) -> Shape:
    """A mapping from tuples of texts, as a list of pairs."""
    encode, decode = inside

    def write(values: Mapping[Any, Any]) -> list[Any]:
        return [[list(key), item] for key, item in (encode(values) if encode else values).items()]

    def read(plain: list[Any]) -> dict[Any, Any]:
        values = {tuple(key): item for key, item in plain}
        return decode(values) if decode else values

    return Shape(write, read)


def _union(kinds: tuple[Any, ...]) -> Shape:
    others = [kind for kind in kinds if kind is not NoneType]
    shapes = {kind.__name__: shape(kind) for kind in others}
    if len(others) == 1:
        encode, decode = shapes[others[0].__name__]
    elif all(is_dataclass(kind) for kind in others):
        encode, decode = _tagged(shapes)
    else:
        raise TypeError(f"the journal cannot tell the members of {kinds} apart")
    if len(others) == len(kinds):
        return Shape(encode, decode)
    return Shape(encode and _optional(encode), decode and _optional(decode))


def _optional(change: Change) -> Change:
    return lambda value: None if value is None else change(value)


def _tagged(shapes: Mapping[str, Shape]) -> Shape:
    encoders = {name: each.encode for name, each in shapes.items() if each.encode}
    decoders = {name: each.decode for name, each in shapes.items() if each.decode}

    def encode(value: Any) -> dict[str, Any]:
        name = type(value).__name__
        return {TAG: name, **encoders[name](value)}

    def decode(plain: dict[str, Any]) -> Any:
        return decoders[plain[TAG]]({name: item for name, item in plain.items() if name != TAG})

    return Shape(encode, decode)
