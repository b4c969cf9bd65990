from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from flowrun.core.plan import Json
from flowrun.steps.fields import described, lasting, one_of, seconds, shown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("90s", 90.0),
        ("15m", 900.0),
        ("1h30m", 5400.0),
        ("2d", 172_800.0),
        ("1d2h3m4s", 93_784.0),
        ("1.5h", 5400.0),
        ("0s", 0.0),
        ("PT15M", 900.0),
        ("P1DT2H", 93_600.0),
        ("PT0.5S", 0.5),
    ],
)
def test_durations(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    "text", ["", "5", 5, "s", "15 m", "30m1h", "P", "PT", "P1DT", "-5m", "1h30", "1w", None, True, []]
)
def test_what_is_no_duration(text: Json) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        seconds(text)
    assert caught.value.type == "FR201"


def test_no_duration_is_longer_than_ten_years() -> None:
    with pytest.raises(PydanticCustomError) as caught:
        seconds("999999999d")
    assert caught.value.type == "FR202"


def test_values_are_shown_shortly() -> None:
    assert shown({"a": "é"}) == '{"a": "é"}'
    assert len(shown("x" * 1000)) == 60
    assert shown("\x1b") == '"\\u001b"'


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        ("a", 'the text "a"'),
        (1, "the number 1"),
        ([], "a list"),
        ({}, "a map"),
    ],
)
def test_values_are_described_by_their_kind(value: Json, words: str) -> None:
    assert described(value) == words


def test_a_closed_list_of_words_is_closed() -> None:
    read = one_of("all", "any")
    assert read("all") == "all"
    with pytest.raises(PydanticCustomError):
        read("All")


def test_another_word_for_the_same_is_read_as_that_one() -> None:
    read = one_of("array", also={"list": "array"})
    assert read("list") == read("array") == "array"
    with pytest.raises(PydanticCustomError):
        read("tuple")


@pytest.mark.parametrize("text", ["0s", "90m", "1h30m", "2d", "1d1h1m1.5s", "0.25s", "59s"])
def test_a_length_of_time_is_written_as_it_is_read(text: str) -> None:
    assert seconds(lasting(seconds(text))) == seconds(text)
    assert lasting(5400.0) == "1h30m"
