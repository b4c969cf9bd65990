from __future__ import annotations

import pytest

from flowrun.templating.sensitivity import exposed

HIDDEN = {"a": ("Token",)}


@pytest.mark.parametrize(
    ("expression", "shows"),
    [
        ("steps.a.outputs.Token", True),
        ("steps.a.outputs['Token'] | length", True),
        ("steps.a.outputs.Token.inner", True),
        ("steps.a.outputs", True),
        ("steps.a", True),
        ("steps", True),
        ("steps.a.legs | map(attribute='outputs.Token') | list", True),
        ("steps[inputs.x].outputs.Token", True),
        ("steps.a.outputs.Name", False),
        ("steps.a.result", False),
        ("steps.b.outputs.Token", False),
        ("inputs.Token", False),
        ("outputs.Token", False),
    ],
)
def test_what_reads_it(expression, shows):
    assert list(exposed({"x": [f"is ${{{{ {expression} }}}}"]}, HIDDEN)) == ([("x", 0)] if shows else [])


def test_what_undoes_a_step_reads_its_outputs():
    assert list(exposed({"x": "${{ outputs.Token }}"}, HIDDEN, own=("Token",))) == [("x",)]
    assert list(exposed({"x": "${{ outputs.Name }}"}, HIDDEN, own=("Token",))) == []


def test_where_nothing_is_hidden_nothing_shows():
    assert list(exposed({"x": "${{ steps }}"}, {})) == []
