"""What every engine must make of runs that share a journal: slots of pools, and turns in a concurrency group."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from flowrun.core.commands import Wish
from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptScheduled,
    Event,
    LegFinished,
    RunAdmitted,
    RunFinished,
    RunStarted,
    StepBegan,
)
from flowrun.core.plan import Concurrency, FanOut, OnConflict, Plan, Step
from flowrun.core.pools import Slots
from flowrun.core.status import AbortLevel, Cause
from flowrun.engines.protocol import Engine
from flowrun.errors import Conflict, EngineError
from flowrun.journal.protocol import Journal, Ownership
from flowrun.simulation.virtual import VirtualClock, run
from tests.contracts.engine import Dying, Gone, Make
from tests.golden.events.plans import INPUTS, job
from tests.simulation.outside import Outside, ScriptedKind

SAP: Mapping[str, int] = {"sap": 1}


class Mortal(Dying):
    """A journal whose process dies right after a commit, that of slots included."""

    def take(self, ownership: Ownership, capacities: Slots, wishes: Sequence[Wish], most: int) -> tuple[Wish, ...]:
        granted = super().take(ownership, capacities, wishes, most)
        if granted:
            self.commits += 1
            if self.commits == self.at:
                raise Gone
        return granted


class Office:
    """Some runs of one journal, each with its own engine and its own robots, on one clock."""

    def __init__(self, make: Make, journal: Journal) -> None:
        self.journal = journal
        self.clock = VirtualClock()
        self.outside: dict[str, Outside] = {}
        self._make = make

    def engine(self, run_id: str) -> Engine:
        outside = self.outside.setdefault(run_id, Outside())
        return self._make(self.journal, {"job": ScriptedKind(outside)}, self.clock)

    def begin(self, run_id: str, plan: Plan) -> Engine:
        engine = self.engine(run_id)
        engine.create(RunStarted(self.clock.now(), run_id, plan, INPUTS))
        return engine

    def start(self, run_id: str, plan: Plan) -> asyncio.Task[RunFinished]:
        return asyncio.ensure_future(self.begin(run_id, plan).drive(run_id))

    def events(self, run_id: str) -> list[Event]:
        return [record.event for record in self.journal.read(run_id)]

    def most_at_once(self, *runs: str) -> int:
        """How many attempts of these runs were on paper at one time."""
        moves = [
            (event.at, 1 if isinstance(event, AttemptScheduled) else -1)
            for run_id in runs
            for event in self.events(run_id)
            if isinstance(event, AttemptScheduled | AttemptFinished)
        ]
        at_once = most = 0
        for _, move in sorted(moves):
            at_once += move
            most = max(most, at_once)
        return most


def fan(legs: int, takes: float = 5.0) -> Step:
    """A fan-out of so many legs, each of which holds a slot for so many seconds."""
    return replace(job("post", takes=takes), fan_out=FanOut({"n": list(range(legs))}), pools=SAP)


def told(story: Callable[[], object]) -> None:
    """Run the story on the virtual clock."""
    run(story())  # type: ignore[arg-type]


class SharingContract:
    """The tests. Each gets a function that makes an engine, and a journal."""

    def test_runs_hold_no_more_slots_together_than_there_are(self, make: Make, journal: Journal) -> None:
        async def story() -> None:
            office = Office(make, journal)
            plan = Plan("close", (fan(4), job("free", takes=1)), pools={"sap": 2})
            runs = [office.start(run_id, plan) for run_id in ("r1", "r2", "r3")]
            for ended in asyncio.as_completed(runs):
                assert (await ended).status == "succeeded"
            posts = ("r1", "r2", "r3")
            assert office.most_at_once(*posts) <= 2 + 3, "the free steps of the three runs, and two slots"
            for run_id in posts:
                free = [event.at for event in office.events(run_id) if _scheduled(event, "free")]
                assert free == [office.events(run_id)[0].at], "who wants no slot does not wait"
            assert journal.slots() == []

        told(story)

    def test_runs_take_turns(self, make: Make, journal: Journal) -> None:
        async def story() -> None:
            office = Office(make, journal)
            plan = Plan("close", (fan(6),), pools=SAP)
            first = office.start("many", plan)
            await asyncio.sleep(1)
            await office.start("few", replace(plan, steps=(fan(2),)))
            done = sum(isinstance(event, LegFinished) for event in office.events("many"))
            assert 2 <= done <= 4, "neither waited for all of the other"
            assert (await first).status == "succeeded"

        told(story)

    def test_who_waits_for_a_slot_can_be_ended_at_once(self, make: Make, journal: Journal) -> None:
        async def story() -> None:
            office = Office(make, journal)
            plan = Plan("close", (fan(1, takes=50),), pools=SAP)
            first, second = office.start("r1", plan), office.start("r2", plan)
            await asyncio.sleep(5)
            journal.request("r2", AbortRequested(office.clock.now(), AbortLevel.STOP, "anna"))
            assert (await second).status == "cancelled"
            assert office.events("r2")[-1].at < office.events("r1")[0].at + 10
            assert office.outside["r2"].started == []
            assert (await first).status == "succeeded"

        told(story)

    def test_who_dies_keeps_the_slots_of_what_may_be_alive_and_gets_them_back(
        self, make: Make, journal: Journal
    ) -> None:
        async def story() -> None:
            office = Office(make, journal)
            plan = Plan("close", (fan(3, takes=30),), pools={"sap": 2})
            engine = office.begin("r1", plan)
            asyncio.get_running_loop().call_later(5, engine.detach)
            with pytest.raises(EngineError, match="detached"):
                await engine.drive("r1")
            assert [(slot.run_id, slot.leg) for slot in journal.slots()] == [("r1", 0), ("r1", 1)]
            second = office.start("r2", replace(plan, steps=(fan(1),)))
            await asyncio.sleep(60)
            assert office.outside["r2"].started == [], "what r1 started may still run"
            assert (await office.engine("r1").drive("r1")).status == "succeeded"
            assert (await second).status == "succeeded"
            assert journal.slots() == []

        told(story)

    def test_a_crash_after_each_commit_neither_leaks_a_slot_nor_gives_one_away(self, make: Make) -> None:
        plan = Plan("close", (fan(3),), pools={"sap": 2})

        async def story(at: int) -> int:
            journal = Mortal(at)
            office = Office(make, journal)
            with suppress(Gone):
                await office.begin("r1", plan).drive("r1")
            journal.at = 0
            other = office.start("r2", replace(plan, steps=(fan(2),)))
            await asyncio.sleep(2)
            await office.engine("r1").drive("r1")
            assert (await other).status == "succeeded"
            assert journal.slots() == []
            assert office.most_at_once("r1", "r2") <= 2
            assert len(set(office.outside["r1"].started)) == len(office.outside["r1"].started)
            return journal.commits

        commits = run(story(0))
        for at in range(1, commits + 1):
            run(story(at))

    def test_runs_of_one_group_go_one_after_the_other_in_their_order(self, make: Make, journal: Journal) -> None:
        async def story() -> None:
            office = Office(make, journal)
            plan = Plan("close", (job("a", takes=10),), concurrency=Concurrency("g"))
            names = ("r3", "r1", "r2")
            runs = [office.start(run_id, plan) for run_id in names]
            other = office.start("other", replace(plan, concurrency=Concurrency("h")))
            await asyncio.sleep(5)
            assert [row.status for row in journal.grouped("g")] == ["running", "queued", "queued"]
            for ended in runs:
                assert (await ended).status == "succeeded"
            await other
            assert office.most_at_once(*names) == 1
            begun = [
                next(event.at for event in office.events(name) if isinstance(event, RunAdmitted)) for name in names
            ]
            assert begun == sorted(begun)
            assert office.events("other")[-1].at < office.events("r1")[-1].at

        told(story)

    def test_who_is_ended_while_it_waits_for_its_turn_runs_nothing(self, make: Make, journal: Journal) -> None:
        async def story() -> None:
            office = Office(make, journal)
            plan = Plan("close", (job("a", takes=50),), concurrency=Concurrency("g"))
            first, second, third = (office.start(run_id, plan) for run_id in ("r1", "r2", "r3"))
            await asyncio.sleep(5)
            journal.request("r2", AbortRequested(office.clock.now(), AbortLevel.STOP, "run r9", Cause.SUPERSEDED))
            last = await second
            assert (last.status, last.cause) == ("cancelled", "superseded")
            assert not any(isinstance(event, StepBegan) for event in office.events("r2"))
            assert not first.done()
            assert {(await first).status, (await third).status} == {"succeeded"}

        told(story)

    def test_who_dies_while_it_waits_waits_on(self, make: Make, journal: Journal) -> None:
        async def story() -> None:
            office = Office(make, journal)
            plan = Plan("close", (job("a", takes=50),), concurrency=Concurrency("g"))
            first = office.start("r1", plan)
            engine = office.begin("r2", plan)
            asyncio.get_running_loop().call_later(5, engine.detach)
            with pytest.raises(EngineError):
                await engine.drive("r2")
            third = office.start("r3", plan)
            await asyncio.sleep(100)
            assert first.done()
            assert office.outside["r3"].started == [], "r2 comes before it, though nobody drives it"
            assert (await office.engine("r2").drive("r2")).status == "succeeded"
            assert (await third).status == "succeeded"

        told(story)

    def test_a_run_that_supersedes_tells_those_before_it_to_end_and_goes_then(
        self, make: Make, journal: Journal
    ) -> None:
        async def story() -> None:
            office = Office(make, journal)
            plan = Plan("close", (job("a", takes=50),), concurrency=Concurrency("g"))
            runs = [office.start("r1", plan), office.start("r2", plan)]
            await asyncio.sleep(5)
            hasty = replace(plan, concurrency=Concurrency("g", OnConflict.CANCEL))
            assert (await office.start("r3", hasty)).status == "succeeded"
            for name, ended in zip(("r1", "r2"), runs, strict=True):
                last = await ended
                assert (last.status, last.cause) == ("cancelled", "superseded")
                asked = [event for event in office.events(name) if isinstance(event, AbortRequested)]
                assert [(event.by, event.level) for event in asked] == [("run r3", "stop")]
            assert office.outside["r2"].started == []
            assert office.most_at_once("r1", "r2", "r3") == 1

        told(story)

    def test_a_run_does_not_wait_for_the_run_that_it_is_a_step_of(self, make: Make, journal: Journal) -> None:
        async def story() -> None:
            office = Office(make, journal)
            plan = Plan("close", (job("a", takes=50),), concurrency=Concurrency("g"))
            parent = office.start("r1", plan)
            await asyncio.sleep(5)
            journal.create(RunStarted(office.clock.now(), "child", plan, INPUTS, parent="r1"))
            assert (await office.engine("child").drive("child")).status == "succeeded"
            assert (await parent).status == "succeeded"

        told(story)

    def test_a_run_that_is_refused_leaves_nothing(self, make: Make, journal: Journal) -> None:
        async def story() -> None:
            office = Office(make, journal)
            plan = Plan("close", (job("a"),), concurrency=Concurrency("g", OnConflict.REJECT))
            first = office.start("r1", plan)
            await asyncio.sleep(0)
            with pytest.raises(Conflict, match="r1 of the concurrency group 'g' is not over"):
                office.begin("r2", plan)
            assert [row.run_id for row in journal.runs()] == ["r1"]
            assert (await first).status == "succeeded"
            assert (await office.start("r2", plan)).status == "succeeded"

        told(story)


def _scheduled(event: Event, step_id: str) -> bool:
    return isinstance(event, AttemptScheduled) and event.step_id == step_id
