from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.core.patterns import MOST_STATES, MOST_TEXT, Pattern, UnfitPattern, is_found

letters = st.sampled_from(["a", "b", "A", " ", "\n", "é", "É", "\u017f", "s", "ß", "\u212a", "k", "İ", "1", "٣", "_"])
texts = st.lists(letters, max_size=12).map("".join)
pieces = st.sampled_from(
    [
        "a",
        "b",
        "s",
        "K",
        ".",
        r"\w",
        r"\W",
        r"\d",
        r"\S",
        "[ab]",
        "[^a]",
        "[a-zé]",
        r"[\d_]",
        "^",
        "$",
        r"\b",
        r"\B",
        r"\A",
        r"\Z",
        "",
    ]
)
patterns = st.recursive(
    pieces,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds(
            "({}){}".format, inner, st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}"])
        ),
        st.builds("(?{}:{})".format, st.sampled_from(["i", "s", "m", "-i", "i-s", "a", "x"]), inner),
    ),
    max_leaves=6,
)


@given(st.sampled_from(["", "(?i)", "(?m)", "(?s)", "(?ims)"]), patterns, texts)
def test_what_is_found_is_what_python_finds(flags: str, pattern: str, text: str) -> None:
    assert is_found(flags + pattern, text) is (re.search(flags + pattern, text) is not None)


EVIL = [
    *("(a+)+$", "([a-zA-Z]+)*$", "(a|aa)+$", "(a|a?)+$", "(.*a){12}$", "(a*)*$", "(a|a)*b", "(a?){30}a{30}b"),
    *(r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(\w+\s?)*$", r"^(\w+\.?)*@", "a*a*a*a*a*a*b", "((a{0,9}){0,3}){0,6}c"),
    *("(?i)(É|é)*z", "(x+x+)+y", ".*.*.*.*=", r"<(?:[^>]*>)*y", r"((\d|\d\d)*)*!", "(a{1,9}){1,9}b", r"\s+$"),
    *(r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3}))$", "(([^x]*)*)*x"),
    *(r"(?:(?:\s|\S)*)*x", r"(.*?,){11}P", r"^(a+)+$|^(b+)+$", r"^\s+|\s+$", r"(\d+)*[^\d]z"),
    *(r"(\S+)*:\s*(\S+\s*)*;", r"^(?:.*?\|)*z$", r"(([a-z]*)+[0-9]?)*\Z\n"),
]  # fmt: skip
"""Patterns of the literature, and of reports about services that stood still because of them."""

HOSTILE = [*(one * 500 for one in "ax0 <é"), "a " * 250 + "!", "a" * 500 + "!"]


@pytest.mark.parametrize("pattern", EVIL)
def test_a_pattern_goes_through_a_text_once(pattern: str) -> None:
    """Whatever the text: each part of the pattern looks at each character once at most."""
    compiled, looks = Pattern(pattern), 0

    def counted(look: Any) -> Any:
        def one(text: str, position: int) -> Any:
            nonlocal looks
            looks += 1
            return look(text, position)

        return look and one

    for state in compiled._states:
        state.takes, state.holds = counted(state.takes), counted(state.holds)
    for text in HOSTILE:
        looks = 0
        compiled.is_found(text)
        assert looks <= len(compiled._states) * (len(text) + 1)


def test_what_is_found_ends_within_the_characters_that_are_looked_through() -> None:
    assert is_found("ab$", "a" * (MOST_TEXT - 1) + "b")
    assert not is_found("b", "a" * MOST_TEXT + "b")
    assert not is_found("a$", "a" * MOST_TEXT + "b"), "this is not the end of the text"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"(a)\1", "reference"),
        ("(?P<n>a)(?P=n)", "reference"),
        ("(a)?(?(1)b|c)", "reference"),
        ("(?=a)b", "look-ahead"),
        ("(?!)", "look-ahead"),
        ("(?<!a)b", "look-behind"),
        ("(?>a+)b", "atomic"),
        ("a++b", "possessive"),
        ("a{1000}", str(MOST_STATES)),
        ("((a{99}){99}){99}", str(MOST_STATES)),
        ("(a{0,4294967294}){0,4294967294}", str(MOST_STATES)),
        ("(a?){4294967294}", str(MOST_STATES)),
        ("(" * 400 + ")" * 400, "50 parentheses"),
    ],
)
def test_what_cannot_be_written(pattern: str, words: str) -> None:
    with pytest.raises(UnfitPattern, match=re.escape(words)):
        Pattern(pattern)


@pytest.mark.parametrize("pattern", ["^.{1,255}$", "a{590}", "(){9}", "(|b?){9}", "(" * 50 + "a" + ")" * 50])
def test_what_can(pattern: str) -> None:
    assert is_found(pattern, "a" * 600) is (re.search(pattern, "a" * 600) is not None)


def test_nothing_is_not_counted_out() -> None:
    """Python's own engine would count."""
    assert is_found("(){4294967294}", "a")


@pytest.mark.parametrize("pattern", ["(", "[", "*", "a{2,1}", r"\p"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(re.error):
        Pattern(pattern)
