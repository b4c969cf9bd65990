from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.core.plan import Json
from flowrun.spec.document import parse
from flowrun.spec.trials.writing import WIDEST, yaml

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
words = st.sampled_from(
    [
        "yes",
        "no",
        "null",
        "~",
        "1",
        "1.5",
        "0065",
        "1e3",
        "2026-10-31",
        "12:30",
        "a b",
        "a: b",
        "- a",
        "#x",
        "{a}",
        "3s",
        "",
        " ",
    ]
)
numbers = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False, width=32))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts, words),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(texts, words), inner, max_size=4)),
    max_leaves=20,
)


@given(st.dictionaries(st.one_of(texts, words), values, min_size=1, max_size=5))
def test_what_is_written_is_read_back(data: dict[str, Json]) -> None:
    document = parse(yaml(data))
    assert document.problems == ()
    assert document.data == data


@given(st.lists(values, min_size=1, max_size=5))
def test_a_list_is_read_back_too(data: list[Json]) -> None:
    assert parse(yaml(data)).data == data


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a": 1}, "a: 1\n"),
        ({"a": {"b": [1, True, None], "c d": "x y"}}, "a: {b: [1, true, null], c d: x y}\n"),
        ({"a": {}, "b": []}, "a: {}\nb: []\n"),
        ({"a": "2026-10-31", "b": "yes", "c": "3.5s", "d": "a: b"}, 'a: "2026-10-31"\nb: "yes"\nc: 3.5s\nd: "a: b"\n'),
        ([{"a": "x" * WIDEST, "b": 1}], f"- a: {'x' * WIDEST}\n  b: 1\n"),
        ({"a": [["x" * 60, "y" * 60]]}, f"a:\n  - - {'x' * 60}\n    - {'y' * 60}\n"),
    ],
)
def test_it_is_written_as_people_would(value: Json, written: str) -> None:
    assert yaml(value) == written
