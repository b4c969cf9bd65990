"""Reports in files beside the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.cli.console import Console
from flowrun.cli.reports import write_each


def test_each_form_goes_into_its_file_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_each(Console(), {"a": tmp_path / "x", "b": tmp_path / "y"}, lambda form: f"<{form}>")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"x": "<a>", "y": "<b>"}


def test_what_cannot_be_written_is_said_and_the_rest_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"a": tmp_path / "no" / "such" / "folder", "b": tmp_path / "y"}
    write_each(Console(), files, lambda form: form)
    assert "the a report could not be written to" in capsys.readouterr().err
    assert (tmp_path / "y").read_text() == "b"
