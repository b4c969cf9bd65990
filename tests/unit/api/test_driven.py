from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest

from flowrun.api import driven
from flowrun.core.events import RunStarted
from flowrun.engines.protocol import Engine
from flowrun.errors import Conflict
from flowrun.journal.sqlite import SqliteJournal
from flowrun.report.fold import fold
from flowrun.settings import Settings
from tests.golden.reports.examples import RUNNING, SUCCEEDED

RUN = RUNNING[0].run_id if isinstance(RUNNING[0], RunStarted) else ""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    """A run that has not ended, and that nobody drives."""
    with closing(SqliteJournal(tmp_path)) as journal:
        assert isinstance(RUNNING[0], RunStarted)
        journal.create(RUNNING[0])
        with journal.own(RUN, "a test") as ownership:
            journal.append(ownership, RUNNING[1:], 1)
        yield journal


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(project=tmp_path, state_dir=tmp_path)


async def test_nobody_looks_on_for_long_at_a_run_that_nobody_drives(
    journal: SqliteJournal, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driven, "ALONE", 0.0)
    assert (await driven.watch(RUN, settings)).interrupted
    with journal.own(RUN, "a test"), pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await driven.watch(RUN, settings)


@pytest.mark.usefixtures("journal")
async def test_who_aborts_takes_over_from_an_owner_that_dies(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    async def go_on(*_: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise Conflict("it is being driven")
        return fold(SUCCEEDED)

    monkeypatch.setattr(driven, "go_on", go_on)
    assert (await driven.abort(RUN, "stop", settings)).final
    assert len(tries) == 2


async def test_what_another_process_drives_is_let_go_of(journal: SqliteJournal, settings: Settings) -> None:
    class Busy:
        async def drive(self, *_: Any, **__: Any) -> NoReturn:
            raise Conflict("it is being driven")

    held: list[driven.Control | None] = []
    busy = driven.Driven(journal, cast("Engine", Busy()), RUN, [])
    with pytest.raises(Conflict):
        await driven._drive(busy, driven._telling(journal, RUN, None), settings, held.append)
    assert len(held) == 2
    assert held[-1] is None
