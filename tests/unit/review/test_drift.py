from __future__ import annotations

from dataclasses import replace

from flowrun.review.drift import markdown, summary, text
from flowrun.review.lock import Entry, Lock
from flowrun.review.moved import moves

POST = Entry("prod", "Finance|Close", "Post", "k1", "Post", "2.0.1", "Main.xaml", "sha256:a", ("a.yaml",))
MOVES = moves(Lock((POST,)), "prod", "a.yaml", [replace(POST, version="2.1.0")])


def test_a_line_says_what_where_and_of_which_workflow() -> None:
    assert text(MOVES) == "Post in Finance|Close: version 2.0.1 → 2.1.0  (a.yaml, context prod)"


def test_a_comment_can_be_found_again_and_holds_no_markup_of_others() -> None:
    shown = markdown(MOVES, 3, ["prod"])
    assert shown.startswith("<!-- flowrun drift -->\n### flowrun drift: 1\n")
    assert "| Post | Finance&#124;Close | prod | version 2.0.1 → 2.1.0 | a.yaml |" in shown


def test_no_difference_is_said_too() -> None:
    assert summary((), 1, ["prod"]) == "1 Release of flowrun.lock, and no difference (context prod)"
    assert "|" not in markdown((), 2, ["prod"])


def test_a_comment_stays_within_the_limit_of_a_platform() -> None:
    assert len(markdown(MOVES * 5000, 5000, ["prod"])) < 65_536
