from __future__ import annotations

import json

import pytest

from flowrun.steps.job.handle import Handle

FULL = Handle(
    folder_id=7,
    folder_path="Finance/Close",
    jobs=((1, "k1"), (2, "k2")),
    spare=((3, "k3"),),
    again=True,
    doubt="why",
    tags_kept={"BatchExecutionKey": False, "Reference": True},
    release={"key": "r", "name": "Post", "version": "1.0"},
    strategy="JobsCount",
)


@pytest.mark.parametrize("handle", [FULL, Handle(7, "", ((1, "k1"),))])
def test_it_comes_back_from_the_journal(handle: Handle) -> None:
    assert Handle.from_json(json.loads(json.dumps(handle.to_json()))) == handle


def test_its_shape() -> None:
    handle = FULL.to_json()
    assert handle["folder"] == {"id": 7, "path": "Finance/Close"}
    assert handle["jobs"] == [{"id": 1, "key": "k1"}, {"id": 2, "key": "k2"}]
    assert handle["release"]["name"] == "Post"


def test_what_is_not_so_is_not_said() -> None:
    assert not {"spare", "again", "doubt"} & Handle(7, "", ((1, "k1"),)).to_json().keys()


@pytest.mark.parametrize("kept", [True, False, None])
def test_handles_of_the_first_version_know_of_one_tag(kept: bool | None) -> None:  # noqa: FBT001 - a case of the table
    assert Handle.from_json({**FULL.to_json(), "tags_kept": kept}).tags_kept == {"BatchExecutionKey": kept}


def test_fields_of_a_later_version_are_left_out() -> None:
    assert Handle.from_json({**FULL.to_json(), "later": 1}) == FULL


def test_it_names_the_folder_as_calls_take_it() -> None:
    assert FULL.folder.id == 7
    assert FULL.folder.fully_qualified_name == "Finance/Close"
