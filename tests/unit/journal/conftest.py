"""A journal on the disk, closed after each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flowrun.core.commands import Wish
from flowrun.core.events import AbortRequested
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
        with journal.own("r1", "me") as ownership:
            journal.take(
                ownership, {"sap": 1}, [Wish("extract", 0, "", {"sap": 1}), Wish("extract", 1, "", {"sap": 1})], 2
            )
        journal.request("r1", AbortRequested(5.0, AbortLevel.DRAIN, "anna"))
        journal.request("r1", AbortRequested(6.0, AbortLevel.STOP, "anna"))
    return folder / "journal.db"


@pytest.fixture
def without_rights() -> Iterator[Path]:
    """A folder, for the time of a test that runs without the rights of root."""
    place = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    if root:
        os.chown(place, 65534, 65534)
        os.seteuid(65534)
    try:
        yield place
    finally:
        if root:
            os.seteuid(0)
        for path in (place, *place.rglob("*")):
            path.chmod(0o700)
        shutil.rmtree(place)
