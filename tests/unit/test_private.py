from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowrun.private import make_folder


@pytest.fixture(params=[0o022, 0], ids=["umask 022", "umask 0"])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_umask")
def test_each_folder_on_the_way_is_its_owners_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    made = make_folder(tmp_path / "state" / "emulator" / "one")
    assert made == (tmp_path / "state", tmp_path / "state" / "emulator", tmp_path / "state" / "emulator" / "one")
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (tmp_path, *made)] == [0o755, 0o700, 0o700, 0o700]
    assert make_folder(made[-1]) == ()


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "inner"):
        with pytest.raises(OSError, match="file"):
            make_folder(folder)
