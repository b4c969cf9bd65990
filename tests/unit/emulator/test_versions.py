from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from flowrun.emulator.entities import Folder, Release
from flowrun.emulator.ledger import Ledger, read
from flowrun.emulator.versions import Versions, latest

FOLDER = Folder(1, "f-key", "Shared")
FIRST = Release(5, "r-key", "Extract", "1.9.0", FOLDER, None)
SECOND = replace(FIRST, version="1.10.0")
BOTH = replace(FIRST, others=(SECOND,))


def opened(folder: Path, releases: Sequence[Release]) -> tuple[Versions, Release]:
    versions = Versions(Ledger(folder / "ledger.jsonl", lambda: 10.0), lambda: 10.0)
    versions.remember(read(folder / "ledger.jsonl"))
    return versions, versions.deployed(releases)[0]


def numbers(release: Release) -> list[str]:
    return [one.number for one in release.history]


def test_a_release_begins_with_the_version_of_the_catalog(tmp_path: Path) -> None:
    _, release = opened(tmp_path, [BOTH])
    assert (release.version, release.version_id, numbers(release)) == ("1.9.0", 5, ["1.9.0"])
    assert list(read(tmp_path / "ledger.jsonl")) == []


def test_a_move_outlives_the_emulator_until_the_catalog_names_another(tmp_path: Path) -> None:
    versions, release = opened(tmp_path, [BOTH])
    moved = versions.move(release, "1.10.0")
    assert moved is not None
    assert (moved.version, moved.version_id, [one.version for one in moved.others]) == ("1.10.0", 6, ["1.9.0"])
    again = opened(tmp_path, [BOTH])[1]
    assert (again.version, again.version_id, numbers(again)) == ("1.10.0", 6, ["1.9.0", "1.10.0"])
    other = opened(tmp_path, [replace(BOTH, version="2.0.0")])[1]
    assert (other.version, other.version_id, numbers(other)) == ("2.0.0", 7, ["1.9.0", "1.10.0", "2.0.0"])


def test_a_version_that_left_the_catalog_is_left_for_that_of_the_catalog(tmp_path: Path) -> None:
    versions, release = opened(tmp_path, [BOTH])
    versions.move(release, "1.10.0")
    assert opened(tmp_path, [FIRST])[1].version == "1.9.0"


def test_a_catalog_that_is_read_again_moves_a_release(tmp_path: Path) -> None:
    versions, _ = opened(tmp_path, [BOTH])
    (again,) = versions.deployed([replace(FIRST, version="1.9.1")])
    assert numbers(again) == ["1.9.0", "1.9.1"]


def test_no_version_of_that_number_is_no_move(tmp_path: Path) -> None:
    versions, release = opened(tmp_path, [BOTH])
    assert versions.move(release, "1.9") is None


def test_the_latest_is_the_highest_number() -> None:
    assert latest(BOTH) == "1.10.0"
    assert latest(replace(FIRST, version="2.0.0-rc.1", others=(replace(FIRST, version="2.0.0"),))) == "2.0.0"
