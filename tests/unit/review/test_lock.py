from __future__ import annotations

from dataclasses import replace

from flowrun.review.lock import Entry, Lock, entries_of, locked

POST = Entry("prod", "Finance", "Post", "k1", "Post", "2.0.1", "Main.xaml", "sha256:a", ("a.yaml",))
NOTE = replace(POST, release="Note", key="k2", workflows=("a.yaml", "b.yaml"))
LOCK = Lock((NOTE, POST))


def test_facts_become_entries_each_release_once() -> None:
    fact = {"release": "Post", "release_key": "k1", "package": "Post", "version": "2.0.1", "folder": "Finance"}
    more = {**fact, "release": "Note", "release_key": "k2", "version": None}
    found = entries_of("prod", "a.yaml", [fact, more, fact, {"folder": "Finance"}])
    assert [(one.release, one.version, one.entry_point) for one in found] == [("Note", "", ""), ("Post", "2.0.1", "")]
    assert found[1].workflows == ("a.yaml",)


def test_a_new_workflow_adds_itself_and_what_is_missing() -> None:
    seen = [replace(POST, version="2.1.0", workflows=("b.yaml",)), replace(POST, release="New", workflows=("b.yaml",))]
    after = locked(LOCK, "prod", "b.yaml", seen, lambda _: False)
    assert [(one.release, one.version, one.workflows) for one in after.entries] == [
        ("New", "2.0.1", ("b.yaml",)),
        ("Note", "2.0.1", ("a.yaml",)),
        ("Post", "2.0.1", ("a.yaml", "b.yaml")),
    ]


def test_an_update_takes_what_is_there_and_only_what_it_was_asked_for() -> None:
    seen = [replace(one, version="3.0.0", workflows=("a.yaml",)) for one in LOCK.entries]
    after = locked(LOCK, "prod", "a.yaml", seen, lambda entry: entry.release == "Post")
    assert [(one.release, one.version) for one in after.entries] == [("Note", "2.0.1"), ("Post", "3.0.0")]
    assert after.entries[0].workflows == ("a.yaml", "b.yaml")


def test_other_contexts_are_left_alone() -> None:
    dev = replace(POST, context="dev", version="9.0.0")
    after = locked(Lock((dev, *LOCK.entries)), "prod", "a.yaml", [POST], lambda _: True)
    assert [(one.context, one.release) for one in after.entries] == [
        ("dev", "Post"),
        ("prod", "Note"),
        ("prod", "Post"),
    ]
    assert after.by_name[NOTE.name].workflows == ("b.yaml",)


def test_a_workflow_that_is_gone_leaves_nothing_that_it_alone_started() -> None:
    assert LOCK.without("a.yaml") == Lock((replace(NOTE, workflows=("b.yaml",)),))
    assert LOCK.without("a.yaml", "dev") == LOCK
    assert LOCK.workflows() == ("a.yaml", "b.yaml")
    assert LOCK.of("prod", "b.yaml") == (NOTE,)
