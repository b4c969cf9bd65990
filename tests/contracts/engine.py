"""What every engine must do. An engine's tests are a subclass with a fixture `make`, which gives engines of a journal.

Time is virtual, the outside is scripted, the journal is real.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from flowrun.core.events import (
    AbortRequested,
    AttemptScheduled,
    Event,
    RunFinished,
    RunReplanned,
    RunResumed,
    RunStarted,
    StepFinished,
)
from flowrun.core.plan import Plan, Step
from flowrun.core.state import RunState
from flowrun.core.status import AbortLevel
from flowrun.engines.protocol import Engine
from flowrun.errors import Conflict, EngineError, JournalError, UsageError
from flowrun.journal.memory import MemoryJournal
from flowrun.journal.protocol import Journal, Ownership
from flowrun.simulation.virtual import VirtualClock, run
from flowrun.steps.protocol import Clock, StepKind
from tests.conftest import Figure
from tests.golden.events.plans import ABORTED, INPUTS, PLANS, golden, job, log
from tests.simulation.outside import Outside, ScriptedKind

Make: TypeAlias = Callable[[Journal, Mapping[str, StepKind], Clock], Engine]

Verdicts: TypeAlias = dict[str, tuple[str, str, str]]
"""Result, outcome and cause of each step."""

RUN = "run-1"


class Gone(BaseException):
    """The process dies right here."""


class Dying(MemoryJournal):
    """A journal whose process dies right after the commit of that number, or whose disk is full at it."""

    def __init__(self, at: int = 0, *, full: bool = False) -> None:
        super().__init__()
        self.commits = 0
        self.at = at
        self.full = full
        self.then: Callable[[], object] | None = None

    def append(self, ownership: Ownership, events: Sequence[Event], expected_seq: int) -> int:
        self.commits += 1
        if self.full and self.commits >= self.at > 0:
            raise JournalError("the disk is full")
        seq = super().append(ownership, events, expected_seq)
        if self.commits == self.at and not self.full:
            if self.then is None:
                raise Gone
            self.then()
        return seq


class World:
    """One run of a plan, over any number of lives of its engine."""

    def __init__(self, make: Make, journal: Journal) -> None:
        self.outside = Outside()
        self.journal = journal
        self.clock = VirtualClock()
        self._make = make

    def engine(self) -> Engine:
        return self._make(self.journal, {"job": ScriptedKind(self.outside)}, self.clock)

    def begin(self, plan: Plan) -> Engine:
        engine = self.engine()
        engine.create(RunStarted(self.clock.now(), RUN, plan, INPUTS))
        return engine

    def events(self) -> list[Event]:
        return [record.event for record in self.journal.read(RUN)]


def told(make: Make, journal: Journal, plan: Plan, abort: tuple[float, AbortLevel] | None = None) -> World:
    """The whole run of a plan."""

    async def main() -> World:
        world = World(make, journal)
        engine = world.begin(plan)
        if abort is not None:
            asyncio.get_running_loop().call_later(abort[0], engine.abort, abort[1], "tester")
        assert await engine.drive(RUN) == world.events()[-1]
        return world

    return run(main())


def verdicts(events: Sequence[Event]) -> Verdicts:
    """What became of each step."""
    return {
        event.step_id: (event.result, event.outcome, event.cause) for event in events if isinstance(event, StepFinished)
    }


def stages() -> Iterator[Any]:
    """Each plan, and the abort that comes."""
    for name, plan in PLANS.items():
        yield pytest.param(plan, None, id=name)
    for name, (plan, after, level) in ABORTED.items():
        yield pytest.param(plan, (after, level), id=name)


STAGES = list(stages())
LONG = PLANS["fan"]


class EngineContract:
    """The tests. Each gets a function that makes an engine, and a journal."""

    @pytest.mark.parametrize("name", PLANS)
    def test_a_plan_leaves_its_log(self, make: Make, journal: Journal, name: str) -> None:
        assert log(told(make, journal, PLANS[name]).events()) == golden(name).read_text()

    @pytest.mark.parametrize("name", ABORTED)
    def test_an_abort_leaves_its_log(self, make: Make, journal: Journal, name: str) -> None:
        plan, after, level = ABORTED[name]
        world = told(make, journal, plan, (after, level))
        assert log(world.events()) == golden(name).read_text()
        assert world.outside.living() == []

    @pytest.mark.parametrize("cancelled", [False, True], ids=["dies", "is cancelled"])
    @pytest.mark.parametrize(("plan", "abort"), STAGES)
    def test_a_crash_after_each_commit_changes_no_verdict(
        self, make: Make, figure: Figure, plan: Plan, abort: tuple[float, AbortLevel] | None, *, cancelled: bool
    ) -> None:
        whole = Dying()
        right = verdicts(told(make, whole, plan, abort).events())
        figure("crashes", whole.commits)
        for at in range(1, whole.commits + 1):
            journal = Dying(at)
            world = run(_crashed(make, journal, plan, abort, cancelled=cancelled))
            events = world.events()
            assert len(set(world.outside.started)) == len(world.outside.started), f"started twice: crash at {at}"
            paper = [event for event in events if isinstance(event, AttemptScheduled)]
            intended = [(event.step_id, event.leg, event.attempt) for event in paper]
            assert len(set(intended)) == len(intended)
            assert isinstance(events[-1], RunFinished)
            if abort is None or cancelled:
                assert _known(verdicts(events), right) == _known(right, right), f"crash at {at}"
            if not events[-1].doubts:
                assert world.outside.living() == []

    @pytest.mark.parametrize("level", AbortLevel)
    @pytest.mark.parametrize("name", ["chain", "fan", "retry", "finally", "timeouts"])
    def test_an_abort_after_each_commit_leaves_nothing_behind(self, make: Make, name: str, level: AbortLevel) -> None:
        whole = Dying()
        told(make, whole, PLANS[name])
        for at in range(1, whole.commits):
            journal = Dying(at)

            async def main(journal: Dying = journal) -> World:
                world = World(make, journal)
                engine = world.begin(PLANS[name])
                journal.then = lambda: engine.abort(level, "tester")
                await engine.drive(RUN)
                return world

            world = run(main())
            events = world.events()
            last = events[-1]
            assert isinstance(last, RunFinished)
            assert (last.status, last.cause, last.doubts) == ("cancelled", "abort", ())
            assert world.outside.living() == []
            cut = next(place for place, event in enumerate(events) if isinstance(event, AbortRequested))
            started = {event.step_id for event in events[cut:] if isinstance(event, AttemptScheduled)}
            assert started <= ({"alarm", "unlock"} if level != "kill" else set())

    @pytest.mark.parametrize("at", range(1, 13))
    def test_a_journal_that_fails_stops_everything_at_once(self, make: Make, at: int) -> None:
        journal = Dying(at, full=True)

        async def main() -> None:
            world = World(make, journal)
            engine = world.begin(LONG)
            with pytest.raises(JournalError, match="the disk is full"):
                await engine.drive(RUN)
            written = {(event.step_id, event.leg) for event in world.events() if isinstance(event, AttemptScheduled)}
            before = list(world.outside.started)
            await asyncio.sleep(1000)
            assert world.outside.started == before, "something was started after the journal had failed"
            assert len(before) <= len(written)

        run(main())

    @pytest.mark.parametrize("where", ["start", "wait", "stop"])
    def test_a_bug_in_a_kind_ends_the_engine_with_that_bug(self, make: Make, journal: Journal, where: str) -> None:
        async def main() -> None:
            world = World(make, journal)
            engine = world.begin(Plan("bug", (job("a", raises=where, takes=50, timeout=10.0), job("b"))))
            with pytest.raises(LookupError, match=f"a bug in {where}"):
                await engine.drive(RUN)
            assert not any(isinstance(event, RunFinished) for event in world.events())

        run(main())

    @pytest.mark.parametrize("level", AbortLevel)
    def test_a_word_from_another_process_is_heard(self, make: Make, journal: Journal, level: AbortLevel) -> None:
        async def main() -> None:
            world = World(make, journal)
            engine = world.begin(Plan("long", (job("a", takes=50), job("b", "a"))))
            driving = asyncio.ensure_future(engine.drive(RUN))
            await asyncio.sleep(5)
            journal.request(RUN, AbortRequested(world.clock.now(), level, "somebody else"))
            await asyncio.sleep(1)
            heard = [event for event in world.events() if isinstance(event, AbortRequested)]
            assert [(event.level, event.by) for event in heard] == [(level, "somebody else")]
            assert (await driving).status == "cancelled"

        run(main())

    def test_a_word_left_before_anybody_drives_is_heard_first(self, make: Make, journal: Journal) -> None:
        async def main() -> None:
            world = World(make, journal)
            engine = world.begin(PLANS["chain"])
            journal.request(RUN, AbortRequested(world.clock.now(), AbortLevel.STOP, "early bird"))
            assert (await engine.drive(RUN)).status == "cancelled"
            assert world.outside.started == []

        run(main())

    def test_a_word_is_heard_once_over_all_lives(self, make: Make) -> None:
        async def main() -> None:
            journal = Dying()
            world = World(make, journal)
            driving = asyncio.ensure_future(world.begin(Plan("long", (job("a", takes=50, deaf=1),))).drive(RUN))
            await asyncio.sleep(1)
            journal.request(RUN, AbortRequested(world.clock.now(), AbortLevel.STOP, "other"))
            await asyncio.sleep(1)
            driving.cancel()
            await asyncio.wait([driving])
            await world.engine().drive(RUN)
            assert sum(isinstance(event, AbortRequested) for event in world.events()) == 1

        run(main())

    def test_an_abort_before_the_first_turn_starts_nothing(self, make: Make, journal: Journal) -> None:
        async def main() -> None:
            world = World(make, journal)
            engine = world.begin(PLANS["chain"])
            engine.abort(AbortLevel.STOP, "tester")
            assert (await engine.drive(RUN)).status == "cancelled"
            assert world.outside.started == []

        run(main())

    def test_who_detaches_leaves_everything_running_and_can_come_back(self, make: Make, journal: Journal) -> None:
        async def main() -> None:
            world = World(make, journal)
            engine = world.begin(Plan("long", (job("a", takes=50), job("b", "a"))))
            asyncio.get_running_loop().call_later(5, engine.detach)
            with pytest.raises(EngineError, match="detached"):
                await engine.drive(RUN)
            assert world.outside.living() == ["a:1"]
            assert (await world.engine().drive(RUN)).status == "succeeded"
            assert world.outside.started == ["a:1", "b:1"]

        run(main())

    def test_a_run_that_has_ended_says_so_again_and_writes_nothing(self, make: Make, journal: Journal) -> None:
        async def main() -> None:
            world = World(make, journal)
            last = await world.begin(PLANS["chain"]).drive(RUN)
            before = world.events()
            heard: list[Event] = []
            assert await world.engine().drive(RUN, lambda event, _: heard.append(event)) == last
            assert world.events() == before == heard

        run(main())

    def test_who_knows_the_past_is_told_what_came_after_it(self, make: Make, journal: Journal) -> None:
        async def main() -> None:
            world = World(make, journal)
            engine = world.begin(PLANS["chain"])
            asyncio.get_running_loop().call_later(2, engine.detach)
            with pytest.raises(EngineError):
                await engine.drive(RUN)
            past = list(journal.read(RUN))
            heard: list[Event] = []
            last = await world.engine().drive(RUN, lambda event, _: heard.append(event), past=past[:-1])
            assert heard == world.events()[len(past) - 1 :]
            told = world.events()
            assert await world.engine().drive(RUN, past=list(journal.read(RUN))) == last
            assert world.events() == told

        run(main())

    def test_the_rest_of_a_run_follows_another_plan(self, make: Make, journal: Journal) -> None:
        async def main() -> None:
            world = World(make, journal)
            engine = world.begin(PLANS["chain"])
            asyncio.get_running_loop().call_later(0.5, engine.detach)
            with pytest.raises(EngineError):
                await engine.drive(RUN)
            before = world.events()

            def refuse(_: RunState) -> RunReplanned:
                raise UsageError("not with that")

            with pytest.raises(UsageError):
                await world.engine().drive(RUN, replan=refuse)
            assert world.events() == before

            def replan(state: RunState) -> RunReplanned:
                assert state.step("extract").status == "running"
                plan = replace(state.plan, steps=(state.place(0), job("z", "extract")), outputs={})
                return RunReplanned(world.clock.now(), plan, state.inputs, changed=())

            assert (await world.engine().drive(RUN, replan=replan)).status == "succeeded"
            assert world.outside.started == ["extract:1", "z:1"]
            news = world.events()[len(before) :]
            assert [type(event) for event in news[:2]] == [RunResumed, RunReplanned]

        run(main())

    def test_two_do_not_drive_one_run(self, make: Make, journal: Journal) -> None:
        async def main() -> None:
            world = World(make, journal)
            driving = asyncio.ensure_future(world.begin(PLANS["chain"]).drive(RUN))
            await asyncio.sleep(0.5)
            with pytest.raises(Conflict):
                await world.engine().drive(RUN)
            assert (await driving).status == "succeeded"

        run(main())

    def test_a_name_is_given_once(self, make: Make, journal: Journal) -> None:
        async def main() -> None:
            world = World(make, journal)
            world.begin(PLANS["chain"])
            with pytest.raises(Conflict):
                world.begin(PLANS["chain"])

        run(main())

    def test_who_watches_is_told_everything_once_and_after_it_is_on_paper(self, make: Make, journal: Journal) -> None:
        async def main() -> None:
            world = World(make, journal)
            heard: list[Event] = []

            def watch(event: Event, state: RunState) -> None:
                heard.append(event)
                assert heard == world.events()[: len(heard)]
                assert state.run_id == RUN

            engine = world.begin(LONG)
            asyncio.get_running_loop().call_later(2, engine.detach)
            with pytest.raises(EngineError):
                await engine.drive(RUN, watch)
            assert heard == world.events()
            heard.clear()
            await world.engine().drive(RUN, watch)
            assert heard == world.events()

        run(main())

    def test_a_kind_that_nobody_knows_is_said_and_nothing_starts(self, make: Make, journal: Journal) -> None:
        async def main() -> None:
            world = World(make, journal)
            engine = world.begin(Plan("new", (job("a"), Step("b", "approval"))))
            with pytest.raises(EngineError, match="knows no step of the kind approval"):
                await engine.drive(RUN)
            assert len(world.events()) == 1

        run(main())

    def test_a_resume_is_on_paper_before_anything_else(self, make: Make) -> None:
        async def main() -> None:
            world = World(make, Dying(2))
            with suppress(Gone):
                await world.begin(LONG).drive(RUN)
            before = len(world.events())
            await world.engine().drive(RUN)
            resumed = world.events()[before]
            assert isinstance(resumed, RunResumed)
            assert resumed.epoch > 1
            assert isinstance(world.events()[0], RunStarted)

        run(main())


async def _crashed(
    make: Make, journal: Dying, plan: Plan, abort: tuple[float, AbortLevel] | None, *, cancelled: bool
) -> World:
    """A run that dies once, is away for three seconds, and is driven to its end by another."""
    world = World(make, journal)
    engine = world.begin(plan)
    began = world.clock.now()
    if abort is not None:
        asyncio.get_running_loop().call_later(abort[0], engine.abort, abort[1], "tester")
    driving = asyncio.ensure_future(engine.drive(RUN))
    if cancelled:
        journal.then = driving.cancel
    with suppress(Gone, asyncio.CancelledError):
        await driving
    await asyncio.sleep(3)
    if abort is not None and not any(isinstance(event, AbortRequested) for event in world.events()):
        journal.request(RUN, AbortRequested(began, abort[1], "tester"))
    await world.engine().drive(RUN)
    return world


def _known(facts: Verdicts, right: Verdicts) -> Verdicts:
    """Without those that had been lost: another life may find them."""
    return {step_id: fact for step_id, fact in facts.items() if right[step_id][2] != "lost"}


def tell_all() -> Iterator[tuple[str, list[Event]]]:
    """What the embedded engine makes of every plan."""
    from tests.contracts.embedded import embedded  # noqa: PLC0415 - an engine of one kind, and this is for all

    for name, plan in PLANS.items():
        yield name, told(embedded, MemoryJournal(), plan).events()
    for name, (plan, after, level) in ABORTED.items():
        yield name, told(embedded, MemoryJournal(), plan, (after, level)).events()
