"""What is to be seen of a saved plan, from its document alone."""

from __future__ import annotations

from flowrun.pictures.state import State
from flowrun.review.picture import chart, drawing
from tests.golden.pictures.drawings import SAVED
from tests.unit.review.document import document, row


def test_what_is_new_and_what_has_changed_is_said_in_a_word_with_its_mark() -> None:
    nodes = {node.id: node for node in drawing(SAVED).parts[0].nodes}
    assert (nodes["post"].stand, nodes["post"].what) == ("~ changed, usually 4m00s", "Post 1.1.0")
    assert nodes["post"].notes[-1] == "and 1 more"
    assert nodes["post"].told.endswith("timeout 60.0 → 120.0")
    assert (nodes["sign"].stand, nodes["sign"].what) == ("+ new", "approval")
    assert (nodes["load"].state, nodes["load"].stand) == (State.FORESEEN, "usually 1m04s")


def test_files_that_are_steps_are_drawn_once_and_by_their_step() -> None:
    made = drawing(SAVED)
    (fx,) = (node for node in made.parts[0].nodes if node.id == "fx")
    assert (made.files, fx.runs, fx.what) == (("fx.yaml",), "fx.yaml", "fx.yaml")
    assert [part.title for part in made.parts if part.file] == ["fx.yaml"]


def test_optional_needs_and_what_undoes_are_as_in_the_workflow() -> None:
    steps, compensate, _ = (part for part in drawing(SAVED).parts if not part.file)
    assert {(edge.before, edge.optional) for edge in steps.edges if edge.after == "post"} == {
        ("load", False),
        ("fx", True),
    }
    assert [node.undoes for node in compensate.nodes] == ["post"]


def test_each_step_begins_where_its_needs_end_and_finally_after_all() -> None:
    rows = {row.id: row for row in chart(SAVED).rows}
    assert set(rows) == {"load", "fx", "post", "sign", "tidy"}
    assert [rows[name].begin for name in ("load", "fx", "post", "sign")] == [0.0, 0.0, 64.0, 304.0]
    guess = (20.0 + 64.0) / 2
    assert (rows["sign"].end, rows["tidy"].begin) == (304.0 + guess, 304.0 + guess)
    assert (rows["sign"].stand, rows["post"].stand) == ("+ new", "~ changed, about 4m00s, for each region")
    assert chart(SAVED).words.endswith("never seen to succeed, and guessed: sign")


def test_where_nothing_is_known_each_step_counts_the_same() -> None:
    made = chart(document(row("a"), row("b", needs=["a"])))
    assert (made.length, made.counted, [row.took for row in made.rows]) == (2.0, True, [None, None])


def test_a_plan_without_steps_is_a_picture_too() -> None:
    empty = document(longest_path={"steps": [], "seconds": 0.0, "runs": 0}) | {"steps": []}
    assert (drawing(empty).parts, chart(empty).rows, chart(empty).length) == ((), (), 0.0)
