"""Formatting: the same meaning, all comments, and nothing left to do a second time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrun.spec import loader
from flowrun.spec.arrangement import STEP, shape_of
from flowrun.spec.document import parse
from flowrun.spec.formatter import formatted
from flowrun.spec.layout import comments, layout
from flowrun.spec.models import STEP_KINDS
from flowrun.spec.moves import frozen
from flowrun.spec.refusals import keys_of
from tests.examples import examples

ROOT = Path(__file__).parents[3]
GOOD = sorted([*ROOT.glob("specs/**/*.yaml"), *ROOT.glob("tests/golden/**/*.yaml")])
HEAD = "flowrun: 1\nname: n\n"


def formatted_text(text: str) -> str:
    made = formatted(text)
    assert made.left == ""
    assert made.problems == ()
    return made.text


# --- each rule by itself


def test_keys_come_in_the_order_of_the_reference() -> None:
    text = (
        "name: n\nsteps:\n  b:\n"
        "    release: R\n    needs: a\n    fan_out: {key: k, matrix: {z: [1], a: [2]}}\n  a: {wait: {for: 1s}}\n"
        "flowrun: 1\n"
    )
    assert formatted_text(text) == (
        "flowrun: 1\nname: n\nsteps:\n"
        "  b:\n    needs: a\n    fan_out: {matrix: {z: [1], a: [2]}, key: k}\n    release: R\n"
        "  a: {wait: {for: 1s}}\n"
    )


def test_comments_go_with_what_they_belong_to() -> None:
    text = """# the file

# about the steps
steps:
  # about a
  a:
    timeout: 5m # how long
    # why this one
    # and no other
    release: R
      # below the release
    # at the end of a
# the name
name: n

flowrun: 1
# the end
"""
    assert (
        formatted_text(text)
        == """# the file

flowrun: 1
# the name
name: n

# about the steps
steps:
  # about a
  a:
    # why this one
    # and no other
    release: R
      # below the release
    timeout: 5m # how long
    # at the end of a
