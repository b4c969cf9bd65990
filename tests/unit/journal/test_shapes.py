from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest

from flowrun.core.table import Table
from flowrun.journal.shapes import dataclass_shape, shape


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Dot:
    x: int
    colour: Colour = Colour.RED


@dataclass(frozen=True)
class Line:
    ends: tuple[Dot, ...] = ()
    named: Mapping[str, Dot] = field(default_factory=dict)
    nearest: Dot | None = None
    parcel: Any = None


@dataclass(frozen=True)
class Picture:
    piece: Dot | Line
    title: str | None = "none"


def test_fields_equal_to_their_default_are_left_out() -> None:
    encode, decode = dataclass_shape(Line)
    assert encode(Line()) == {}
    assert decode({}) == Line()
    assert encode(Line(parcel=False)) == {"parcel": False}
    assert encode(Line(parcel=[])) == {"parcel": []}


@dataclass(frozen=True)
class Atlas:
    rows: Table[Dot]
    counts: Mapping[Colour, int] = field(default_factory=dict)
    shades: Mapping[Colour, Dot] = field(default_factory=dict)
    between: Mapping[tuple[str, str], Dot] = field(default_factory=dict)
    far: Mapping[tuple[str, str], int] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


def test_tables_sets_and_mappings_with_other_keys_are_written_and_read() -> None:
    encode, decode = dataclass_shape(Atlas)
    atlas = Atlas(
        Table((Dot(1), Dot(2))),
        {Colour.BLUE: 1, Colour.RED: 2},
        {Colour.BLUE: Dot(3)},
        {("b", "a"): Dot(4), ("a", "b"): Dot(5)},
        {("a", "c"): 6},
        frozenset({"z", "x", "y"}),
    )
    plain = {
        "rows": [{"x": 1}, {"x": 2}],
        "counts": {"blue": 1, "red": 2},
        "shades": {"blue": {"x": 3}},
        "between": [[["b", "a"], {"x": 4}], [["a", "b"], {"x": 5}]],
        "far": [[["a", "c"], 6]],
        "names": ["x", "y", "z"],
    }
    assert encode(atlas) == plain
    assert decode(plain) == atlas
    assert list(decode(plain).counts) == [Colour.BLUE, Colour.RED]


def test_a_derived_field_is_made_of_those_before_it() -> None:
    encode, decode = dataclass_shape(Dot, {"colour": lambda given: Colour.BLUE if given["x"] else Colour.RED})
    assert encode(Dot(1, Colour.BLUE)) == {"x": 1}
    assert decode({"x": 1}) == Dot(1, Colour.BLUE)
    with pytest.raises(ValueError, match="no field 'colour'"):
        decode({"x": 1, "colour": "red"})


def test_all_shapes_are_written_and_read() -> None:
    encode, decode = dataclass_shape(Line)
    line = Line((Dot(1), Dot(2, Colour.BLUE)), {"a": Dot(3)}, Dot(4), {"any": [None]})
    plain = {
        "ends": [{"x": 1}, {"x": 2, "colour": "blue"}],
        "named": {"a": {"x": 3}},
        "nearest": {"x": 4},
        "parcel": {"any": [None]},
    }
    assert encode(line) == plain
    assert decode(plain) == line


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Picture(Dot(1), None), {"piece": {"type": "Dot", "x": 1}, "title": None}),
        (Picture(Line(parcel=1)), {"piece": {"type": "Line", "parcel": 1}}),
    ],
)
def test_the_members_of_a_union_are_told_apart_by_name(value: Picture, plain: dict[str, Any]) -> None:
    encode, decode = dataclass_shape(Picture)
    assert encode(value) == plain
    assert decode(plain) == value


@pytest.mark.parametrize(
    "plain",
    [
        {"ends": 3},
        {"ends": [{"x": 1, "colour": "green"}]},
        {"ends": [{}]},
        {"more": 1},
        {"nearest": {"x": 1, "y": 2}},
    ],
)
def test_another_shape_is_refused(plain: dict[str, Any]) -> None:
    _, decode = dataclass_shape(Line)
    with pytest.raises((ValueError, TypeError, KeyError)):
        decode(plain)


@pytest.mark.parametrize(
    "hint",
    [
        set[str],
        frozenset[int],
        tuple[int, str],
        Mapping[int, str],
        Mapping[tuple[int, str], str],
        int | str,
        bytes,
    ],
)
def test_a_type_it_cannot_write_is_said_when_the_shape_is_made(hint: Any) -> None:
    with pytest.raises(TypeError, match="the journal cannot"):
        shape(hint)
