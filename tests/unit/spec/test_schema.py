from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from flowrun.spec import schema
from flowrun.spec.document import parse
from flowrun.spec.loader import load

ROOT = Path(__file__).parents[3]
FILE = ROOT / "schemas" / "workflow.schema.json"
EXAMPLES = sorted(
    path for path in (ROOT / "specs").glob("*.yaml") if path.name != "emulator.yaml" and ".test." not in path.name
)
CORPUS = ROOT / "tests" / "golden" / "specs"
SHAPES = ["wrong-types", "missing-keys", "unknown-keys", "unknown-words", "step-without-kind", "language-version-2"]


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(FILE.read_text(encoding="utf-8")))


def test_the_file_is_current() -> None:
    """Write it anew with `flowrun schema > schemas/workflow.schema.json`."""
    assert FILE.read_text(encoding="utf-8") == schema.text()


def test_it_is_a_schema_of_draft_7(validator: jsonschema.Draft7Validator) -> None:
    jsonschema.Draft7Validator.check_schema(validator.schema)
    assert "$defs" not in json.dumps(validator.schema)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_fit_it(path: Path, validator: jsonschema.Draft7Validator) -> None:
    assert list(validator.iter_errors(parse(path.read_text(encoding="utf-8")).data)) == []


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_wrong_in_shape_does_not_fit_it(name: str, validator: jsonschema.Draft7Validator) -> None:
    assert list(validator.iter_errors(parse((CORPUS / "keys" / f"{name}.yaml").read_text(encoding="utf-8")).data))


def test_every_form_of_every_key_fits_it(validator: jsonschema.Draft7Validator) -> None:
    text = """
flowrun: 1
name: all
description: Everything.
x-mine: 1
inputs:
  a: {type: choice, options: [x], default: x, description: d}
  b: {type: integer, min: 1, max: 2, required: false}
  c: {type: list}
timeout: PT6H
finally_timeout: 10m
max_parallel: 3
defaults: {folder: 12, retry: 1, timeout: 1h30m, pending_timeout: 90s, stop_timeout: 0s, runtime_type: Unattended}
steps:
  a: {release: A, needs: [], if: true, retry: [{errors: ["*"], match: x, max: 1, backoff: {initial: 1s, jitter: full}}]}
  b:
    release_key: 795cbab2-8008-4a54-b1cb-f9ff1ece139e
    needs: [a, {step: a2, optional: true}]
    fan_out:
      matrix: {m: "${{ inputs.c }}", n: ["${{ inputs.a }}"]}
      include: [{m: 1}]
      key: "${{ matrix.m }}"
      tolerate: 5%
      on_empty: skip
    strategy: Specific
    robot_ids: [1, "${{ inputs.b }}"]
    input_arguments: "${{ steps.a.outputs }}"
    start: {RunAsMe: true}
    jobs_succeed: any
    job_priority: High
    repeat: {until: outputs.X > 3, every: 5m, max: 12}
    compensate: {release: U, retry: 1, timeout: 5m, input_arguments: {x: "${{ outputs.X }}", m: "${{ matrix.m }}"}}
    continue_on_error: [faulted]
    outputs: {X: {type: integer, default: 1, required: false, sensitive: true}}
  a2: {wait: {for: 10m}}
  c: {wait: {until: run.started_at}, needs: {step: a}, continue_on_error: true}
finally:
  - {id: z, release: Z, jobs_count: "${{ inputs.b }}"}
outputs: {o: "${{ steps.b.outputs.X }}"}
"""
    loaded = load(text, "x.yaml")
    assert loaded.problems == ()
    assert list(validator.iter_errors(loaded.document.data)) == []


def properties(node: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "properties":
                yield from ((f"{where}.{key}", one) for key, one in value.items())
            yield from properties(value, f"{where}.{name}")
    elif isinstance(node, list):
        for value in node:
            yield from properties(value, where)


def test_every_key_is_described(validator: jsonschema.Draft7Validator) -> None:
    assert [where for where, one in properties(validator.schema) if "description" not in one] == []
