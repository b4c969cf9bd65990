"""The schema in the repository is the one that the code makes, and takes what a plan file holds and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from flowrun.review.plan_file import KEYS, sealed
from flowrun.review.schema import schema
from tests.golden.pictures.drawings import SAVED
from tests.unit.review.document import row

FILE = Path(__file__).parents[3] / "schemas" / "plan.schema.json"


def test_the_file_is_current() -> None:
    """`flowrun schema plan > schemas/plan.schema.json` makes it so."""
    assert json.loads(FILE.read_text(encoding="utf-8")) == schema()


def test_it_is_a_schema_and_takes_a_plan_file() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(json.loads(sealed(SAVED)))


def test_it_names_each_key_and_each_field_of_a_row() -> None:
    assert set(schema()["required"]) == {"format", "digest", *KEYS}
    assert set(schema()["$defs"]["Step"]["required"]) == set(row("post"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "flowrun.plan/2"),
        ("steps", [row("post", mark="?")]),
        ("steps", [row("post", stage="later")]),
        ("quiescence", "90s"),
        ("context", {"name": "prod"}),
        ("max_parallel", 0),
    ],
)
def test_it_refuses_what_is_no_plan_file(name: str, value: object) -> None:
    wrong = {**json.loads(sealed(SAVED)), name: value}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(wrong)
