from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from flowrun.core.commands import AwaitStep, StartStep, StopStep
from flowrun.core.events import AttemptFinished, AttemptProgressed, AttemptStarted, Event
from flowrun.core.plan import Json, Step
from flowrun.core.status import Cancelled, Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.engines.dispatch import Dispatch
from flowrun.errors import Conflict, EngineError
from flowrun.simulation.virtual import EPOCH, VirtualClock, run
from flowrun.steps.protocol import Attempt, Permission, Preflight, Progress, Started

WHO: tuple[str, int, str, int, str, dict[str, int]] = ("a", 2, "EU", 3, "job", {"x": 1})
START = StartStep(*WHO)
ADOPT = StartStep(*WHO, adopt_only=True)
AWAIT = AwaitStep(*WHO, handle={"j": 1})
STOP = StopStep(*WHO, handle={"j": 1}, force=False)
KILL = StopStep(*WHO, handle={"j": 1}, force=True)
PLACE = (0, 2)


class Kind:
    """Does what it is told to, and remembers what it was asked."""

    name = "job"

    def __init__(self, answer: Any = None) -> None:
        self.answer: Any = answer or Started({"j": 1})
        self.asked: list[str] = []
        self.attempts: list[Attempt] = []
        self.dropped: list[int] = []
        self.may: Permission = lambda: False
        self.gate = asyncio.Event()

    async def check(self, steps: Sequence[Step]) -> Preflight:
        raise NotImplementedError

    async def _told(self, word: str, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        self.asked.append(word)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.asked.append(f"{word} dropped")
            self.dropped.append(attempt.number)
            raise
        if isinstance(self.answer, BaseException):
            raise self.answer

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        self.may = may_start
        await self._told("start", attempt)
        answer: Started | Failed | Cancelled | Unknown = self.answer
        return answer

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        assert handle == {"j": 1}
        progress(Phase.RUNNING, "Running")
        await self._told("wait", attempt)
        outcome: Outcome = self.answer
        return outcome

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        assert handle == {"j": 1}
        await self._told("kill" if force else "stop", attempt)


class Desk:
    """A dispatch, what it tells and how it fails."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.told: list[Event] = []
        self.taken_over = False
        self.failures: list[BaseException] = []
        self.dispatch = Dispatch(
            "run",
            {"job": kind},
            VirtualClock(),
            lambda: 0.25,
            self.told.append,
            self.failures.append,
            confirm=self.confirm,
        )

    def confirm(self) -> None:
        if self.taken_over:
            raise Conflict("taken over")

    async def pause(self) -> None:
        await asyncio.sleep(0.001)


def desk(test: Callable[[Desk], Any], answer: Any = None) -> None:
    async def main() -> None:
        at = Desk(Kind(answer))
        await test(at)
        await at.dispatch.aclose()

    run(main())


@pytest.mark.parametrize("answer", [Failed("start_rejected"), Cancelled(), Unknown()])
def test_what_a_start_says_is_what_becomes_of_the_attempt(answer: Outcome) -> None:
    async def test(at: Desk) -> None:
        at.kind.gate.set()
        at.dispatch.reconcile(PLACE, (START,))
        await at.pause()
        assert at.told == [AttemptFinished(EPOCH, "a", 2, 3, answer, chance=0.25)]

    desk(test, answer)


def test_who_was_taken_over_may_start_nothing() -> None:
    async def test(at: Desk) -> None:
        at.dispatch.reconcile(PLACE, (START,))
        await at.pause()
        assert at.kind.may()
        at.taken_over = True
        with pytest.raises(Conflict, match="taken over"):
            at.kind.may()

    desk(test)


def test_what_was_started_is_told_with_its_handle() -> None:
    async def test(at: Desk) -> None:
        at.kind.gate.set()
        at.dispatch.reconcile(PLACE, (StartStep(*WHO, recheck=True),))
        await at.pause()
        assert at.told == [AttemptStarted(EPOCH, "a", 2, 3, {"j": 1})]
        assert at.kind.attempts == [Attempt("run", "a", "EU", 3, {"x": 1}, recheck=True)]

    desk(test)


def test_what_is_awaited_is_told_with_its_phases() -> None:
    async def test(at: Desk) -> None:
        at.dispatch.reconcile(PLACE, (AWAIT,))
        await at.pause()
        at.kind.gate.set()
        await at.pause()
        assert [type(event) for event in at.told] == [AttemptProgressed, AttemptFinished]
        assert isinstance(at.told[0], AttemptProgressed)
        assert (at.told[0].phase, at.told[0].detail) == (Phase.RUNNING, "Running")

    desk(test, Succeeded())


def test_nothing_is_asked_twice_and_what_is_not_wanted_is_dropped() -> None:
    async def test(at: Desk) -> None:
        at.dispatch.reconcile(PLACE, (AWAIT,))
        await at.pause()
        at.dispatch.reconcile(PLACE, (AWAIT, STOP))
        await at.pause()
        at.dispatch.reconcile(PLACE, (AWAIT, KILL))
        await at.pause()
        assert at.kind.asked == ["wait", "stop", "stop dropped", "kill"]
        at.dispatch.reconcile(PLACE, ())
        await at.pause()
        assert at.kind.asked[4:] == ["wait dropped", "kill dropped"]
        assert at.failures == []

    desk(test)


def test_what_is_not_wanted_is_dropped_in_the_order_in_which_it_began() -> None:
    """A process that does a run over must drop in the same order, and the hashes of texts differ between processes."""

    async def test(at: Desk) -> None:
        at.dispatch.reconcile(PLACE, tuple(AwaitStep("a", 2, "EU", number, "job", {}, {"j": 1}) for number in range(9)))
        await at.pause()
        at.dispatch.reconcile(PLACE, ())
        await at.pause()
        assert at.kind.dropped == list(range(9))

    desk(test)


def test_a_stop_that_was_said_is_not_said_again() -> None:
    async def test(at: Desk) -> None:
        at.kind.gate.set()
        at.dispatch.reconcile(PLACE, (STOP,))
        await at.pause()
        at.dispatch.reconcile(PLACE, (STOP,))
        await at.pause()
        assert at.kind.asked == ["stop"]

    desk(test)


def test_leave_to_start_ends_when_only_adopting_is_wanted() -> None:
    async def test(at: Desk) -> None:
        at.dispatch.reconcile(PLACE, (START,))
        await at.pause()
        assert at.kind.may()
        at.dispatch.reconcile(PLACE, (ADOPT,))
        await at.pause()
        assert not at.kind.may()
        at.dispatch.reconcile(PLACE, ())
        assert not at.kind.may()
        assert at.kind.asked == ["start"]

    desk(test)


def test_a_bug_in_a_kind_is_not_lost() -> None:
    async def test(at: Desk) -> None:
        at.kind.gate.set()
        at.dispatch.reconcile(PLACE, (START,))
        await at.pause()
        assert [str(error) for error in at.failures] == ["a bug"]
        assert at.told == []

    desk(test, LookupError("a bug"))


def test_a_call_that_its_own_kind_gave_up_is_not_waited_for() -> None:
    async def test(at: Desk) -> None:
        at.kind.gate.set()
        at.dispatch.reconcile(PLACE, (AWAIT,))
        await at.pause()
        assert [type(error) for error in at.failures] == [EngineError]
        assert "await:a:2:3" in str(at.failures[0])

    desk(test, asyncio.CancelledError())


def test_closing_lets_go_of_everything_and_fails_nothing() -> None:
    async def test(at: Desk) -> None:
        at.dispatch.reconcile(PLACE, (AWAIT, STOP))
        at.dispatch.reconcile((0, 3), (START,))
        await at.pause()
        await at.dispatch.aclose()
        assert sorted(at.kind.asked[3:]) == ["start dropped", "stop dropped", "wait dropped"]
        assert at.failures == []
        assert len(at.told) == 1

    desk(test)
