from __future__ import annotations

import json
from collections import OrderedDict
from enum import StrEnum
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.errors import JournalError
from flowrun.journal.parcels import DEEP, unwrap, wrap

LONE = st.characters(categories=["Cs"])
TEXT = st.text() | st.text(LONE | st.sampled_from("aé$😀\x00"), max_size=6)
SCALARS = st.none() | st.booleans() | st.integers() | st.integers(-(2**3000), 2**3000) | st.floats() | TEXT
KEYS = TEXT | st.integers() | st.none() | st.booleans() | st.sampled_from(["$", "$float", "$map", "$flat"])
PARCELS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


class Colour(StrEnum):
    RED = "red"


def carried(value: object) -> object:
    """What is read back after the value went through ASCII text."""
    return unwrap(json.loads(json.dumps(wrap(value), allow_nan=False).encode("ascii")))


@given(PARCELS)
def test_any_value_is_carried_unchanged(value: object) -> None:
    assert repr(carried(value)) == repr(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (float("nan"), {"$float": "nan"}),
        (float("-inf"), {"$float": "-inf"}),
        (2**2048, {"$int": hex(2**2048)}),
        ("a\ud83d\ude00b", {"$text": ["a\ud83d", "\ude00b"]}),
        ("\ude00\ud83d", "\ude00\ud83d"),
        ("😀", "😀"),
        ({"$ref": 1}, {"$map": [["$ref", 1]]}),
        ({1: "a", "1": "b"}, {"$map": [[1, "a"], ["1", "b"]]}),
        ({"\ud83d\ude00": 1}, {"$map": [[{"$text": ["\ud83d", "\ude00"]}, 1]]}),
    ],
)
def test_what_json_would_lose_is_marked(value: object, written: object) -> None:
    assert wrap(value) == written


def test_plain_values_are_written_as_they_are() -> None:
    value: dict[str, object] = {"text": "${{ x }}", "list": [1, 2.5, True, None, {"": []}], "é": "\ud800"}
    assert wrap(value) == value


@pytest.mark.parametrize("depth", [DEEP - 1, DEEP, DEEP + 1, 20_000])
@pytest.mark.parametrize("kind", ["list", "mapping"])
def test_depth_is_no_limit(depth: int, kind: str) -> None:
    value: object = [float("nan"), "end"]
    for _ in range(depth):
        value = [value, 1] if kind == "list" else {"$a": value, "b": 1}
    back = carried(value)
    for _ in range(depth):
        assert isinstance(back, (list, dict))
        assert len(back) == 2
        back = back[0] if isinstance(back, list) else back["$a"]
    assert repr(back) == "[nan, 'end']"


def test_a_decimal_too_long_for_python_is_carried() -> None:
    assert carried([10**5000, -(10**5000)]) == [10**5000, -(10**5000)]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Colour.RED, "red"),
        ((1, (2,)), [1, [2]]),
        (MappingProxyType({"a": OrderedDict(b=1)}), {"a": {"b": 1}}),
        (MappingProxyType({}), {}),
    ],
)
def test_relatives_of_plain_types_become_plain(value: object, plain: object) -> None:
    assert carried(value) == plain
    assert type(carried(value)) is type(plain)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"raw", "type bytes"),
        ([{"a": {1, 2}}], "type set"),
        ({(1, 2): 3}, "key of type tuple"),
        (object(), "type object"),
    ],
)
def test_what_is_not_json_is_refused(value: object, message: str) -> None:
    with pytest.raises(JournalError, match=message):
        wrap(value)


@pytest.mark.parametrize(
    "written",
    [{"$int": "x"}, {"$float": []}, {"$map": [[1]]}, {"$flat": []}, {"$flat": [[1, 2, 3]]}, {"$text": 5}],
)
def test_a_damaged_mark_is_an_error(written: object) -> None:
    with pytest.raises(JournalError, match="cannot be read"):
        unwrap(written)


def test_an_unknown_mark_is_of_a_newer_flowrun() -> None:
    with pytest.raises(JournalError, match=r"marked \$bytes") as caught:
        unwrap({"$bytes": "AA=="})
    assert "upgrade" in (caught.value.hint or "")
