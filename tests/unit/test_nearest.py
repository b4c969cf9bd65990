from __future__ import annotations

import pytest

from flowrun.nearest import folded, nearest


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Extract", "extract"),
        ("extrct", "extract"),
        ("inputArguments", "input_arguments"),
        ("input-arguments", "input_arguments"),
        ("zzz", None),
        ("", None),
    ],
)
def test_what_was_meant(word: str, meant: str | None) -> None:
    assert nearest(word, iter(["extract", "input_arguments"])) == meant


def test_the_same_word_goes_before_a_near_one() -> None:
    assert nearest("POST", ["Post2", "pos", "post"]) == "post"


def test_a_million_names_are_not_all_compared() -> None:
    names = [f"Name{number:06}" for number in range(1_000_000)]
    assert nearest("name000007", names) == "Name000007"
    assert nearest("Nane000007", names) == "Name000007"
    assert nearest("Other", names) is None


def test_nothing_is_near_where_there_is_nothing() -> None:
    assert nearest("a", []) is None


def test_what_people_write_differently_is_folded() -> None:
    assert folded("Input-Argu ments_") == "inputarguments"
