from __future__ import annotations

from dataclasses import replace

from flowrun.review.lock import Entry, Lock
from flowrun.review.moved import Kind, moves

POST = Entry("prod", "Finance", "Post", "k1", "Post", "2.0.1", "Main.xaml", "sha256:a", ("a.yaml",))
LOCK = Lock((POST,))


def test_what_is_as_it_was_has_not_moved() -> None:
    assert moves(LOCK, "prod", "a.yaml", [replace(POST, workflows=("a.yaml",))]) == ()


def test_a_move_says_each_field_the_version_first() -> None:
    now = replace(POST, key="k9", version="2.1.0", entry_point="", arguments="sha256:b")
    (move,) = moves(LOCK, "prod", "a.yaml", [now])
    assert move.kind is Kind.MOVED
    words = "version 2.0.1 → 2.1.0, release key k1 → k9, entry point Main.xaml → none, other arguments"
    assert move.words == f"Post in Finance: {words}"
    assert move.data["changes"][0] == {"field": "version", "was": "2.0.1", "now": "2.1.0"}


def test_what_is_missing_unused_or_gone_is_told_apart() -> None:
    other = replace(POST, release="Other")
    kinds = {move.entry.release: move.kind for move in moves(LOCK, "prod", "a.yaml", [other])}
    assert kinds == {"Other": Kind.MISSING, "Post": Kind.UNUSED}
    (gone,) = moves(LOCK, "prod", "a.yaml", [], lost=["Post"])
    assert gone.words == "Post in Finance: no longer there; the lock has version 2.0.1"


def test_another_workflow_or_context_finds_its_releases_missing() -> None:
    assert [move.kind for move in moves(LOCK, "prod", "b.yaml", [POST])] == [Kind.MISSING]
    assert [move.kind for move in moves(LOCK, "dev", "a.yaml", [replace(POST, context="dev")])] == [Kind.MISSING]
