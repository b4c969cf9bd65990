from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

from flowrun.spec.document import parse
from flowrun.spec.trials import schema
from flowrun.spec.trials.loader import load

ROOT = Path(__file__).parents[4]
FILE = ROOT / "schemas" / "test.schema.json"
GOLDEN = ROOT / "tests" / "golden" / "trials"
EVERYTHING = """
flowrun_test: 1
x-mine: 1
workflow: x.yaml
inputs: {period: 2026-10}
env: prod
jobs:
  a: {outputs: {X: 1}, pending: 10s, duration: 1h, suspended: 5m, start: 1s, stops: never, killed: 2s}
  b:
    - {leg: EU, attempt: 2, state: Faulted, info: busy, duration: forever}
    - {leg: 7, error: unknown}
    - {jobs: [{state: Stopped}, {info: x, outputs: {}}]}
answers: {c: {decision: approve, by: anna, comment: fine, after: 2h, inputs: {n: 1}}}
tests:
  - name: everything
    inputs: {}
    env: dev
    run_id: r
    started_at: 2026-10-31T18:00:00Z
    jobs: {a: {}}
    answers: {c: [{attempt: 1, decision: reject}]}
    abort: [{after: 1m}, {after: 2m, level: kill, by: SIGINT}]
    admitted: never
    chance: 0.5
    expect:
      result: cancelled
      cause: abort
      message: x
      steps:
        a: succeeded
        b:
          result: failed
          outcome: failed
          cause: faulted
          message: busy
          attempts: 3
          arguments: {x: 1}
          outputs: {y: 2}
          duration: {at_least: 1s, at_most: 1h}
          legs: {EU: failed, US: {result: cancelled, attempts: 0, duration: 1s}}
        c: {legs: 3}
      order: [a, 'b[EU]']
      never_started: [c]
      outputs: {o: null}
      warnings: []
      doubts: [b]
      duration: PT1H
  - {name: other, abort: {level: drain}, expect: {result: failed}}
"""


def test_the_file_is_current() -> None:
    """Write it anew with `flowrun schema test > schemas/test.schema.json`."""
    assert FILE.read_text(encoding="utf-8") == schema.text()


def test_every_form_of_every_key_fits_it() -> None:
    suite = load(EVERYTHING, "x.test.yaml")
    assert suite.problems == ()
    jsonschema.Draft7Validator.check_schema(schema.schema())
    jsonschema.Draft7Validator(schema.schema()).validate(suite.document.data)


def test_what_is_wrong_in_shape_does_not_fit_it() -> None:
    validator = jsonschema.Draft7Validator(schema.schema())
    for name in ("shapes", "empty"):
        assert list(validator.iter_errors(parse((GOLDEN / f"{name}.test.yaml").read_text()).data))


def properties(node: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "properties":
                yield from ((f"{where}.{key}", one) for key, one in value.items())
            yield from properties(value, f"{where}.{name}")
    elif isinstance(node, list):
        for value in node:
            yield from properties(value, where)


def test_every_key_is_described() -> None:
    text = json.loads(FILE.read_text(encoding="utf-8"))
    assert [where for where, one in properties(text) if "description" not in one] == []
