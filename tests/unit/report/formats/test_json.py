"""JSON, against its golden files and its schema."""

from __future__ import annotations

import json

import jsonschema
import pytest

from flowrun.report.fold import fold
from flowrun.report.formats.json import render
from flowrun.report.schema import schema
from tests.golden.reports.examples import EXAMPLES, golden


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_as_the_golden_file_has_it(name: str) -> None:
    assert render(fold(EXAMPLES[name])) == golden(name, "json").read_text()


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_valid_by_the_schema(name: str) -> None:
    jsonschema.Draft202012Validator(schema()).validate(json.loads(render(fold(EXAMPLES[name]))))
