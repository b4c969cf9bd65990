from __future__ import annotations

import asyncio

import pytest

from flowrun.core.events import AbortRequested, Event, RunFinished, RunStarted
from flowrun.core.plan import Plan, Step
from flowrun.core.run import Run
from flowrun.core.state import RunState
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.engines.dispatch import Dispatch
from flowrun.engines.embedded.claims import Claims
from flowrun.engines.embedded.scribe import Scribe
from flowrun.engines.loop import Inbox, drive
from flowrun.errors import Conflict, EngineError
from flowrun.journal.memory import MemoryJournal
from flowrun.simulation.virtual import VirtualClock, run
from tests.simulation.core.words import Words
from tests.simulation.outside import Outside, ScriptedKind

ABORT = AbortRequested(5.0, AbortLevel.STOP)
ONE = Plan("one", (Step("a", "job"),))
STARTED = RunStarted(0.0, "r", Plan("empty", ()))


async def test_an_inbox_gives_everything_in_order_and_once() -> None:
    inbox = Inbox()
    inbox.put(ABORT)
    inbox.put(STARTED)
    assert inbox.take() == [ABORT, STARTED]
    assert inbox.take() == []


def test_an_inbox_wakes_for_an_event_a_ring_and_the_time() -> None:
    async def main() -> list[float]:
        inbox, loop = Inbox(), asyncio.get_running_loop()
        loop.call_later(3, inbox.put, ABORT)
        loop.call_later(5, inbox.ring)
        woken = []
        for most in (None, None, 2.0, 0.0):
            await inbox.wait(most)
            woken.append(loop.time())
            inbox.take()
        return woken

    assert run(main()) == [3.0, 5.0, 7.0, 7.0]


async def test_an_inbox_does_not_wait_for_what_is_there() -> None:
    inbox = Inbox()
    inbox.put(ABORT)
    async with asyncio.timeout(1):
        await inbox.wait(None)


async def test_a_failure_is_raised_instead_of_events_and_the_first_one_counts() -> None:
    inbox = Inbox()
    inbox.put(ABORT)
    inbox.fail(LookupError("first"))
    inbox.fail(LookupError("second"))
    await inbox.wait(None)
    with pytest.raises(LookupError, match="first"):
        inbox.take()


def test_a_scribe_commits_first_and_tells_then() -> None:
    journal, told = MemoryJournal(), []
    journal.create(STARTED)
    run = Run(STARTED, Words())

    def watch(event: Event, state: RunState) -> None:
        told.append((event, state.status, [record.event for record in journal.read("r")]))

    with journal.own("r", "me") as ownership:
        scribe = Scribe(journal, ownership, 1, watch)
        scribe.commit([], run)
        events = run.settle(1.0)
        scribe.commit(events, run)
    assert told == [(events[0], RunStatus.SUCCEEDED, [STARTED, *events])]


def test_a_scribe_whose_run_was_taken_over_writes_nothing() -> None:
    journal = MemoryJournal()
    journal.create(STARTED)
    with journal.own("r", "me") as ownership:
        pass
    with journal.own("r", "other"), pytest.raises(Conflict):
        Scribe(journal, ownership, 1, None).commit([ABORT], Run(STARTED, Words()))
    assert len(list(journal.read("r"))) == 1


async def driven(plan: Plan, *, detached: bool) -> RunFinished:
    started = RunStarted(0.0, "r", plan)
    journal, inbox, clock = MemoryJournal(), Inbox(), VirtualClock()
    journal.create(started)
    kinds = {"job": ScriptedKind(Outside())}
    dispatch = Dispatch("r", kinds, clock, lambda: 0.0, inbox.put, inbox.fail, confirm=lambda: None)
    with journal.own("r", "me") as ownership:
        scribe = Scribe(journal, ownership, 1, None)
        try:
            made = Run(started, Words())
            claims = Claims(journal, ownership, made, clock)
            left = EngineError("it was to leave") if detached else None
            return await drive(made, scribe, inbox, dispatch, claims, clock, leave=lambda: left)
        finally:
            await dispatch.aclose()


def test_the_loop_ends_with_the_run() -> None:
    assert run(driven(Plan("empty", ()), detached=False)).status == "succeeded"


def test_the_loop_is_left_when_it_is_detached() -> None:
    with pytest.raises(EngineError, match="it was to leave"):
        run(driven(ONE, detached=True))


def test_a_run_that_has_just_ended_is_not_left_but_told() -> None:
    assert run(driven(Plan("empty", ()), detached=True)).status == "succeeded"


def test_the_loop_sleeps_until_something_happens_and_acts_on_it() -> None:
    assert run(driven(ONE, detached=False)).status == "succeeded"