# the end
"""
    )


def test_values_are_indented_by_two_columns() -> None:
    text = (
        HEAD + "steps:\n- id: a\n  release: R\n  input_arguments:\n"
        "      in_A:\n          - 1\n      in_B: |\n            one\n              two\n"
    )
    assert formatted_text(text) == (
        HEAD + "steps:\n  - id: a\n    release: R\n    input_arguments:\n"
        "      in_A:\n        - 1\n      in_B: |\n        one\n          two\n"
    )


def test_the_first_key_of_an_item_changes_places_with_its_dash() -> None:
    text = HEAD + "steps:\n  - release: R\n    # who\n    id: a\n    needs: []\n"
    assert formatted_text(text) == HEAD + "steps:\n  # who\n  - id: a\n    needs: []\n    release: R\n"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("yes", "'yes'"),
        ("12:30", "'12:30'"),
        ("2026-10-31", "'2026-10-31'"),
        ("1_000", "'1_000'"),
        ('"plain"', "'plain'"),
        ('"it\'s"', '"it\'s"'),
        ("'it''s'", '"it\'s"'),
        ('"a\\tb"', '"a\\tb"'),
        ("'${{ inputs.a }}'", '"${{ inputs.a }}"'),
        ('"${{ inputs.a }}"', '"${{ inputs.a }}"'),
        ("&a yes", "&a yes"),
        ("true", "true"),
        ("2026-10", "2026-10"),
    ],
)
def test_quotes(written: str, wanted: str) -> None:
    text = HEAD + "inputs:\n  a:\n    default: %s\nsteps: {}\n"
    assert formatted_text(text % written) == text % wanted


def test_what_is_not_known_stays_ahead_of_what_it_stood_before() -> None:
    text = "name: n\nx-a: 1\nsteps:\n  a: {release: R, nonsense: 1, needs: []}\nflowrun: 1\nx-z: 2\n"
    assert formatted_text(text) == (
        "flowrun: 1\nname: n\nx-a: 1\nsteps:\n  a: {nonsense: 1, needs: [], release: R}\nx-z: 2\n"
    )


def test_an_alias_stays_behind_its_anchor() -> None:
    text = (
        HEAD + "steps:\n  a:\n    retry: &r\n"
        "      - {max: 2}\n    timeout: 1m\n    release: R\n    compensate: {retry: *r, release: U}\n"
    )
    made = formatted_text(text)
    assert made.index("&r") < made.index("*r")
    assert "{release: U, retry: *r}" in made
    kept = HEAD + "steps:\n  a:\n    timeout: &t 1m\n    pending_timeout: *t\n    stop_timeout: *t\n    release: R\n"
    assert formatted_text(kept).index("&t") < formatted_text(kept).index("*t")
    swapped = (
        HEAD + "steps:\n  a:\n    timeout: &t 1m\n"
        "    stop_timeout: 1s\n    pending_timeout: 1m\n    name: *t\n    release: R\n"
    )
    assert formatted_text(swapped) == swapped  # `name` goes before `timeout`, but not before the anchor


def test_merge_keys_survive() -> None:
    text = HEAD + "x-base: &base\n    timeout: 1m\nsteps:\n  a:\n    release: R\n    <<: *base\n"
    assert formatted_text(text) == HEAD + "x-base: &base\n  timeout: 1m\nsteps:\n  a:\n    <<: *base\n    release: R\n"


def test_line_ends_marks_and_the_last_line_are_kept() -> None:
    text = "\ufeff" + "name: n\r\nflowrun: 1\r\nsteps:\r\n  a:\r\n    wait:   {for: 1s}   \r\n"
    assert formatted_text(text) == "\ufeffflowrun: 1\r\nname: n\r\nsteps:\r\n  a:\r\n    wait:   {for: 1s}\r\n"
    assert formatted_text("name: n\nflowrun: 1\nsteps: {}") == "flowrun: 1\nname: n\nsteps: {}\n"
    block = HEAD + "steps:\n  a:\n    release: R\n    input_arguments:\n      in_A: |\n        text"
    assert formatted_text(block) == block
    keeps = block.replace("|", "|+") + "\n\n\n"
    assert formatted_text(keeps) == keeps


def test_a_document_may_be_marked_and_ended() -> None:
    text = "%YAML 1.2\n---\n# c\nname: n\nflowrun: 1\nsteps: {}\n...\n# after\n"
    assert formatted_text(text) == "%YAML 1.2\n---\n# c\nflowrun: 1\nname: n\nsteps: {}\n...\n# after\n"


def test_a_whole_file_in_braces_has_its_keys_in_order() -> None:
    assert (
        formatted_text('{"name": "n", "flowrun": 1,\n "steps": {}}') == "{'flowrun': 1, 'name': 'n',\n 'steps': {}}\n"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\n", "no workflow"),
        ("- 1\n", "no workflow"),
        (HEAD + "? steps\n: {}\n", "question mark"),
        (HEAD + "steps: {}\rx-a: 1\n", "line feed"),
    ],
)
def test_what_is_left_as_it_is_and_why(text: str, why: str) -> None:
    made = formatted(text)
    assert made.text == text
    assert why in made.left


def test_what_is_no_yaml_comes_back_with_its_problems() -> None:
    made = formatted("flowrun: 1\nname: [\n")
    assert (made.text, [one.code for one in made.problems]) == ("flowrun: 1\nname: [\n", ["FR004"])


def test_the_order_of_steps_names_every_key_of_a_step() -> None:
    assert {key for kind in STEP_KINDS for key in keys_of(kind)} == set(STEP) - {"id"}
    assert len(STEP) == len(set(STEP))


def test_the_reference_has_the_keys_in_this_order() -> None:
    page = (ROOT / "docs" / "reference" / "language.md").read_text()
    part = page.split("## The order of keys", 1)[1].split("\n## ", 1)[0]
    workflow = shape_of({"flowrun": 1})
    assert workflow is not None
    for keys in (tuple(workflow.order), STEP, tuple(workflow.inside["inputs"][0].order)):
        assert ", ".join(f"`{key}`" for key in keys) in part.replace("\n", " ")


# --- files


@pytest.mark.parametrize("part", range(8))
def test_files_mean_the_same_and_keep_their_comments(part: int) -> None:
    for file in GOOD[part::8]:
        text = file.read_bytes().decode("utf-8", "surrogateescape")
        environment = file.parent.name == "environments"
        made = formatted(text, environment=environment)
        try:
            if made.problems or made.left:
                assert made.text == text
            else:
                check(text, made.text, environment=environment)
        except AssertionError as error:
            error.add_note(f"in {file.relative_to(ROOT)}")
            raise


@pytest.mark.parametrize("file", sorted(ROOT.glob("specs/**/*.yaml")), ids=lambda file: str(file.relative_to(ROOT)))
def test_our_own_files_are_formatted(file: Path) -> None:
    text = file.read_text()
    made = formatted(text, environment=file.parent.name == "environments")
    assert made.text == text
    assert made.foreign == file.name.startswith("emulator")


def check(text: str, made: str, *, environment: bool = False) -> None:
    before, after = parse(text.replace("\r\n", "\n")), parse(made.replace("\r\n", "\n"))
    shape = shape_of(before.data, environment=environment)
    assert shape is not None
    assert frozen(after.data, (shape, False)) == frozen(before.data, (shape, False))
    one, other = (loader.load(each.text, "") for each in (before, after))
    assert other.workflow == one.workflow
    if one.workflow is not None and other.workflow is not None:
        assert list(other.workflow.steps) == list(one.workflow.steps)
    assert Counter((p.code, p.where, p.message) for p in other.problems) == Counter(
        (p.code, p.where, p.message) for p in one.problems
    )
    assert Counter(comments(after.text.removeprefix("\ufeff"), layout(after.text.removeprefix("\ufeff")))) == Counter(
        comments(before.text.removeprefix("\ufeff"), layout(before.text.removeprefix("\ufeff")))
    )
    assert formatted(made, environment=environment).text == made


# --- any file


class Writer:
    """Writes data as YAML in any style that `draw` comes up with, and says which comments it has put in."""

    def __init__(self, draw: Any) -> None:
        self._draw = draw
        self.comments = 0

    def whole(self, data: dict[str, Any]) -> str:
        lines = [*self.trivia(0), *self.block(data, 0), *self.trivia(0)]
        return "\n".join(lines) + "\n"

    def chance(self, of: int = 4) -> bool:
        return bool(self._draw(st.integers(0, of)) == 0)

    def comment(self) -> str:
        self.comments += 1
        return f"# c{self.comments}: 'x"

    def trivia(self, column: int) -> list[str]:
        lines = []
        while self.chance(3):
            lines.append("" if self.chance(1) else " " * column + self.comment())
        return lines

    def end(self) -> str:
        return f"  {self.comment()}" if self.chance(5) else " " * self._draw(st.integers(0, 1))

    def block(self, data: Any, column: int) -> list[str]:
        lines: list[str] = []
        if isinstance(data, dict):
            for place, key in enumerate(self._draw(st.permutations(list(data)))):
                lines += self.trivia(column) if place else []
                lines += self.entry(f"{' ' * column}{key}:", data[key], column, in_list=False)
                lines += self.trivia(column + self._draw(st.integers(1, 3))) if not isinstance(data[key], str) else []
        else:
            for item in data:
                lines += self.entry(f"{' ' * column}-", item, column, in_list=True)
                lines += self.trivia(column)
        return lines

    def entry(self, head: str, value: Any, column: int, *, in_list: bool) -> list[str]:
        if not isinstance(value, dict | list) or not value or self.chance(3):
            return self.flat(head, value, column)
        indent = self._draw(st.integers(1, 4))
        if in_list and self.chance(1):
            gap = self._draw(st.integers(1, 2))
            first, *rest = self.block(value, column + 1 + gap)
            while not first.strip() or first.strip().startswith("#"):
                first, *rest = rest
            return [f"{head}{' ' * gap}{first.strip()}", *rest]
        if isinstance(value, list) and not in_list and self.chance(2):
            indent = 0
        return [head + self.end(), *self.trivia(column + indent), *self.block(value, column + indent)]

    def flat(self, head: str, value: Any, column: int) -> list[str]:
        if isinstance(value, str) and self.chance(3):
            style = self._draw(st.sampled_from(["|", ">", "|-", "|+"]))
            if style == "|-" and not value.startswith(" "):
                return [f"{head} {style}", f"{' ' * (column + self._draw(st.integers(1, 3)))}{value}"]
        return [f"{head} {self.flow(value)}{self.end()}"]

    def flow(self, value: Any) -> str:
        if isinstance(value, dict):
            keys = self._draw(st.permutations(list(value)))
            return "{" + ", ".join(f"{key}: {self.flow(value[key])}" for key in keys) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.flow, value)) + "]"
        if isinstance(value, str):
            quote = self._draw(st.sampled_from(["'", '"']))
            return f"{quote}{value}{quote}" if quote == '"' or "'" not in value else f'"{value}"'
        return "true" if value is True else str(value)


WORDS = st.sampled_from(["a", "yes", "12:30", "R # no comment", "${{ inputs.day }}", "it's", "- x", "k: v", "#"])
VALUES = st.recursive(
    WORDS | st.integers(2, 99),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("pqrs"), inner, max_size=3),
    max_leaves=6,
)
STEPS = st.fixed_dictionaries(
    {"release": WORDS},
    optional={
        "name": WORDS,
        "needs": st.lists(
            st.fixed_dictionaries({"step": st.just("a")}, optional={"optional": st.sampled_from([True])}), max_size=2
        ),
        "input_arguments": st.dictionaries(st.sampled_from(["in_A", "in_B", "in_C"]), VALUES, max_size=3),
        "retry": st.lists(
            st.fixed_dictionaries({"max": st.integers(2, 9)}, optional={"errors": st.just(["*"])}), max_size=2
        ),
        "timeout": st.just("5m"),
        "fan_out": st.fixed_dictionaries({"matrix": st.just({"x": [2, 3]})}, optional={"max_parallel": st.just(2)}),
        "outputs": st.just({"T": {"type": "string"}}),
        "nonsense": VALUES,
    },
)
FILES = st.fixed_dictionaries(
    {
        "flowrun": st.just(1),
        "name": WORDS,
        "steps": st.dictionaries(st.sampled_from("abc"), STEPS, min_size=1)
        | st.lists(STEPS, max_size=3).map(lambda steps: [{**step, "id": f"s{at}"} for at, step in enumerate(steps)]),
    },
    optional={
        "inputs": st.just({"day": {"type": "date", "default": "2026-10-31", "description": "a"}}),
        "defaults": st.just({"timeout": "1m", "folder": "F"}),
        "x-mine": VALUES,
        "timeout": st.just("1h"),
        "outputs": st.dictionaries(st.sampled_from("xy"), WORDS, max_size=2),
    },
)


@settings(examples(12), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_file_means_the_same_has_all_its_comments_and_is_formatted_once(data: st.DataObject) -> None:
    writer = Writer(data.draw)
    text = writer.whole(data.draw(FILES))
    if parse(text).problems:
        return  # the writer is no judge of YAML; most of what it writes is
    check(text, formatted_text(text))
