"""Nothing that an expression can say leads out of its data, or makes more than it may."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.core.protocol import Scope
from flowrun.errors import TemplateError
from flowrun.templating import analysis, language
from flowrun.templating.evaluator import Templates
from tests.unit.templating import payloads

DATA = {
    "inputs": {"text": "x", "word": "__class__", "filter": "attr", "items": ["a", {"b": 1}]},
    "steps": {"a": {"result": "succeeded", "outputs": {"T": "t"}}},
}
STATUS = {"success": True, "failure": False, "cancelled": False, "always": True}


def outcome(expression: str) -> Any:
    """What it comes to; the error where it is refused, before it runs or while it does."""
    try:
        return Templates().render(f"${{{{ {expression} }}}}", Scope(DATA, STATUS))
    except TemplateError as error:
        return error


@pytest.mark.parametrize("family", ["WALKS", "CALLS", "NAMES", "FILTERS", "STATEMENTS"])
def test_no_payload_leads_out_of_the_data(family: str) -> None:
    came_through = {
        payload: found
        for payload in getattr(payloads, family)
        if not isinstance(found := outcome(payload), TemplateError)
    }
    assert {payload: found for payload, found in came_through.items() if found not in ("x", ["x"])} == {}
    assert len(came_through) <= 3, "a filter over one item need not ask it for anything"


def test_what_is_called_and_what_does_not_exist_is_refused_before_anything_runs() -> None:
    silent = [payload for payload in (*payloads.CALLS, *payloads.STATEMENTS) if not analysis.faults_of(payload)]
    assert silent == []


def test_the_nodes_of_the_language_are_these_and_no_others() -> None:
    """A new one is a decision."""
    assert sorted(node.__name__ for node in language._NODES) == [
        "Add", "And", "Call", "Compare", "Concat", "CondExpr", "Const", "Dict", "Div", "Filter", "FloorDiv", "Getattr",
        "Getitem", "Keyword", "List", "Mod", "Mul", "Name", "Neg", "Not", "Operand", "Or", "Pair", "Pos", "Slice",
        "Sub", "Test", "Tuple",
    ]  # fmt: skip


CHILD = """
import json, resource
from flowrun.core.protocol import Scope
from flowrun.errors import TemplateError
from flowrun.templating import values, vocabulary, work
from flowrun.templating.evaluator import Templates
from tests.unit.templating.payloads import BOMBS
for module, name in ((values, "MOST_SIZE"), (vocabulary, "MOST_SIZE"), (work, "MOST_WORK")):
    setattr(module, name, getattr(module, name) // 32)
many = [{"a": 1}] * 30_000
names = {"large": "x" * 2**18, "many": many, "more": [dict(one) for one in many], "numbers": [10**300] * 100,
         "other": chr(0x6587) * 2**18,
         "inputs": {"text": "x", "items": [1]}, "steps": {"a": {}}, "a": [1]}
Templates().render("${{ [1] | length == 1 }}", Scope(names, {}))
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + 128 * 2**20,) * 2)
for bomb in BOMBS:
    try:
        said = len(json.dumps(Templates().render("${{ " + bomb + " }}", Scope(names, {}))))
    except TemplateError as error:
        said = error.message[-60:]
    print(json.dumps(said), flush=True)
"""


def test_no_payload_makes_more_than_it_may() -> None:
    """Limits, data and memory are a thirty-second of the real ones: each is refused, or small after all."""
    ran = subprocess.run([sys.executable, "-c", CHILD], check=False, capture_output=True, text=True, timeout=110)
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (ran.returncode, ran.stderr[-2000:]) == (0, "")
    assert len(said) == len(payloads.BOMBS)
    large = {bomb: size for bomb, size in zip(payloads.BOMBS, said, strict=True) if isinstance(size, int) and size > 9}
    assert large == {}


@given(
    st.recursive(
        st.sampled_from(
            ["inputs", "inputs.text", "many", "'a'", "1", "none", "success()", "[]", "{}", *payloads.NAMES]
        ),
        lambda inner: st.builds(
            "{0}{1}{2}{3}".format,
            st.sampled_from(["", "(", "[", "not ", "-", "{'a': "]),
            inner,
            st.sampled_from(
                [" + ", " ~ ", ".", "[", "(", " | ", " is ", " if ", " == ", ", ", " ** ", " * ", " in ", ""]
            ),
            inner
            | st.sampled_from(["__class__", "attr('x')", "map('attr')", "replace('a', 'b')", "else", "]", ")", "}"]),
        ),
        max_leaves=6,
    )
)
def test_whatever_is_put_together_is_refused_or_comes_to_plain_data(expression: str) -> None:
    found = outcome(expression)
    if not isinstance(found, TemplateError):
        assert json.loads(json.dumps(found, allow_nan=False)) == found
