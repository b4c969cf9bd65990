from __future__ import annotations

import stat
from pathlib import Path

import pytest

from flowrun.journal import durable


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    durable.write_file(path, b"one")
    durable.write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_made_for_its_owner_and_another_left_as_it_is(tmp_path: Path) -> None:
    durable.make_folder(tmp_path / "outer" / "inner")
    assert stat.S_IMODE((tmp_path / "outer" / "inner").stat().st_mode) == 0o700
    tmp_path.chmod(0o755)
    durable.make_folder(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_the_first_to_publish_wins(tmp_path: Path) -> None:
    for content in ("first", "second"):
        new = durable.beside(tmp_path / "file")
        new.write_text(content)
        durable.publish(new, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_in_the_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        durable.write_file(tmp_path / "missing" / "file", b"x")
