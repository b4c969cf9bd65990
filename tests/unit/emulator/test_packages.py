"""Coded automations as a robot gets them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from flowrun.emulator import packages
from flowrun.emulator.entities import Package
from flowrun.emulator.packages import PackageError, Packages, build

PROJECT = '[project]\nname = "demo"\nversion = "1.2.0"\nauthors = [{ name = "A & B" }]\n'
FUNCTIONS = {"functions": {"main": "main.py:main", "other": "main.py:other"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "demo"
    (place / "sub").mkdir(parents=True)
    (place / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (place / "uipath.json").write_text(json.dumps(FUNCTIONS), encoding="utf-8")
    (place / "main.py").write_text("def main(): ...\n", encoding="utf-8")
    (place / "sub" / "more.txt").write_text("more", encoding="utf-8")
    return place


def names(content: bytes) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(content)).namelist())


def test_a_folder_becomes_a_nupkg(folder: Path) -> None:
    built = build(Package(folder))
    assert (built.id, built.entry_point) == ("demo", "main")
    assert built.version.startswith("1.2.0-")
    files = {"pyproject.toml", "uipath.json", "main.py", "sub/more.txt"}
    assert names(built.content) == {"demo.nuspec", *(f"content/{name}" for name in files)}
    nuspec = zipfile.ZipFile(io.BytesIO(built.content)).read("demo.nuspec").decode()
    assert f"<version>{built.version}</version>" in nuspec
    assert "<authors>A &amp; B</authors>" in nuspec


def test_the_same_folder_is_the_same_package_and_an_edited_one_is_another(folder: Path) -> None:
    first = build(Package(folder))
    assert build(Package(folder)) == first
    (folder / "main.py").write_text("def main(): return 1\n", encoding="utf-8")
    assert build(Package(folder)).version != first.version


def test_what_tools_leave_and_links_stay_outside(folder: Path, tmp_path: Path) -> None:
    before = build(Package(folder))
    for left in (".venv/bin", "__pycache__", ".uipath/packages", "__runtime/job"):
        (folder / left).mkdir(parents=True)
        (folder / left / "file").write_text("x", encoding="utf-8")
    (tmp_path / "secret").write_text("s", encoding="utf-8")
    (folder / "link").symlink_to(tmp_path / "secret")
    assert build(Package(folder)) == before


def test_the_catalog_may_name_the_entry_point(folder: Path) -> None:
    assert build(Package(folder, "other")).entry_point == "other"
    with pytest.raises(PackageError, match="no entry point third; it has main, other"):
        packages.check(Package(folder, "third"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("pyproject.toml", None, "has no pyproject.toml"),
        ("pyproject.toml", "[project", "cannot be read"),
        ("pyproject.toml", "[tool.uv]\n", "no \\[project\\] table"),
        ("pyproject.toml", '[project]\nname = "demo"\n', 'needs a version such as "1.0.0"'),
        ("pyproject.toml", '[project]\nname = "../up"\nversion = "1"\n', "needs a name"),
        ("uipath.json", None, "has no uipath.json"),
        ("uipath.json", "{", "is not JSON"),
        ("uipath.json", '{"functions": {}}', "declares no function"),
        ("uipath.json", "[]", "declares no function"),
    ],
)
def test_a_folder_that_is_no_package_says_why(folder: Path, name: str, text: str | None, said: str) -> None:
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(PackageError, match=said):
        packages.check(Package(folder))


def test_a_folder_that_is_too_large_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "SIZE_LIMIT", 10)
    with pytest.raises(PackageError, match="more than"):
        build(Package(folder))


def test_the_last_ones_can_be_downloaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "KEPT", 2)
    kept = Packages()
    built = []
    for number in range(3):
        (folder / "main.py").write_text(f"X = {number}\n", encoding="utf-8")
        built.append(kept.build(Package(folder)))
    found = [kept.find(f"demo:{one.version}") for one in built]
    assert found == [None, built[1], built[2]]
