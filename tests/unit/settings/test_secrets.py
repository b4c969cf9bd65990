from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flowrun.errors import UsageError
from flowrun.settings import Settings

ENVIRON = {"UIPATH_URL": "https://cloud.uipath.com/acme/prod", "FLOWRUN_KEYRING": "flowrun"}


def install(monkeypatch: pytest.MonkeyPatch, get_password: Any) -> None:
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=get_password))


def test_the_keyring_keeps_them_under_the_names_of_their_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {("flowrun", "UIPATH_ACCESS_TOKEN"): "rt_1"}
    install(monkeypatch, lambda *place: kept.get(place))
    connection = Settings.load(ENVIRON, tmp_path).connection
    assert connection is not None
    assert connection.token == "rt_1"
    assert "keyring" in connection.way


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, lambda *_: "kept")
    connection = Settings.load(ENVIRON | {"UIPATH_ACCESS_TOKEN": "given"}, tmp_path).connection
    assert connection is not None
    assert connection.token == "given"


def test_a_keyring_that_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: str) -> str:
        raise RuntimeError("locked")

    install(monkeypatch, locked)
    with pytest.raises(UsageError, match="locked") as caught:
        Settings.load(ENVIRON, tmp_path)
    assert "keyring set flowrun" in (caught.value.hint or "")


def test_a_machine_without_a_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoKeyringError(Exception):
        """As that of the package."""

    def none(*_: str) -> str:
        raise NoKeyringError("No recommended backend was available. Install a recommended 3rd party backend")

    install(monkeypatch, none)
    with pytest.raises(UsageError, match="this machine has no keyring") as caught:
        Settings.load(ENVIRON, tmp_path)
    assert "0600" in (caught.value.hint or "")


def test_the_keyring_may_keep_the_client_id_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("flowrun", "UIPATH_CLIENT_ID"): "app", ("flowrun", "UIPATH_CLIENT_SECRET"): "s"}
    install(monkeypatch, lambda *place: kept.get(place))
    connection = Settings.load(ENVIRON, tmp_path).connection
    assert connection is not None
    assert (connection.client_id, connection.client_secret) == ("app", "s")
    ways = Settings.load(ENVIRON, tmp_path, connected=False).ways()
    assert [way.text for way in ways] == [connection.way]


def test_ways_that_cannot_be_read_are_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    found = Settings.load({**ENVIRON, "UIPATH_CLIENT_ID": "app", "FLOWRUN_OIDC": "github"}, tmp_path, connected=False)
    assert [("not installed" in way.fault, "is not set" in way.fault) for way in found.ways()] == [
        (True, False),
        (False, True),
    ]


def test_no_keyring_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UsageError, match="not installed") as caught:
        Settings.load(ENVIRON, tmp_path)
    assert "flowrun-rpa[keyring]" in (caught.value.hint or "")
