from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.core.protocol import Evaluator, Scope
from flowrun.errors import TemplateError
from flowrun.templating import analysis, syntax
from flowrun.templating.evaluator import Templates

TEMPLATES: Evaluator = Templates()

NAMES: dict[str, Any] = {
    "inputs": {"n": 3, "text": "x", "items": [1, 2], "none": None, "digits": "0123"},
    "steps": {
        "items": {"result": "succeeded", "outputs": {"get": 1, "keys": "k", "Ledgers": [{"Code": "A"}, {"Code": "B"}]}},
        "fx": {"result": "skipped", "cause": "condition", "outputs": {}},
        "post": {"result": "failed", "outputs": {}},
    },
}
SCOPE = Scope(NAMES, {"success": True, "failure": False, "cancelled": False, "always": True})

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def render(template: Any, names: Any = None) -> Any:
    return TEMPLATES.render(template, SCOPE if names is None else Scope(names, SCOPE.status))


def failure(template: Any, names: Any = None) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        render(template, names)
    return caught.value


words = st.sampled_from(
    [
        "inputs",
        "steps",
        "n",
        "items",
        "keys",
        "outputs",
        "get",
        "if",
        "true",
        "none",
        "loop",
        "super",
        "caller",
        "context",
    ]
) | st.from_regex(r"[A-Za-z_]\w{0,5}", fullmatch=True)


@given(st.lists(words, min_size=1, max_size=5), st.dictionaries(words, json_values, max_size=4))
def test_names_with_dots_come_to_what_jinja2_makes_of_them(path: list[str], more: dict[str, Any]) -> None:
    names = {**NAMES, **more}
    plain = ".".join(path)
    if syntax.plain_path(plain) is None:
        return
    found, expected = (_outcome(f"${{{{ {text} }}}}", names) for text in (plain, f"({plain})"))
    assert repr(found) == repr(expected).replace(f"({plain})", plain)
    assert [one.path for one in analysis.references_of(plain)] == [
        one.path for one in analysis.references_of(f"({plain})")
    ]


def _outcome(template: str, names: Mapping[str, Any]) -> Any:
    try:
        return render(template, names)
    except TemplateError as error:
        return error.message, error.hint


@given(json_values)
def test_one_expression_alone_keeps_the_value_and_its_type(value):
    assert repr(render("${{ a.b }}", {"a": {"b": value}})) == repr(value)


@given(json_values)
def test_what_a_robot_returned_is_never_rendered_again(value):
    returned = {"evil": "${{ inputs.n }} {{ 7 * 7 }}", "value": value}
    assert render({"x": ["${{ out }}"]}, {"out": returned}) == {"x": [returned]}


def test_a_text_of_digits_stays_text():
    assert render("${{ inputs.digits }}") == "0123"


def test_several_expressions_make_text():
    assert render("a ${{ inputs.n }}-${{ inputs.text }}${{ true }} }}") == "a 3-xtrue }}"
    assert render(" ${{ inputs.n }}") == " 3"


