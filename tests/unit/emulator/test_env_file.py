from __future__ import annotations

import stat
from pathlib import Path

import pytest

from flowrun.emulator.env_file import check_replaceable, settings, write_private
from flowrun.emulator.server import serve
from flowrun.errors import UsageError

OURS = settings("http://127.0.0.1:4000/local/default", "secret", "Shared")


def test_what_clients_and_robots_read() -> None:
    assert dict(line.split("=", 1) for line in OURS.splitlines()) == {
        "UIPATH_URL": "http://127.0.0.1:4000/local/default",
        "UIPATH_ACCESS_TOKEN": "secret",
        "UIPATH_FOLDER_PATH": "Shared",
        "UIPATH_ORGANIZATION_ID": "08dd654b-86c6-5a5a-bbc1-136bdf4eb078",
        "UIPATH_TENANT_ID": "c76e62fe-c5ad-5bb4-96d3-6c31d34026f7",
        "UIPATH_ROBOT_USERNAME": "robot",
        "UIPATH_TRACING_ENABLED": "false",
        "UIPATH_TELEMETRY_ENABLED": "false",
    }


def test_private_files_replace_open_ones(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", [None, "", OURS, settings("http://[::1]:4000", "secret", "Shared")])
def test_what_is_missing_empty_or_an_emulators_may_be_replaced(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "env").write_text(text)
    check_replaceable(tmp_path / "env")


@pytest.mark.parametrize("text", ["API_KEY=mine\n", "UIPATH_URL=https://cloud.uipath.com/acme/production\n"])
def test_the_file_of_somebody_else_is_kept(tmp_path: Path, text: str) -> None:
    """Neither replaced at the start nor removed at the end."""
    path = tmp_path / ".env"
    path.write_text(text)
    (tmp_path / "emulator.yaml").write_text("releases: {Echo: {builtin: echo}}\n")
    with pytest.raises(UsageError, match="was not written by an emulator"):
        serve(tmp_path / "emulator.yaml", env_file=path)
    assert path.read_text() == text


def test_a_folder_is_no_env_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be the env file"):
        check_replaceable(tmp_path)
