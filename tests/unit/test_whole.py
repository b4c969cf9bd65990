from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.whole import beside, put


def test_a_text_takes_the_place_of_another(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    for text in ("{}", '{"é": 1}'):
        put(file, text)
        assert file.read_text(encoding="utf-8") == text
    assert [*tmp_path.iterdir()] == [file]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    file.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        put(file, "new \ud800")
    assert (file.read_text(), [*tmp_path.iterdir()]) == ("old", [file])
    put(file, "new \ud800", "backslashreplace")
    assert file.read_text() == "new \\ud800"


def test_a_folder_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "full" / "er").mkdir(parents=True)
    with pytest.raises(OSError, match="full"):
        put(tmp_path / "full", "x")
    assert [*tmp_path.iterdir()] == [tmp_path / "full"]
    with pytest.raises(FileNotFoundError):
        put(tmp_path / "missing" / "x", "x")


def test_it_is_written_beside_it(tmp_path: Path) -> None:
    assert beside(tmp_path / "a").parent == tmp_path
