"""What every engine must make of answers to approvals, which other processes leave in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from flowrun.core.events import AttemptFinished, AttemptScheduled, AttemptStarted, Event, RunFinished, RunResumed
from flowrun.core.plan import Plan
from flowrun.core.status import AbortLevel, Failed, Succeeded
from flowrun.engines.protocol import Engine
from flowrun.journal.memory import MemoryJournal
from flowrun.journal.protocol import Journal
from flowrun.simulation.virtual import run
from flowrun.steps.approval import ApprovalKind
from flowrun.steps.protocol import StepKind
from tests.contracts.engine import RUN, Dying, Gone, Make, World, verdicts
from tests.golden.events.plans import ASKED, Said, golden, log
from tests.simulation.outside import ScriptedKind

DAY = 86_400.0


class Office(World):
    """A world with people in it."""

    def engine(self) -> Engine:
        kinds: Mapping[str, StepKind] = {"job": ScriptedKind(self.outside), "approval": ApprovalKind(self.clock)}
        return self._make(self.journal, kinds, self.clock)

    async def person(self, said: Said) -> None:
        """Answers as soon as the question has stood in the journal for so long, whoever drives the run meanwhile."""
        while not any(_asks(event, said) for event in self.events()):  # noqa: ASYNC110 - another process can but look
            await asyncio.sleep(0.5)
        await asyncio.sleep(said.after)
        answer = said.answer(self.clock.now())
        self.journal.request(RUN, AttemptFinished(answer.at, said.step, said.leg, said.attempt, answer.outcome()))

    def people(self, said: Sequence[Said]) -> list[asyncio.Task[None]]:
        """All of them, at their desks."""
        return [asyncio.ensure_future(self.person(one)) for one in said]


def _asks(event: Event, said: Said) -> bool:
    asked = (said.step, said.leg, said.attempt)
    return isinstance(event, AttemptStarted) and (event.step_id, event.leg, event.attempt) == asked


def asked(make: Make, journal: Journal, name: str) -> Office:
    """The whole run of a plan, with its people."""

    async def main() -> Office:
        office = Office(make, journal)
        plan, said = ASKED[name]
        engine = office.begin(plan)
        people = office.people(said)
        await engine.drive(RUN)
        assert all(person.done() for person in people)
        return office

    return run(main())


def within(seconds: float) -> Plan:
    """The plan of one question, to be answered in so many seconds."""
    plan, _ = ASKED["approval"]
    asks = [
        replace(step, arguments={**step.arguments, "approval": {**step.arguments["approval"], "timeout": seconds}})
        if step.kind == "approval"
        else step
        for step in plan.steps
    ]
    return replace(plan, steps=tuple(asks))


class AnswersContract:
    """The tests. Each gets a function that makes an engine, and a journal."""

    @pytest.mark.parametrize("name", ASKED)
    def test_an_approval_leaves_its_log(self, make: Make, journal: Journal, name: str) -> None:
        assert log(asked(make, journal, name).events()) == golden(name).read_text()

    @pytest.mark.parametrize("name", ASKED)
    def test_a_crash_after_each_commit_loses_no_answer(self, make: Make, name: str) -> None:
        plan, said = ASKED[name]
        whole = Dying()
        right = verdicts(asked(make, whole, name).events())
        for at in range(1, whole.commits + 1):

            async def main(at: int = at) -> Office:
                office = Office(make, Dying(at))
                engine = office.begin(plan)
                office.people(said)
                with suppress(Gone):
                    await engine.drive(RUN)
                await asyncio.sleep(3.0)
                await office.engine().drive(RUN)
                return office

            events = run(main()).events()
            assert isinstance(events[-1], RunFinished)
            assert verdicts(events) == right, f"crash at {at}"

    def test_an_answer_that_was_left_while_nobody_drove_is_heard_at_resume(self, make: Make, journal: Journal) -> None:
        async def main() -> list[Event]:
            office = Office(make, journal)
            plan, said = ASKED["approval"]
            driving = asyncio.ensure_future(office.begin(plan).drive(RUN))
            people = office.people(said)
            await asyncio.sleep(20.0)
            driving.cancel()
            await asyncio.wait([driving, *people])
            assert not any(isinstance(event, RunFinished) for event in office.events())
            await asyncio.sleep(7 * DAY)  # long after its time, which ended after the answer was left
            await office.engine().drive(RUN)
            return office.events()

        events = run(main())
        resumed = next(place for place, event in enumerate(events) if isinstance(event, RunResumed))
        assert _who(events[:resumed]) == []
        assert _who(events[resumed:]) == ["anna"]
        assert isinstance(events[-1], RunFinished)
        assert events[-1].status == "succeeded"

    def test_a_deadline_does_not_move_while_nobody_drives(self, make: Make, journal: Journal) -> None:
        async def main() -> tuple[float, list[Event]]:
            office = Office(make, journal)
            driving = asyncio.ensure_future(office.begin(within(600.0)).drive(RUN))
            await asyncio.sleep(540.0)
            driving.cancel()
            await asyncio.wait([driving])
            await office.engine().drive(RUN)
            return asyncio.get_running_loop().time(), office.events()

        ended, events = run(main())
        assert 600.0 <= ended < 660.0
        assert _who(events) == ["timeout"]

    def test_the_first_of_two_answers_counts(self, make: Make, journal: Journal) -> None:
        async def main() -> list[Event]:
            office = Office(make, journal)
            plan, _ = ASKED["approval"]
            driving = asyncio.ensure_future(office.begin(plan).drive(RUN))
            office.people([Said("sign_off", "rejected", "bob"), Said("sign_off", "approved", "anna")])
            await driving
            return office.events()

        assert _who(run(main())) == ["bob"]

    def test_an_answer_to_an_earlier_question_is_no_answer_to_this_one(self, make: Make, journal: Journal) -> None:
        async def main() -> list[Event]:
            office = Office(make, journal)
            plan, said = ASKED["asked_again"]
            driving = asyncio.ensure_future(office.begin(plan).drive(RUN))
            late = Said("sign_off", "approved", "late", after=200.0)
            office.people([*said, late])
            await driving
            return office.events()

        assert _who(run(main())) == ["bob", "anna"]

    @pytest.mark.parametrize("level", AbortLevel)
    def test_an_abort_ends_the_wait(self, make: Make, journal: Journal, level: AbortLevel) -> None:
        async def main() -> tuple[float, list[Event]]:
            office = Office(make, journal)
            plan, said = ASKED["approval"]
            engine = office.begin(plan)
            driving = asyncio.ensure_future(engine.drive(RUN))
            asyncio.get_running_loop().call_later(50.0, engine.abort, level, "tester")
            if level is AbortLevel.DRAIN:
                office.people(said)
            assert (await driving).status == "cancelled"
            return asyncio.get_running_loop().time(), office.events()

        ended, events = run(main())
        # On a drain what waits may come to its end, here by an answer after a hundred seconds.
        assert ended < 60.0 or level is AbortLevel.DRAIN
        assert ended < 120.0
        assert not any(isinstance(event, AttemptScheduled) and event.step_id == "pay" for event in events)

    def test_dice_are_the_engines(self, make: Make, journal: Journal) -> None:
        events = asked(make, journal, "asked_again").events()
        assert [event.chance for event in _ends(events, "sign_off")] == [0.5, 0.5]


def _ends(events: Sequence[Event], step_id: str) -> list[AttemptFinished]:
    return [event for event in events if isinstance(event, AttemptFinished) and event.step_id == step_id]


def _who(events: Sequence[Event]) -> list[str]:
    """Who answered, one after the other."""
    outcomes = [event.outcome for event in _ends(events, "sign_off")]
    return [outcome.outputs["by"] for outcome in outcomes if isinstance(outcome, Succeeded | Failed)]


def tell_answers(embedded: Callable[..., Engine]) -> Iterator[tuple[str, list[Event]]]:
    """What the embedded engine makes of every plan."""
    for name in ASKED:
        yield name, asked(embedded, MemoryJournal(), name).events()
