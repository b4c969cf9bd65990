from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.errors import UsageError
from flowrun.review.lock import Entry, Lock
from flowrun.review.lock_file import read, text

POST = Entry("prod", "Finance", "Post", "k1", "Post", "2.0.1", "Main.xaml", "sha256:a", ("a.yaml", "b.yaml"))
NOTE = replace(POST, release="Note")


def test_an_entry_is_a_block_and_a_workflow_a_line() -> None:
    written = text(Lock((NOTE, POST)))
    assert written.count("\n[[release]]\n") == 2
    assert '\nworkflows = [\n    "a.yaml",\n    "b.yaml",\n]\n' in written
    assert tomllib.loads(written)["release"][0]["release"] == "Note"


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(WORDS, WORDS, st.lists(WORDS, max_size=3, unique=True))
def test_whatever_a_release_is_called_it_is_read_back(name: str, folder: str, files: list[str]) -> None:
    lock = Lock((replace(POST, release=name, folder=folder, workflows=tuple(files)),))
    assert read(text(lock), "flowrun.lock") == lock


def test_a_new_entry_changes_no_line_of_the_others() -> None:
    before, after = text(Lock((NOTE,))).splitlines(), text(Lock((NOTE, POST))).splitlines()
    assert after[: len(before)] == before


def refused(written: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read(written, "flowrun.lock")
    return caught.value


def test_marks_of_a_merge_are_told_with_their_line() -> None:
    written = text(Lock((POST,))).replace('version = "2.0.1"', '<<<<<<< HEAD\nversion = "2"\n=======\n>>>>>>> x')
    error = refused(written)
    assert error.message.startswith("flowrun.lock:11: git could not merge")
    assert error.hint == "Keep either side (git checkout --ours -- flowrun.lock), then: flowrun lock update."


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version = 1", "version = 2", "flowrun.lock is of version 2, and this flowrun reads version 1"),
        ("version = 1\n", "", "flowrun.lock is of no version"),
        ('key = "k1"\n', "", "flowrun.lock, entry 1 has no key"),
        ('key = "k1"', "key = 1", "flowrun.lock, entry 1: key is not a text"),
        ('    "a.yaml",', "    1,", "flowrun.lock, entry 1: workflows is not a list of texts"),
        ("[[release]]", "[release]", "flowrun.lock: release is not a list of [[release]]"),
        ("[[release]]", "[[release", "flowrun.lock is no lock: "),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(old: str, new: str, message: str) -> None:
    error = refused(text(Lock((POST,))).replace(old, new, 1))
    assert error.message.startswith(message)
    assert "flowrun lock SPEC" in str(error.hint)


def test_both_sides_of_a_merge_are_one_too_many() -> None:
    assert "two entries for Post in Finance" in refused(text(Lock((POST, POST)))).message
