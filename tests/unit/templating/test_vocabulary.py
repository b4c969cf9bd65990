"""The reference page names every filter and test, and what it says of each is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from flowrun.core.protocol import Scope
from flowrun.templating import language, values, work
from flowrun.templating.evaluator import Templates
from flowrun.templating.vocabulary import FILTERS_ALLOWED, HIDDEN, TESTS_ALLOWED

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "expressions.md").read_text(encoding="utf-8")
DATA = json.loads(PAGE.split("```json")[1].split("```")[0])
ROW = re.compile(r"^\|(?: `(?P<name>[a-z]+)` \|)? `(?P<expression>[^`]+)` \| `(?P<value>[^`]+)` \|$", re.MULTILINE)
EXAMPLES = [(row["expression"].replace(r"\|", "|"), row["value"]) for row in ROW.finditer(PAGE)]


@pytest.mark.parametrize(("expression", "value"), EXAMPLES)
def test_the_examples_of_the_page_come_to_what_it_says(expression, value):
    result = Templates().render(f"${{{{ {expression} }}}}", Scope(DATA))
    assert json.dumps(result) == json.dumps(json.loads(value))


def test_the_page_has_an_example_of_every_filter_and_test():
    shown = {row["name"] for row in ROW.finditer(PAGE) if row["name"]}
    assert shown == FILTERS_ALLOWED.keys() | TESTS_ALLOWED.keys()


def test_the_page_tells_the_limits():
    for limit in (language.MOST_LENGTH, language.MOST_NESTING, values.MOST_SIZE, values.MOST_DEPTH, work.MOST_WORK):
        assert f"{limit:,}" in PAGE


def test_nothing_else_is_in_the_environment():
    environment = language.environment()
    assert environment.globals == {}
    assert environment.filters.keys() == FILTERS_ALLOWED.keys() | HIDDEN.keys()
    assert [name for name in HIDDEN if name.isidentifier()] == []
    assert environment.tests.keys() == TESTS_ALLOWED.keys()
    assert not environment.is_safe_callable(len)
    assert environment.sandboxed
