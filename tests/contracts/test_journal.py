"""Every store keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flowrun.journal.memory import MemoryJournal
from flowrun.journal.protocol import Journal
from flowrun.journal.sqlite import SqliteJournal

pytest.register_assert_rewrite("tests.contracts.journal")

from tests.contracts.journal import JournalContract  # noqa: E402 - its asserts are rewritten by the line above


class TestMemory(JournalContract):
    @pytest.fixture
    def journal(self) -> Journal:
        return MemoryJournal()


class TestSqlite(JournalContract):
    @pytest.fixture
    def journal(self, tmp_path: Path) -> Iterator[Journal]:
        with closing(SqliteJournal(tmp_path / "state")) as journal:
            yield journal
