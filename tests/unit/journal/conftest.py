"""A journal on the disk, closed after each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flowrun.core.status import AbortLevel
from flowrun.journal.sqlite import SqliteJournal
from tests.unit.journal.filling import STARTED, fill


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def journal(folder: Path) -> Iterator[SqliteJournal]:
    with closing(SqliteJournal(folder)) as journal:
        yield journal


@pytest.fixture
def filled(folder: Path) -> Path:
    """The database of a closed journal: one run of 40 records and two requests."""
    with closing(SqliteJournal(folder)) as journal:
        journal.create(STARTED)
        fill(journal, 39)
        journal.request("r1", 5.0, AbortLevel.DRAIN, "anna")
        journal.request("r1", 6.0, AbortLevel.STOP, "anna")
    return folder / "journal.db"
