from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.core.fan import MOST_LEGS, combinations, default_key, key_text
from flowrun.errors import TemplateError


def test_the_product_is_in_the_order_of_the_file() -> None:
    assert combinations({"os": ["a", "b"], "n": [1, 2]}) == [
        {"os": "a", "n": 1},
        {"os": "a", "n": 2},
        {"os": "b", "n": 1},
        {"os": "b", "n": 2},
    ]


def test_no_matrix_and_an_empty_list_have_no_legs() -> None:
    assert combinations({}) == []
    assert combinations({"n": []}) == []
    assert combinations({"n": [1, 2], "m": []}) == []


def test_include_as_github_explains_it() -> None:
    """The example of GitHub's own page on matrices, entry by entry."""
    legs = combinations(
        {"fruit": ["apple", "pear"], "animal": ["cat", "dog"]},
        include=[
            {"color": "green"},
            {"color": "pink", "animal": "cat"},
            {"fruit": "apple", "shape": "circle"},
            {"fruit": "banana"},
            {"fruit": "banana", "animal": "cat"},
        ],
    )
    assert legs == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_include_alone_gives_a_leg_for_each_entry() -> None:
    assert combinations({}, include=[{"a": 1}, {"a": 1, "b": 2}]) == [{"a": 1}, {"a": 1, "b": 2}]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ([{"n": 1}], [(2, "x"), (2, "y")]),
        ([{"n": 1, "m": "x"}], [(1, "y"), (2, "x"), (2, "y")]),
        ([{"n": 1, "m": "x"}, {"n": 2, "m": "y"}], [(1, "y"), (2, "x")]),
        ([{"n": 3}], [(1, "x"), (1, "y"), (2, "x"), (2, "y")]),
        ([{"other": None}], [(1, "x"), (1, "y"), (2, "x"), (2, "y")]),
    ],
)
def test_exclude_drops_what_agrees_with_all_it_names(exclude: list[Any], left: list[Any]) -> None:
    legs = combinations({"n": [1, 2], "m": ["x", "y"]}, exclude=exclude)
    assert [(leg["n"], leg["m"]) for leg in legs] == left


def test_exclude_comes_before_include() -> None:
    assert combinations({"n": [1, 2]}, include=[{"n": 1, "x": 5}], exclude=[{"n": 1}]) == [{"n": 2}, {"n": 1, "x": 5}]


def test_legs_do_not_share_what_include_gave_them() -> None:
    entry = {"x": 1}
    legs = combinations({"n": [1, 2]}, include=[entry])
    legs[0]["x"] = 2
    assert legs[1]["x"] == 1
    assert entry == {"x": 1}


@pytest.mark.parametrize(
    ("values", "more", "words"),
    [
        ({"n": "abc"}, {}, "matrix.n must be a list, and it is 'abc'"),
        ({"n": None}, {}, "matrix.n must be a list, and it is null"),
        ({"n": {"a": 1}}, {}, "matrix.n must be a list, and it is a map"),
        ({"n": 5}, {}, "matrix.n must be a list, and it is 5"),
        ({}, {"include": 5}, "include must be a list, and it is 5"),
        ({}, {"include": ["a"]}, "include must be a list of maps, and one item is 'a'"),
        ({"n": [1]}, {"exclude": [[1]]}, "exclude must be a list of maps, and one item is [1]"),
    ],
)
def test_what_is_no_list_is_refused_by_its_name(values: Any, more: Any, words: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(words)):
        combinations(values, **more)


def test_there_is_a_most() -> None:
    assert len(combinations({"n": range(MOST_LEGS)})) == MOST_LEGS
    with pytest.raises(TemplateError, match="50,000 is the most"):
        combinations({"n": range(251), "m": range(200)})
    with pytest.raises(TemplateError, match="the matrix has 50,001 legs"):
        combinations({}, include=[{"n": at} for at in range(MOST_LEGS + 1)])


@given(st.dictionaries(st.text("ab", min_size=1, max_size=2), st.lists(st.integers(0, 3), max_size=4), max_size=3))
def test_every_combination_is_there_once_for_each_way_to_make_it(values: dict[str, list[int]]) -> None:
    size = 1 if values else 0
    for rows in values.values():
        size *= len(rows)
    legs = combinations(values)
    assert len(legs) == size
    assert all(leg[name] in rows for leg in legs for name, rows in values.items())


@pytest.mark.parametrize(
    ("matrix", "key"),
    [
        ({"a": "EU"}, "EU"),
        ({"a": "EU", "n": 3}, "EU,3"),
        ({"on": True, "off": False}, "true,false"),
        ({"x": 1.5}, "1.5"),
        ({"a": None}, "4"),
        ({"a": {"Code": "EU"}}, "4"),
        ({"a": "EU", "more": [1]}, "4"),
        ({"a": ""}, "4"),
        ({}, "4"),
    ],
)
def test_a_leg_is_called_by_its_scalars_or_its_index(matrix: dict[str, Any], key: str) -> None:
    assert default_key(matrix, 4) == key


@pytest.mark.parametrize(("value", "text"), [("EU", "EU"), (7, "7"), (1.5, "1.5"), (True, "true"), (0, "0")])
def test_a_key_is_text(value: Any, text: str) -> None:
    assert key_text(value) == text


@pytest.mark.parametrize("value", ["", None, [], {"a": 1}])
def test_a_key_that_is_no_text_is_refused_and_shown(value: Any) -> None:
    with pytest.raises(TemplateError, match=re.escape(repr(value))):
        key_text(value)


values_of = st.integers(0, 2) | st.booleans() | st.sampled_from(["x", None, [1], [1, {"a": 1}], {"a": [1]}, {"a": [2]}])
rows_of = st.lists(st.dictionaries(st.sampled_from("abc"), values_of, max_size=3), max_size=5)


@given(st.dictionaries(st.sampled_from("ab"), st.lists(values_of, max_size=3), max_size=2), rows_of, rows_of)
def test_exclude_and_include_are_what_they_are_entry_by_entry(
    values: dict[str, list[Any]], include: list[dict[str, Any]], exclude: list[dict[str, Any]]
) -> None:
    legs = combinations(values)
    for entry in exclude:
        legs = [leg for leg in legs if any(name not in leg or leg[name] != entry[name] for name in entry)]
    originals = [dict(leg) for leg in legs]
    for entry in include:
        fits = [
            at for at, leg in enumerate(originals) if all(leg.get(name, entry[name]) == entry[name] for name in entry)
        ]
        for at in fits:
            legs[at].update(entry)
        if not fits:
            legs.append(dict(entry))
    assert combinations(values, include, exclude) == legs
