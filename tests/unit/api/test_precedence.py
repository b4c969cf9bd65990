"""What is done about runs that nobody drives; with real processes in tests/e2e/test_admission.py."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import cast

import pytest

from flowrun.api import precedence
from flowrun.api.beside import Beside
from flowrun.api.precedence import End, looking
from flowrun.api.telling import Telling
from flowrun.core.events import RunStarted
from flowrun.core.plan import Concurrency, OnConflict, Plan, Step
from flowrun.engines.protocol import Engine
from flowrun.errors import Conflict, EngineError, JournalError, UsageError
from flowrun.journal.sqlite import SqliteJournal
from flowrun.report.fold import Fold
from flowrun.report.model import Change, Report

PLAN = Plan("close", (Step("a", "job"),), concurrency=Concurrency("g", OnConflict.CANCEL))


class Leaving:
    """As much of an engine as is used here: it can be let go of."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    def detach(self) -> None:
        self.gone.set()

    async def drive(self) -> None:
        await self.gone.wait()
        raise EngineError("detached")


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteJournal]:
    """Two runs of one group, which nobody drives; the second is to end the first."""
    monkeypatch.setattr(precedence, "LOOK_EVERY", 0.01)
    with closing(SqliteJournal(tmp_path)) as journal:
        for run_id in ("r1", "r2"):
            journal.create(RunStarted(1.0, run_id, PLAN))
        yield journal


async def looked(journal: SqliteJournal, end: End, words: str = "") -> list[str]:
    """What was told while somebody looked: until these words were told, and some looks longer."""
    told: list[str] = []
    engine = Leaving()

    def follow(change: Change, _: Report) -> None:
        told.append(f"{change.subject} {change.state} {change.detail}")
        if told[-1] == words:
            asyncio.get_running_loop().call_later(20 * precedence.LOOK_EVERY, engine.detach)

    telling = Telling(follow, Fold(), Beside(journal, "r2", patience=0))
    telling.event(next(journal.read("r2")).event)
    with suppress(EngineError):
        async with asyncio.timeout(60), looking(cast("Engine", engine), telling, end):
            await engine.drive()
    return told


async def test_a_run_that_nobody_drives_is_ended(journal: SqliteJournal) -> None:
    ended: list[str] = []

    async def end(run_id: str) -> None:
        ended.append(run_id)
        raise Conflict("somebody does after all")

    await looked(journal, end, "run ends run r1 itself, for nobody drives it")
    assert set(ended) == {"r1"}


async def test_one_that_cannot_be_ended_is_left_alone_and_said_once(journal: SqliteJournal) -> None:
    async def end(_: str) -> None:
        raise UsageError("this run belongs to another Orchestrator")

    words = "run waits for run r1, which it cannot end: this run belongs to another Orchestrator"
    assert (await looked(journal, end, words)).count(words) == 1


async def test_what_goes_wrong_beside_a_run_ends_its_driving_with_that_error(journal: SqliteJournal) -> None:
    async def end(_: str) -> None:
        raise JournalError("the disk is full")

    with pytest.raises(JournalError, match="the disk is full"):
        await looked(journal, end)


async def test_a_run_that_shares_nothing_is_not_looked_beside(journal: SqliteJournal) -> None:
    journal.create(RunStarted(1.0, "r3", Plan("alone", ())))

    async def end(_: str) -> None:
        pytest.fail("there is nobody before it")

    telling = Telling(None, Fold(), Beside(journal, "r3"))
    async with looking(cast("Engine", Leaving()), telling, end):
        assert len(asyncio.all_tasks()) == 1
