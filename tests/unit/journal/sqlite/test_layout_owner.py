"""A journal that another user could write into is refused, before a byte of it is believed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from flowrun.errors import JournalError
from flowrun.journal.sqlite import SqliteJournal

AS_ROOT = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away")
OURS, OTHER = 65_534, 65_533
"""The user of `without_rights`, and another one."""


@contextmanager
def root() -> Iterator[None]:
    """As root again, in the middle of a test without its rights."""
    ours = os.geteuid()
    os.seteuid(0)
    try:
        yield
    finally:
        os.seteuid(ours)


@AS_ROOT
@pytest.mark.parametrize("what", ["folder", "folder without a journal", "journal"])
def test_what_belongs_to_another_user_is_refused(without_rights: Path, what: str) -> None:
    folder = without_rights / "state"
    path = folder / "journal.db" if what == "journal" else folder
    with root():
        SqliteJournal(folder).close()
        for one in (folder, folder / "journal.db"):
            os.chown(one, OTHER if one == path else OURS, -1)
            one.chmod(0o777)
        if what == "folder without a journal":
            (folder / "journal.db").unlink()
    before = sorted(folder.iterdir())
    with pytest.raises(JournalError, match=f"^{path} belongs to another user, who could have written") as caught:
        SqliteJournal(folder)
    assert "FLOWRUN_STATE_DIR" in (caught.value.hint or "")
    assert sorted(folder.iterdir()) == before, "nothing was made in it"


@AS_ROOT
def test_what_belongs_to_root_is_not_refused(without_rights: Path) -> None:
    folder = without_rights / "state"
    with root():
        SqliteJournal(folder).close()
        for path in (folder, folder / "journal.db"):
            path.chmod(0o777)
    with closing(SqliteJournal(folder)) as journal:
        assert journal.runs() == []


@pytest.mark.skipif(os.name != "posix", reason="users have no numbers here")
def test_who_is_not_its_owner_is_refused_and_root_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "state"
    SqliteJournal(folder).close()
    if os.geteuid() == 0:
        for path in (folder, folder / "journal.db"):
            os.chown(path, OTHER, OTHER)
    owner = folder.stat().st_uid
    for user in (owner, 0):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        SqliteJournal(folder).close()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(JournalError, match="belongs to another user"):
        SqliteJournal(folder)
