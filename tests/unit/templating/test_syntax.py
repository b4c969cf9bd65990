from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.templating.syntax import (
    Foreign,
    Leaf,
    Placeholder,
    Unclosed,
    bare,
    foreign,
    is_template,
    leaves,
    plain_path,
    split,
    templates,
)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("${{ a }}", [Placeholder("a", 4)]),
        ("${{a}}", [Placeholder("a", 3)]),
        ("x ${{ a }}-${{ b }} y", ["x ", Placeholder("a", 6), "-", Placeholder("b", 15), " y"]),
        ("${{ {'a': {'b': 1}} }}", [Placeholder("{'a': {'b': 1}}", 4)]),
        ("${{ a } }}", [Placeholder("a }", 4)]),
        ("${{ '}}' }}", [Placeholder("'}}'", 4)]),
        (r"${{ 'it\'s }}' }}", [Placeholder(r"'it\'s }}'", 4)]),
        ("${{ '${{' }}", [Placeholder("'${{'", 4)]),
        ("${{\n a\n}}", [Placeholder("a", 5)]),
        ("${{ (a }} b", [Placeholder("(a", 4), " b"]),
        ("a ${{ b", ["a ", Unclosed(2, quoted=False)]),
        ("a ${{ 'b }}", ["a ", Unclosed(2, quoted=True)]),
        ("a }} b", ["a }} b"]),
        ("$ {{ a }}", ["$ {{ a }}"]),
    ],
)
def test_text_is_cut_at_its_placeholders(text, pieces):
    assert split(text) == pieces


@given(st.text(alphabet="${} '\"\\ab"))
def test_no_character_of_the_text_around_is_lost(text):
    here = 0
    for piece in split(text):
        if isinstance(piece, str):
            assert text.find(piece, here) >= 0
            here = text.index(piece, here) + len(piece)
        elif isinstance(piece, Placeholder):
            assert text.startswith(piece.expression, piece.offset)
            here = piece.offset + len(piece.expression)
        else:
            assert text.startswith("${{", piece.offset)


def test_foreign_templates_are_found_outside_of_placeholders_only():
    assert list(foreign("{{ a }} ${{ '{{' }} {% if %} {{")) == [
        Foreign(0, "{{"),
        Foreign(20, "{% if %}"),
        Foreign(29, "{{"),
    ]


@pytest.mark.parametrize(
    ("expression", "inner"),
    [
        ("a", "a"),
        (" ${{ a }} ", "a"),
        ("${{ a }} and ${{ b }}", "${{ a }} and ${{ b }}"),
        ("x ${{ a }}", "x ${{ a }}"),
    ],
)
def test_a_condition_may_stand_in_braces(expression, inner):
    assert bare(expression) == inner


def test_every_text_of_a_value_is_found_with_its_place():
    assert list(leaves({"a": ["x", 1, {"b": "y"}], "c": None})) == [
        Leaf("a", ("a",), is_key=True),
        Leaf("x", ("a", 0)),
        Leaf("b", ("a", 2, "b"), is_key=True),
        Leaf("y", ("a", 2, "b")),
        Leaf("c", ("c",), is_key=True),
    ]


@pytest.mark.parametrize(("value", "expected"), [("a ${{ b }}", True), ("a", False), (1, False), (["${{ a }}"], False)])
def test_only_a_text_with_an_expression_is_a_template(value, expected):
    assert is_template(value) is expected


def test_templates_are_found_at_any_depth_but_never_in_keys():
    value = {"a": [1, {"b": "x ${{ y }}", "${{ key }}": "{{ y }}"}], "c": "$"}
    assert list(templates(value)) == [(("a", 1, "b"), "x ${{ y }}")]
    assert list(templates("${{ z }}")) == [((), "${{ z }}")]


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ("inputs", ("inputs",)),
        ("steps.list.outputs.Total", ("steps", "list", "outputs", "Total")),
        ("steps.not.outputs._1", ("steps", "not", "outputs", "_1")),
        *((word, None) for word in ("", "1", "true", "not", "self.x", "always", "a.", ".a", "a..b", "a.1", "a b")),
        *((word, None) for word in ("a | b", "a[0]", "a()", "ä", "a.ß", "a\n", "'a'", ".".join("a" * 40), "a" * 101)),
    ],
)
def test_names_with_dots_between(expression: str, path: tuple[str, ...] | None) -> None:
    assert plain_path(expression) == path
