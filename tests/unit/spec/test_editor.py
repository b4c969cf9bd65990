"""What an editor makes of the schema: it refuses what a schema can see, translates foreign words, offers pieces."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from flowrun.spec import editor, schema
from flowrun.spec.document import parse
from flowrun.spec.loader import load
from flowrun.spec.suggest import DIALECTS, for_key

CORPUS = Path(__file__).parents[2] / "golden" / "specs"
SPECS = sorted(CORPUS.rglob("*.yaml"))
VISIBLE = {"FR012", "FR101", "FR102", "FR103", "FR104", "FR105", "FR106", "FR107", "FR109", "FR110", "FR203"}
HIDDEN = {
    "keys/language-version-fraction": "1.0 is 1 for JSON Schema",
    "keys/max-parallel-is-a-fraction": "2.0 is a whole number for JSON Schema",
    "values/input-rules": "what a limit may be depends on the type of the input",
}
"""Cases with such a code of which a schema sees nothing, and why."""


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return dict(schema.schema())


@pytest.fixture(scope="module")
def validator(whole: dict[str, Any]) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(whole)


def name_of(spec: Path) -> str:
    return f"{spec.parent.name}/{spec.stem}"


def codes(answer: Path) -> set[str]:
    return set(re.findall(r"(?m)^\S+: (FR\d{3})", answer.read_text(encoding="utf-8")))


def test_what_a_schema_can_see_it_refuses(validator: jsonschema.Draft7Validator) -> None:
    missed = []
    for spec in SPECS:
        data = parse(spec.read_bytes().decode("utf-8", "surrogateescape")).data
        if data is not None and codes(spec.with_suffix(".txt")) & VISIBLE and validator.is_valid(data):
            missed.append(name_of(spec))
    assert sorted(missed) == sorted(HIDDEN)


def test_what_runs_fits_it(validator: jsonschema.Draft7Validator) -> None:
    """The files of which there are only warnings."""
    texts = {name_of(spec): spec.read_text(encoding="utf-8") for spec in SPECS if spec.parent.name == "advice"}
    documents = {name: load(text, name) for name, text in texts.items()}
    assert [name for name, loaded in documents.items() if not validator.is_valid(loaded.document.data)] == []


def foreign(validator: jsonschema.Draft7Validator, data: Any) -> set[str]:
    """The sentences about foreign words."""
    found = [error for top in validator.iter_errors(data) for error in _leaves(top)]
    schemas = [error.schema for error in found if isinstance(error.schema, dict)]
    return {one["errorMessage"] for one in schemas if "errorMessage" in one}


def _leaves(error: jsonschema.ValidationError) -> list[jsonschema.ValidationError]:
    return [leaf for inner in error.context for leaf in _leaves(inner)] if error.context else [error]


@pytest.mark.parametrize("word", editor.IN_A_STEP)
def test_a_foreign_word_in_a_step_is_translated(
    word: str, whole: dict[str, Any], validator: jsonschema.Draft7Validator
) -> None:
    for steps in ({"a": {"release": "A", word: 1}}, [{"id": "a", "release": "A", word: 1}], {"a": {word: 1}}):
        said = foreign(validator, {"flowrun": 1, "name": "x", "steps": steps})
        assert said == {for_key(word, whole["definitions"]["JobStep"]["properties"])}


@pytest.mark.parametrize("word", editor.AT_THE_TOP)
def test_a_foreign_word_at_the_top_is_translated(
    word: str, whole: dict[str, Any], validator: jsonschema.Draft7Validator
) -> None:
    said = foreign(validator, {"flowrun": 1, "name": "x", "steps": {"a": {"release": "A"}}, word: 1})
    assert said == {for_key(word, whole["properties"])}


def test_every_such_word_is_one_that_the_loader_knows() -> None:
    words = {word.lower().replace("-", "").replace("_", "") for word in (*editor.IN_A_STEP, *editor.AT_THE_TOP)}
    assert words <= set(DIALECTS)


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ({"wait": {"for": "10m"}, "folder": "F"}, "folder"),
        ({"approval": {"instructions": "x", "colour": 1}}, "colour"),
        ({"release": "A", "wait_for": 1}, "wait_for"),
    ],
)
def test_a_mistake_is_told_of_the_kind_that_the_step_has(
    step: dict[str, Any], kind: str, validator: jsonschema.Draft7Validator
) -> None:
    errors = list(validator.iter_errors({"flowrun": 1, "name": "x", "steps": {"a": step}}))
    leaves = [leaf for error in errors for leaf in _leaves(error) if "a" in leaf.absolute_path]
    assert [leaf.message for leaf in leaves if f"'{kind}' was unexpected" in leaf.message]
    assert len(leaves) == 1


def filled(node: Any) -> Any:
    """A snippet as somebody leaves it who accepts every suggestion: `${2:name}` is `name`, `\\$` a dollar sign."""
    text = re.sub(r"\$\{\d+:([^{}]*)\}", r"\1", json.dumps(node))
    return json.loads(text.replace("\\\\$", "$"))


def text_of(data: Any, tmp_path: Path) -> str:
    file = tmp_path / "snippet.yaml"
    YAML(typ="safe").dump(data, file)
    return file.read_text(encoding="utf-8")


def test_the_snippet_of_a_file_is_a_workflow(tmp_path: Path, validator: jsonschema.Draft7Validator) -> None:
    data = filled(editor.FILE["body"])
    assert list(validator.iter_errors(data)) == []
    assert load(text_of(data, tmp_path), "x.yaml").problems == ()


@pytest.mark.parametrize("in_list", [False, True])
@pytest.mark.parametrize("at", range(len(editor.pieces(in_list=False))))
def test_each_snippet_of_a_step_is_one(
    at: int,
    in_list: bool,  # noqa: FBT001 - the case
    tmp_path: Path,
    validator: jsonschema.Draft7Validator,
) -> None:
    piece = filled(editor.pieces(in_list=in_list)[at]["body"])
    data = {"flowrun": 1, "name": "x", "steps": [piece] if in_list else piece}
    assert list(validator.iter_errors(data)) == []
    assert load(text_of(data, tmp_path), "x.yaml").problems == ()
