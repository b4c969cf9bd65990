"""The schema in the repository is the one that the code makes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from flowrun.report.document import SCHEMA, document
from flowrun.report.fold import fold
from flowrun.report.schema import schema
from tests.golden.reports.examples import FAILED

FILE = Path(__file__).parents[3] / "schemas" / "report.schema.json"


def test_the_file_is_current() -> None:
    """`flowrun schema report > schemas/report.schema.json` makes it so."""
    assert json.loads(FILE.read_text()) == schema()


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize(
    ("name", "value"), [("status", 3), ("steps", {}), ("schema", "flowrun.report/v2"), ("abort", 1)]
)
def test_it_refuses_what_is_no_report(name: str, value: object) -> None:
    wrong = {**document(fold(FAILED)), name: value}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(wrong)


def test_it_has_the_version_in_its_name() -> None:
    assert schema()["properties"]["schema"] == {"const": SCHEMA}
