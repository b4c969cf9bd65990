"""A Release that is a package: what its folder must be, and what the catalog may say of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.emulator.catalog import load_catalog
from flowrun.emulator.entities import Package
from flowrun.errors import SpecError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "demo"
    place.mkdir()
    (place / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1.0.0"\n', encoding="utf-8")
    (place / "uipath.json").write_text('{"functions": {"main": "main.py:main", "b": "main.py:b"}}', encoding="utf-8")
    return tmp_path


def catalog(folder: Path, text: str) -> Path:
    path = folder / "emulator.yaml"
    path.write_text(f"releases:\n  Coded: {text}\n", encoding="utf-8")
    return path


def problem(folder: Path, text: str) -> tuple[str, str]:
    with pytest.raises(SpecError) as raised:
        load_catalog(catalog(folder, text))
    (found,) = raised.value.problems
    return found.code, found.message


def test_a_package_is_a_folder_beside_the_catalog(folder: Path) -> None:
    (release,) = load_catalog(catalog(folder, "{package: demo, entry_point: b}")).releases
    assert release.run == Package(folder / "demo", "b")


def test_a_release_runs_in_one_way(folder: Path) -> None:
    code, message = problem(folder, "{package: demo, builtin: echo}")
    assert (code, message) == ("FR903", "a Release has one of command, builtin and package")
    code, message = problem(folder, "{command: [python], entry_point: b}")
    assert (code, message) == ("FR903", "entry_point belongs to a package; a command names its program itself")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{package: missing}", "has no pyproject.toml"),
        ("{package: .}", "has no pyproject.toml"),
        ("{package: demo, entry_point: c}", "no entry point c; it has main, b"),
    ],
)
def test_a_folder_that_is_no_package_is_a_problem_of_the_catalog(folder: Path, text: str, said: str) -> None:
    code, message = problem(folder, text)
    assert code == "FR905"
    assert said in message
