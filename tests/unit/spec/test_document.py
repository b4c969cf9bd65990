from __future__ import annotations

import sys
import time

import pytest

from flowrun.errors import Position
from flowrun.spec import document
from flowrun.spec.document import MOST_BYTES, Document, parse


@pytest.fixture(params=["c", "pure"])
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure":
        monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)


def codes(read: Document) -> list[str]:
    return [problem.code for problem in read.problems]


TEXT = """\
# a comment
name: close
steps:
  list:
    needs: [a, {step: b}]
    text: |
      first
      second
  "quoted key": 'it''s'
"""


@pytest.mark.usefixtures("either_parser")
def test_every_key_and_value_has_its_place() -> None:
    read = parse(TEXT)
    assert read.data["steps"]["list"]["needs"] == ["a", {"step": "b"}]
    assert read.data["steps"]["quoted key"] == "it's"
    places = {
        ((), False): (2, 1),
        (("name",), True): (2, 1),
        (("name",), False): (2, 7),
        (("steps", "list"), True): (4, 3),
        (("steps", "list", "needs", 1, "step"), False): (5, 23),
        (("steps", "list", "needs", 1, "step"), True): (5, 17),
        (("steps", "quoted key"), False): (9, 17),
    }
    assert {ask: read.position(ask[0], key=ask[1]) for ask in places} == {
        ask: Position(*place) for ask, place in places.items()
    }


def test_a_path_that_does_not_exist_is_its_nearest_parent() -> None:
    read = parse(TEXT)
    assert read.position(("steps", "list", "release")) == read.position(("steps", "list"))
    assert read.position(("steps", "list", "needs", 7)) == read.position(("steps", "list", "needs"))
    assert read.position(("name", "x", 3)) == read.position(("name",))


def test_a_character_of_a_text_is_found_on_its_line() -> None:
    read = parse(TEXT)
    path = ("steps", "list", "text")
    assert read.offset(path, len("first\n")) == Position(8, 7)
    assert read.inside(path, "nowhere", "second") == Position(8, 7)
    assert read.inside(path, "nowhere") == read.position(path)


def test_the_second_of_two_equal_parts_is_not_the_first() -> None:
    read = parse("a: ab ab\n")
    assert read.offset(("a",), 3) == Position(1, 7)


@pytest.mark.usefixtures("either_parser")
def test_values_are_those_of_yaml_1_2() -> None:
    read = parse('a: [yes, on, ~, 012, 1.5, "1", !!str 2]\n1: one\ntrue: x\n')
    assert read.data == {"a": ["yes", "on", None, 12, 1.5, "1", "2"], "1": "one", "true": "x"}
    assert read.leading_zeros == {Position(1, 17): "012"}
    assert read.paths_of([Position(1, 17), Position(9, 9)]) == {Position(1, 17): ("a", 3)}


def test_anchors_aliases_and_merges() -> None:
    read = parse("x-a: &a {p: 1, q: 2}\nb: {<<: *a, q: 3, r: *a}\nc: {<<: [*a, {s: 4}]}\n")
    assert read.problems == ()
    assert read.data["b"] == {"q": 3, "r": {"p": 1, "q": 2}, "p": 1}
    assert read.data["c"] == {"p": 1, "q": 2, "s": 4}
    assert read.position(("b", "p")) == Position(1, 13)
    assert read.position(("b", "r", "q"), key=True) == Position(1, 16)


@pytest.mark.usefixtures("either_parser")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["FR003"]),
        ("# nothing\n", ["FR003"]),
        ("a: 1\n--- \nb: 2\n", ["FR011"]),
        ("a: 1\na: 2\na: 3\n", ["FR006", "FR006"]),
        ("a: !x 1\n", ["FR007"]),
        ("a: *b\n", ["FR008"]),
        ("a: &a [*a]\n", ["FR008"]),
        ("[a]: 1\n", ["FR013"]),
        ("<<: 1\n", ["FR014"]),
        ("a: .nan\n", ["FR015"]),
        ("a: [1\n", ["FR004"]),
        ("a:\n\t- 1\n", ["FR005"]),
        ("a: \x00\n", ["FR017"]),
        ("a: b\ufeff\n", ["FR017"]),
        ("a: \udcff\n", ["FR001"]),
        ("\ufeffa: 1\n", []),
        ("a: 1\r\nb: 2\r\n", []),
        ("%YAML 1.2\n---\na: 1\n...\n", []),
    ],
)
def test_what_is_wrong_with_it_as_yaml(text: str, found: list[str]) -> None:
    assert codes(parse(text)) == found


def test_everything_after_a_duplicate_is_still_read() -> None:
    read = parse("a: 1\na: {b: 1, b: 2}\nc: 3\n")
    assert read.data == {"a": 1, "c": 3}
    assert codes(read) == ["FR006", "FR006"]


def test_a_text_that_is_too_large_is_not_read() -> None:
    assert codes(parse("a: " + "x" * MOST_BYTES)) == ["FR002"]


def test_aliases_are_counted_as_if_they_were_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MOST_NODES", 40)
    assert codes(parse("a: &a [1, 2, 3, 4, 5, 6, 7, 8]\nb: [*a, *a]\n")) == []
    assert codes(parse("a: &a [1, 2, 3, 4, 5, 6, 7, 8]\nb: [*a, *a, *a, *a]\n")) == ["FR009"]
    assert codes(parse("a: &a {b: 1, c: 2, d: 3, e: 4, f: 5}\nb: {<<: [*a, *a, *a, *a]}\n")) == ["FR009"]


def test_depth_is_limited_on_the_way_down() -> None:
    assert codes(parse("[" * 64 + "]" * 64)) == []
    assert codes(parse("[" * 65 + "]" * 65)) == ["FR010"]
    assert codes(parse("[" * 100_000)) == ["FR010"]


def test_many_duplicates_cost_no_more_than_a_glance() -> None:
    start = time.process_time()
    read = parse("a: 1\n" * 50_000)
    assert len(read.problems) == 1000
    assert time.process_time() - start < 10
