from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

import pytest

from flowrun.templating import values
from flowrun.templating.values import UnfitError, in_text, kind_of, plain, shown


class Lazy(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        return {"a": 1}[key]

    def __iter__(self) -> Iterator[str]:
        return iter(("a",))

    def __len__(self) -> int:
        return 1


class Color(StrEnum):
    RED = "red"


def test_mappings_and_tuples_become_plain():
    value = plain({"lazy": Lazy(), "pair": (1, Color.RED)})
    assert value == {"lazy": {"a": 1}, "pair": [1, "red"]}
    assert type(value["lazy"]) is dict
    assert type(value["pair"]) is list
    assert type(value["pair"][1]) is str


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1: 2}, b"x", object(), {"a": {3}}, len])
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(UnfitError):
        plain(value)


def test_depth_is_limited():
    value: list[object] = []
    for _ in range(values.MOST_DEPTH + 1):
        value = [value]
    with pytest.raises(UnfitError, match="deeper"):
        plain(value)


def test_size_is_limited_where_a_list_holds_one_text_many_times():
    with pytest.raises(UnfitError, match="larger"):
        plain(["x" * 1_000_000] * 20)


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (True, "true"), (False, "false"), (3, "3"), (2.5, "2.5")])
def test_inside_text(value, text):
    assert in_text(value) == text


@pytest.mark.parametrize("value", [None, [], {}, ()])
def test_what_cannot_stand_inside_text(value):
    with pytest.raises(UnfitError, match=f"{kind_of(value)} cannot stand inside text"):
        in_text(value)


def test_a_long_value_is_cut_when_shown():
    assert shown(["x" * 200]).endswith("x…")
    assert shown({"a": True}) == '{"a": true}'
    assert shown(object()) == "a object"
