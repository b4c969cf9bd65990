"""Files as the repository knows them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flowrun.api.roots import placed, placing, root
from flowrun.report.fold import fold
from tests.golden.reports.examples import FAILED


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "specs" / "deep").mkdir(parents=True)
    return tmp_path


def test_the_root_is_the_nearest_repository_and_else_the_folder_itself(repository: Path, tmp_path: Path) -> None:
    assert root(repository / "specs" / "deep") == repository
    (repository / "specs" / ".git").write_text("gitdir: elsewhere")  # as work trees and submodules have it
    assert root(repository / "specs" / "deep") == tmp_path / "specs"


def test_a_file_is_named_from_the_root_wherever_one_stands(repository: Path) -> None:
    place = placing(repository / "specs")
    assert place("deep/a.yaml") == place(str(repository / "specs" / "deep" / "a.yaml")) == "specs/deep/a.yaml"
    assert place("../b.yaml") == "b.yaml"
    assert place("") == ""


def test_a_file_outside_keeps_its_name(repository: Path) -> None:
    assert placing(repository)("/elsewhere/a.yaml") == "/elsewhere/a.yaml"


def test_a_report_is_placed_by_its_workflow(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "specs")
    report = fold(FAILED)
    assert placed(report) == report
    known = replace(report, origin={"file": str(repository / "specs" / "a.yaml"), "text": ""})
    assert placed(known).origin == {"file": "specs/a.yaml", "text": ""}
