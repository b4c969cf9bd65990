"""What is inferred of an expression holds of its value, whatever the values are that it reads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.core.protocol import Scope
from flowrun.errors import TemplateError
from flowrun.templating.evaluator import Templates
from flowrun.templating.inference import infer
from flowrun.templating.kinds import ANY, Type, of_items, of_kinds, of_values
from tests.examples import examples

VALUES: dict[str, list[Any]] = {
    "text": ["", "3", "EU", "a,b"],
    "number": [0, 1, -2, 2.5],
    "boolean": [True, False],
    "list": [[], [1, 2], ["a"]],
    "object": [{}, {"a": 1}, {"b": {"c": [1]}}],
    "null": [None],
}
TYPES = {
    **{f"{kind}s": of_kinds(kind) for kind in VALUES},
    "choice": of_values(["EU", "US"]),
    "maybe": of_kinds("text", "null"),
    "mixed": of_kinds("number", "text"),
    "anything": ANY,
    "texts_list": of_items([of_kinds("text")]),
}
CHOICES = {
    **{f"{kind}s": values for kind, values in VALUES.items()},
    "choice": ["EU", "US"],
    "maybe": ["", "x", None],
    "mixed": [1, "1"],
    "anything": [value for values in VALUES.values() for value in values],
    "texts_list": [[], ["a", "b"]],
}


def names(path: tuple[str, ...]) -> Type | None:
    match path:
        case ("v",):
            return of_kinds("object")
        case ("v", name):
            return TYPES[name]
    return None


def kind(value: Any) -> str:
    kinds = {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object"}
    return "null" if value is None else kinds[type(value)]


LEAVES = st.sampled_from(
    [*(f"v.{name}" for name in TYPES), "1", "'EU'", "true", "none", "[1, 'a']", "['EU', 'US']", "2"]
)
BINARY = ["+", "-", "*", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
FILTERS = ["length", "int", "float", "abs", "round", "upper", "trim", "string", "join(',')", "list", "first", "last"]
FILTERS += ["sort", "sum", "min", "max", "items", "tojson", "unique", "reverse", "default('x')", "default(1)", "int(0)"]
FILTERS += ["dictsort", "replace('a', 'b')"]
INSIDE = [".a", "[0]", "['b']", "[1:]"]
ASKED = ["defined", "none", "string", "eq(1)"]


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda a, sign, b: f"({a} {sign} {b})", inner, st.sampled_from(BINARY), inner),
        st.builds(lambda a, name: f"({a} | {name})", inner, st.sampled_from(FILTERS)),
        st.builds(lambda a, b, c: f"({a} if {b} else {c})", inner, inner, inner),
        st.builds(lambda a: f"(not {a})", inner),
        st.builds(lambda a: f"(-{a})", inner),
        st.builds(
            lambda a, name: f"{a}{name}", inner.map(lambda a: f"({a})"), st.sampled_from([".a", "[0]", "['b']", "[1:]"])
        ),
        st.builds(lambda a, test: f"({a} is {test})", inner, st.sampled_from(ASKED)),
    )


EXPRESSIONS = st.recursive(LEAVES, grown, max_leaves=6)


@examples(150)
@given(EXPRESSIONS, st.data())
def test_a_value_is_of_its_type(expression: str, data: st.DataObject) -> None:
    found, findings = infer(expression, names)
    values = {name: data.draw(st.sampled_from(choices)) for name, choices in CHOICES.items()}
    try:
        value = Templates().render(f"${{{{ {expression} }}}}", Scope({"v": values}, {}))
    except TemplateError:
        return
    assert kind(value) in found.kinds, f"{value!r} is not {found}"
    if found.values is not None:
        assert any(value == one for one in found.values), f"{value!r} is none of {found.values}"
    if found.truth is not None:
        assert bool(value) is found.truth
    lazy = any(word in expression for word in (" and ", " or ", " if ", "default", "is defined"))
    assert lazy or not any(one.impossible for one in findings), findings


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("v.numbers | length", "`length` takes text or a list or an object, and this is a number"),
        ("v.texts - 1", "`-` takes two numbers, and one is text"),
        ("v.texts.year", 'text has no "year"'),
        ("v.lists.code", 'a list has no "code"'),
        ("v.texts > 3", "`>` cannot tell which of text and a number is greater"),
        ("'x' ~ v.lists", "a list cannot stand inside text"),
        ("3 in v.texts", "`in` looks for text in text, and not for a number"),
        ("v.nulls + 1", "null and a number cannot be added"),
    ],
)
def test_what_cannot_work_is_found(expression: str, message: str) -> None:
    assert [one.message for one in infer(expression, names)[1] if one.impossible] == [message]


@pytest.mark.parametrize(
    "expression",
    [
        "v.mixed | length",
        "v.maybe.x | default(1)",
        "v.mixed > 3",
        "v.anything - 1",
        "v.maybe == none",
        "v.booleans == 1",
    ],
)
def test_what_may_work_is_left_alone(expression: str) -> None:
    assert infer(expression, names)[1] == ()


@pytest.mark.parametrize(
    ("expression", "always"),
    [
        ("v.choice == 'Asia'", False),
        ("v.choice in ['eu', 'us']", False),
        ("v.choice != 'Asia'", True),
        ("v.numbers == '3'", False),
        ("v.texts == none", False),
        ("v.choice not in ['DE']", True),
    ],
)
def test_what_is_always_so_is_found(expression: str, always: bool) -> None:  # noqa: FBT001 - the expectation
    found, findings = infer(expression, names)
    assert found.truth is always
    assert [one.impossible for one in findings] == [False]


@pytest.mark.parametrize("answer", [True, False])
def test_status_functions_are_what_they_are_said_to_be(answer: bool) -> None:  # noqa: FBT001 - the case
    status = {"success": answer, "failure": not answer, "cancelled": False, "always": True}
    assert infer("success() and not failure()", names, status)[0].truth is answer
    assert infer("success()", names)[0].truth is None
    assert infer("always()", names)[0].truth is True
