from __future__ import annotations

import pytest

from flowrun.templating import analysis
from flowrun.templating.analysis import Reference


def codes(value: object) -> list[str]:
    return [fault.code for fault in analysis.faults(value)]


def test_references_say_where_they_stand_and_how_far_they_go():
    expression = "steps.list.outputs['Ledgers'][0].Code | default(inputs.code)"
    value = {"a": ["text", f"x ${{{{ {expression} }}}}"], "b": "${{ steps[matrix.id].result }}"}
    assert list(analysis.references(value)) == [
        Reference(("steps", "list", "outputs", "Ledgers"), ("a", 1), expression),
        Reference(("inputs", "code"), ("a", 1), expression),
        Reference(("steps",), ("b",), "steps[matrix.id].result"),
        Reference(("matrix", "id"), ("b",), "steps[matrix.id].result"),
    ]


def test_a_name_used_twice_is_one_reference():
    assert len(analysis.references_of("inputs.a > 1 and inputs.a < 5")) == 1


@pytest.mark.parametrize("expression", ["a.b + c and success()", "${{ a.b + c and success() }}"])
def test_status_functions_are_not_names(expression):
    assert analysis.functions(expression) == {"success"}
    assert {found.path[0] for found in analysis.references_of(expression)} == {"a", "c"}


def test_an_expression_that_cannot_be_read_has_no_references():
    assert analysis.references_of("a..b") == ()


@pytest.mark.parametrize(
    ("expression", "code", "hint"),
    [
        ("", "FR301", "Write what"),
        ("a b", "FR301", "Jinja2 expression"),
        ("a && b", "FR301", "Write `and`"),
        ("a || b", "FR301", "Write `or`"),
        ("!a", "FR301", "Write `not`"),
        ("a ? b : c", "FR301", "a if condition else b"),
        ("a, b", "FR301", ""),
        ("a }} b", "FR301", ""),
        ("'a", "FR301", ""),
        ("a | upcase", "FR302", ""),
        ("a | Lower", "FR302", '"lower"'),
        ("a | count", "FR302", "`length`"),
        ("a is nul", "FR302", ""),
        ("a | map('upcase')", "FR302", ""),
        ("a | map('lowr')", "FR302", '"lower"'),
        ("a | selectattr('b', 'equal', 1)", "FR302", ""),
        ("a.keys()", "FR302", "value | list"),
        ("a.b.get('c')", "FR302", "default"),
        ("contains(a, b)", "FR302", "item in list"),
        ("succeeded()", "FR302", "success()"),
        ("success", "FR302", "success()"),
        ("success(1)", "FR302", "success()"),
        ("a.success()", "FR302", ""),
        ("2 ** 3", "FR302", "automation"),
        ("a if b", "FR302", "else"),
        ("1e999", "FR302", ""),
        ("self", "FR302", ""),
        ("a | join(*b)", "FR302", ""),
        ("a | join(**b)", "FR302", ""),
        ("a | attr('__class__')", "FR302", ""),
        ("a | format(1)", "FR302", ""),
        ("(" * 500 + "a" + ")" * 500, "FR305", "Split"),
        ("-" * 500 + "1", "FR305", "Split"),
        (" + ".join("1" * 100), "FR305", "Split"),
        ("a" * 4_001, "FR305", "automation"),
    ],
)
def test_faults_have_a_code_and_a_hint(expression, code, hint):
    fault, *_ = analysis.faults_of(expression)
    assert fault.code == code
    assert hint in fault.hint


@pytest.mark.parametrize(
    "expression",
    [
        "a", "a.items | map(attribute='x') | list", "success() and not cancelled()", "a[1:2]", "[a, {'b': (c,)}]",
        "a.b is defined", "a ~ b", "-a + 1 if b else none", "a != b", "a | selectattr('x') | list", "${{ a }}",
    ],
)  # fmt: skip
def test_what_is_allowed_has_no_faults(expression):
    assert analysis.faults_of(expression) == ()


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("{{ a }}", "FR303"),
        ("${{ a }} and ${{ b }}", "FR301"),
        ("x ${{ a }}", "FR301"),
        ("${{ a", "FR304"),
        ("${{ 'a }}", "FR304"),
    ],
)
def test_a_condition_is_one_expression(expression, code):
    assert [fault.code for fault in analysis.faults_of(expression)] == [code]


def test_status_functions_belong_to_conditions():
    assert codes({"a": "${{ success() }}"}) == ["FR306"]
    assert [fault.code for fault in analysis.faults_of("failure()", status=False)] == ["FR306"]


def test_faults_say_where_in_the_text_they_are():
    (fault,) = analysis.faults(["ok ${{ a }}, not ${{ a.b | upcase }}"])
    assert (fault.in_path, fault.offset, fault.expression) == ((0,), 27, "a.b | upcase")


def test_all_faults_of_a_value_come_at_once():
    value = {"a": ["x {{ y }} ${{ z"], "b": "{% if x %}", "${{ k }}": "${{ 'open }}", "c": "${{ a | foo | bar }}"}
    assert codes(value) == ["FR303", "FR304", "FR303", "FR302", "FR304", "FR302", "FR302"]
    quoted = [fault.hint for fault in analysis.faults("${{ 'open }}")]
    assert quoted == ["A quotation mark inside it is still open."]


def test_a_value_without_braces_has_no_faults():
    assert codes({"a": ["success(", "}} {", "a ${b} %}", 1, None], "$": "$"}) == []
