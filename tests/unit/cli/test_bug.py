"""The report of a bug tells us what we need, and nobody's secrets."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from flowrun.cli.bug import redacted, write_report


def broken(text: str) -> BaseException:
    error = RuntimeError(text)
    try:
        raise error
    except RuntimeError as raised:
        return raised


def test_it_holds_the_traceback_the_versions_and_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLOWRUN_STATE_DIR", str(tmp_path / "state"))
    file = write_report(broken("boom"), ["run", "secret-customer.yaml", "--input=pin=1234", "-o", "json"])
    assert file is not None
    text = file.read_text()
    assert "RuntimeError: boom" in text
    assert "pydantic" in text
    assert "command: flowrun run --input -o" in text
    assert "1234" not in text
    assert "secret-customer" not in text


def test_only_its_owner_reads_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLOWRUN_STATE_DIR", str(tmp_path / "state"))
    file = write_report(broken("boom"), ["run"])
    assert file is not None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_where_nothing_can_be_written_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FLOWRUN_STATE_DIR", str(tmp_path / "file"))
    assert write_report(broken("boom"), ["run"]) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token=hunter22", "token=***"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.c2ln", "***"),
        ("https://me:pass@host/x", "https***host/x"),
        ("nothing of the kind", "nothing of the kind"),
    ],
)
def test_secrets_are_taken_out(text: str, shown: str) -> None:
    assert redacted(text, {"UIPATH_ACCESS_TOKEN": "hunter22", "API_KEY": "x", "HOME": "kind"}) == shown