def test_nested_templates_are_rendered_and_the_rest_is_left():
    template = {"a": ("${{ inputs.n }}", 1, None), "${{ b }}": {"c": [True, "t"]}}
    assert render(template) == {"a": [3, 1, None], "${{ b }}": {"c": [True, "t"]}}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("steps.items.outputs.get", 1),
        ("steps.items.outputs.keys", "k"),
        ("steps['items']['outputs']['get']", 1),
        ("inputs.items[1]", 2),
        ("inputs.items[-1]", 2),
        ("inputs.items[0:1]", [1]),
        ("inputs.text[0]", "x"),
        ("steps.items.outputs.Ledgers | map(attribute='Code') | list", ["A", "B"]),
        ("steps.fx.outputs.Rate.Of.Day | default(1)", 1),
        ("steps.fx.outputs.Rate is defined", False),
        ("inputs.none | default(2)", None),
        ("inputs.none | default(2, true)", 2),
        ("inputs.none.deep | default(2)", 2),
        ("{'a': {'b': 1}}", {"a": {"b": 1}}),
        ("inputs.n > 2 and steps.fx.result == 'skipped'", True),
        ("'a' ~ 1 ~ true ~ 'b'", "a1trueb"),
        ("[true, 1, 1.0, '1'] | unique", [True, 1, 1.0, "1"]),
        ("['a', 'A'] | unique(case_sensitive=false)", ["a"]),
        ("[{'k': 1, 'v': 1}, {'k': 1, 'v': 2}] | unique(attribute='k') | map(attribute='v')", [1]),
        ("'x' | int(7)", 7),
        ("'2.9' | int", 2),
        ("inputs | items | length", 5),
    ],
)
def test_values(expression, value):
    assert repr(render(f"${{{{ {expression} }}}}")) == repr(value)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("steps.items.outputs.Ledger", ('no "Ledger" in steps.items.outputs', 'mean "Ledgers"')),
        ("steps.items.outputs.ledgers", ('"ledgers"', 'mean "Ledgers"')),
        ("steps.itms.result", ('"itms" in steps', 'mean "items"')),
        ("inptus.n", ('"inptus"', 'mean "inputs"')),
        ("inptus.n | default(1)", ('"inptus"',)),
        ("inptus is defined and inptus.n is defined", ('"inptus"',)),
        ("steps.fx.outputs.Rate", ("fx is skipped (condition)", "default(…)")),
        ("steps.fx.outputs.Rate.Of", ("fx is skipped (condition)",)),
        ("steps.post.outputs.Doc", ("post is failed", "Doc")),
        ("steps.fx.outputs['Rate'] + 1", ("fx is skipped",)),
        ("[1, steps.fx.outputs.Rate]", ("fx is skipped",)),
        ("{'a': steps.fx.outputs.Rate}", ("fx is skipped",)),
        ("[steps.fx.outputs.Rate] | join", ("fx is skipped",)),
        ("steps.fx.outputs.Rate or 1", ("fx is skipped",)),
        ("steps.fx.outputs.Rate is none", ("fx is skipped",)),
        ("steps.fx.outputs.Rate == 1", ("fx is skipped",)),
        ("inputs.items[5]", ("no item 5 in a list of 2 items",)),
        ("inputs.items.Code", ("map(attribute",)),
        ("inputs.items['x']", ("map(attribute",)),
        ("inputs.none.x", ("null has no",)),
        ("inputs.n.x", ("a number has no",)),
        ("inputs[1]", ("1",)),
        ("steps.items.outputs.Ledgers | map(attribute='Cod')", ('no "Cod"', 'mean "Code"')),
        ("[] | first", ("first item",)),
        ("[] | max", ("empty",)),
        ("1 / 0", ("division by zero",)),
        ("'a' < 1", ("text and a number",)),
        ("'a' + 1", ("~ joins",)),
        ("'a' * 3", ("two numbers, not text",)),
        ("[0] * 1000000000", ("two numbers, not a list",)),
        ("'%999999999d' % 1", ("two numbers, not text",)),
        ("'x' | int", ("not a number",)),
        ("none | float", ("not a number",)),
        ("1 | round(400)", ("digits",)),
        ("inputs.n | length", ("a number",)),
        ("none | upper", ("null cannot",)),
        ("[none] | join", ("null cannot",)),
        ("1 | items", ("a number",)),
        ("(inputs.text | replace('', 'y' * 2))", ("two numbers",)),
        ("a && b", ("cannot be read", "`and`")),
        ("''.__class__.__mro__", ("text has no",)),
        ("inputs['__class__']", ('"__class__"',)),
        ("inputs | map(attribute='__class__')", ("__class__",)),
        ("inputs.items | map(inputs.text)", ("x",)),
        ("'no' | map('upper') | sum", ("text",)),
    ],
)
def test_errors_name_the_expression_and_what_is_missing(expression, words):
    error = failure(f"${{{{ {expression} }}}}")
    assert error.message.startswith(f"`{expression}")
    for word in words:
        assert word in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    ("expression", "what"), [("inputs.items", "a list"), ("inputs", "an object"), ("none", "null")]
)
def test_inside_text_only_scalars_stand(expression, what):
    error = failure(f"x ${{{{ {expression} }}}}")
    assert f"{what} cannot stand inside text" in error.message
    assert "tojson" in (error.hint or "")


def test_an_unclosed_expression_is_an_error():
    assert "never closed" in failure("a ${{ inputs.n").message


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("success()", True),
        ("${{ failure() }}", False),
        ("not cancelled() and inputs.n == 3", True),
        (" always() ", True),
    ],
)
def test_conditions(expression, value):
    assert TEMPLATES.condition(expression, SCOPE) is value


@pytest.mark.parametrize(
    ("expression", "shown"),
    [("inputs.n", "3"), ("inputs.text", '"x"'), ("inputs.items", "[1, 2]"), ("inputs.none", "null")],
)
def test_a_condition_that_is_no_boolean_is_shown(expression, shown):
    with pytest.raises(TemplateError, match="true or false") as caught:
        TEMPLATES.condition(expression, SCOPE)
    assert f"is {shown}," in caught.value.message


def test_a_large_result_is_refused():
    names = {"t": "x" * 9_000_000, "l": [""] * 1_000_000}
    for expression in ("t ~ t", "t + t", "[t, t]", "t | replace('x', 'yy')", "l | join('twenty characters ...')"):
        assert "larger" in failure(f"${{{{ {expression} }}}}", names).message


class Lazy(Mapping[str, Any]):
    """Makes a value only when it is asked for it, and remembers that."""

    def __init__(self, **makers: Any) -> None:
        self.makers = makers
        self.asked: list[str] = []

    def __getitem__(self, key: str) -> Any:
        self.asked.append(key)
        return self.makers[key]()

    def __iter__(self) -> Iterator[str]:
        return iter(self.makers)

    def __len__(self) -> int:
        return len(self.makers)


def test_lazy_mappings_are_asked_for_no_more_than_is_used():
    steps = Lazy(a=lambda: {"result": "succeeded"}, b=lambda: {"result": "failed"})
    assert render("${{ steps.a.result }}", {"steps": steps}) == "succeeded"
    assert steps.asked == ["a"]
    assert render("${{ steps }}", {"steps": steps}) == {"a": {"result": "succeeded"}, "b": {"result": "failed"}}


def test_nothing_in_the_scope_is_changed():
    names = {"a": {"l": [3, 1, 2]}}
    render("${{ a.l | sort | reverse + [1] }}", names)
    assert names == {"a": {"l": [3, 1, 2]}}


def test_a_file_without_expressions_costs_no_jinja():
    code = (
        "import sys\n"
        "from flowrun.templating import analysis, evaluator\n"
        "assert not list(analysis.faults({'a': ['text']}))\n"
        "assert evaluator.Templates().render({'a': ['text']}, None) == {'a': ['text']}\n"
        "sys.exit('jinja2' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
