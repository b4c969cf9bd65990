from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from flowrun.errors import JournalError
from flowrun.journal.large import LIMIT, LargeStore

LARGE = "x" * (LIMIT + 1)
NAME = sha256(LARGE.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "large"


@pytest.fixture
def large(folder: Path) -> LargeStore:
    return LargeStore(folder)


def test_what_is_small_stays_in_the_row(large: LargeStore, folder: Path) -> None:
    small = "x" * LIMIT
    assert large.put(small) == small
    assert large.get(small) == small
    assert not folder.exists()


def test_what_is_large_gets_a_file_named_by_its_content(large: LargeStore, folder: Path) -> None:
    assert large.put(LARGE) == f"@sha256:{NAME}"
    assert large.get(f"@sha256:{NAME}") == LARGE
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_the_same_content_is_written_once(large: LargeStore, folder: Path) -> None:
    large.put(LARGE)
    before = (folder / NAME).stat().st_ino
    large.put(LARGE)
    assert (folder / NAME).stat().st_ino == before


def test_a_damaged_file_is_found_and_written_anew(large: LargeStore, folder: Path) -> None:
    reference = large.put(LARGE)
    (folder / NAME).write_text(LARGE[:-1] + "y")
    with pytest.raises(JournalError, match="was changed after it was written"):
        large.get(reference)
    assert large.put(LARGE) == reference
    assert large.get(reference) == LARGE


def test_a_missing_file_is_an_error_that_names_it(large: LargeStore, folder: Path) -> None:
    reference = large.put(LARGE)
    (folder / NAME).unlink()
    with pytest.raises(JournalError, match=NAME) as caught:
        large.get(reference)
    assert "backup" in (caught.value.hint or "")


@pytest.mark.parametrize("reference", ["@", "@sha256:../../etc/passwd", "@sha256:abc", f"@sha256:{NAME}/"])
def test_a_reference_leads_nowhere_else(large: LargeStore, reference: str) -> None:
    with pytest.raises(JournalError, match="leads to no file"):
        large.get(reference)


def test_a_full_disk_leaves_no_file(large: LargeStore, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    folder.mkdir()
    with pytest.raises(JournalError, match=r"cannot write .* No space left on device"):
        large.put(LARGE)
    assert list(folder.iterdir()) == []
