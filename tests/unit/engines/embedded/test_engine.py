"""What is the embedded engine's own; what every engine does stands in `tests/contracts/engine.py`."""

from __future__ import annotations

import asyncio

import pytest

from flowrun.core.events import AbortRequested, RunFinished, RunResumed, RunStarted
from flowrun.core.plan import Plan
from flowrun.core.status import AbortLevel
from flowrun.engines.embedded.engine import LISTEN_EVERY, EmbeddedEngine, Surroundings
from flowrun.errors import EngineError, JournalError
from flowrun.journal.memory import MemoryJournal
from flowrun.journal.protocol import Request
from flowrun.simulation.virtual import EPOCH, VirtualClock, run
from tests.golden.events.plans import PLANS, job
from tests.simulation.core.words import Words
from tests.simulation.outside import Outside, ScriptedKind

LONG = Plan("long", (job("a", takes=50),))


class Deaf(MemoryJournal):
    """A journal in which nobody can look for words, from the second look on."""

    looks = 0

    def requests(self, run_id: str, after: int = 0) -> list[Request]:
        self.looks += 1
        if self.looks > 1:
            raise JournalError("cannot be read")
        return super().requests(run_id, after)


def engine_of(journal: MemoryJournal, outside: Outside | None = None) -> EmbeddedEngine:
    kinds = {"job": ScriptedKind(outside or Outside())}
    return EmbeddedEngine(Surroundings(journal, kinds, Words(), VirtualClock(), lambda: 0.5, "me"))


def test_a_new_run_is_on_paper_and_nothing_else() -> None:
    async def main() -> None:
        journal = MemoryJournal()
        engine_of(journal).create(RunStarted(EPOCH, "r", LONG, {"x": 1}, {"file": "f"}))
        assert [record.event for record in journal.read("r")] == [RunStarted(EPOCH, "r", LONG, {"x": 1}, {"file": "f"})]

    run(main())


def test_a_run_must_not_go_on_deaf() -> None:
    async def main() -> None:
        engine = engine_of(Deaf())
        engine.create(RunStarted(EPOCH, "r", LONG))
        with pytest.raises(JournalError, match="cannot be read"):
            await engine.drive("r")
        assert asyncio.get_running_loop().time() == LISTEN_EVERY

    run(main())


def test_an_early_abort_is_for_one_run_only() -> None:
    async def main() -> None:
        journal = MemoryJournal()
        engine = engine_of(journal)
        for name in ("r1", "r2"):
            engine.create(RunStarted(EPOCH, name, LONG))
        engine.abort(AbortLevel.STOP, "me")
        assert (await engine.drive("r1")).status == "cancelled"
        assert (await engine.drive("r2")).status == "succeeded"

    run(main())


def test_aborts_only_get_harder() -> None:
    async def main() -> None:
        journal = MemoryJournal()
        engine = engine_of(journal)
        engine.create(RunStarted(EPOCH, "r", Plan("stuck", (job("a", takes=500, deaf=1),))))
        for after, level in ((1, "stop"), (2, "drain"), (3, "stop"), (4, "kill"), (4, "kill")):
            asyncio.get_running_loop().call_later(after, engine.abort, AbortLevel(level), "me")
        await engine.drive("r")
        heard = [record.event for record in journal.read("r") if isinstance(record.event, AbortRequested)]
        assert [event.level for event in heard] == ["stop", "kill"]

    run(main())


def test_epochs_rise_with_every_life_that_had_something_to_resume() -> None:
    async def main() -> None:
        journal, outside = MemoryJournal(), Outside()
        engine_of(journal).create(RunStarted(EPOCH, "r", LONG))
        for _ in range(2):
            engine = engine_of(journal, outside)
            asyncio.get_running_loop().call_later(2, engine.detach)
            with pytest.raises(EngineError):
                await engine.drive("r")
        await engine_of(journal, outside).drive("r")
        records = list(journal.read("r"))
        assert [record.event.epoch for record in records if isinstance(record.event, RunResumed)] == [3, 4]
        assert [record.epoch for record in records] == sorted(record.epoch for record in records)

    run(main())


def test_a_run_that_was_never_driven_is_not_resumed() -> None:
    async def main() -> None:
        journal = MemoryJournal()
        engine_of(journal).create(RunStarted(EPOCH, "r", PLANS["diamond"]))
        with journal.own("r", "one who died before the first commit"):
            pass
        await engine_of(journal).drive("r")
        events = [record.event for record in journal.read("r")]
        assert not any(isinstance(event, RunResumed) for event in events)
        assert isinstance(events[-1], RunFinished)

    run(main())
