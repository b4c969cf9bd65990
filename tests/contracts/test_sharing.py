"""Every engine keeps the contract of runs that share a journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flowrun.journal.memory import MemoryJournal
from flowrun.journal.protocol import Journal
from flowrun.journal.sqlite import SqliteJournal

pytest.register_assert_rewrite("tests.contracts.engine", "tests.contracts.answers", "tests.contracts.sharing")

from tests.contracts.embedded import embedded  # noqa: E402 - as above
from tests.contracts.engine import Make  # noqa: E402 - as below
from tests.contracts.sharing import SharingContract  # noqa: E402 - its asserts are rewritten by the line above


class TestEmbedded(SharingContract):
    @pytest.fixture
    def make(self) -> Make:
        return embedded

    @pytest.fixture(params=["memory", "sqlite"])
    def journal(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
        store = MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "state")
        with closing(store) as journal:
            yield journal
