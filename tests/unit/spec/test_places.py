from __future__ import annotations

import pytest

from flowrun.errors import Position
from flowrun.spec.document import parse
from flowrun.spec.places import Path, dotted, pack, unpack


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("steps", "post", "needs", 1), "steps.post.needs[1]"),
        (("steps", 0, "if"), "steps[0].if"),
        (("steps", "a b", "x"), 'steps["a b"].x'),
    ],
)
def test_a_path_is_written_as_people_write_it(path: Path, text: str) -> None:
    assert dotted(path) == text


def test_a_place_fits_into_a_number() -> None:
    assert unpack(pack(159_999, 8_000_000)) == Position(160_000, 8_000_001)


def test_only_as_much_of_a_path_as_exists() -> None:
    read = parse("steps: {a: {needs: b}}")
    assert read.nearest(("steps", "a", "needs", 0, "step")) == ("steps", "a", "needs")
    assert read.at(("steps", "a", "needs", 0)) is None
    assert read.at(("steps", "a", "needs")) == "b"


def test_a_problem_is_placed_by_its_path() -> None:
    found = parse("steps: {a: {needs: b}}").problem("FR401", ("steps", "a", "needs", 0), name="b")
    assert (found.position, found.where, found.message) == (
        Position(1, 20),
        "steps.a.needs",
        "no step `b` in this file",
    )
