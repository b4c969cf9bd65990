"""Requests: what steps of a run want started or ended, gathered into few activities. Runs inside the workflow.

All that is wanted in one turn of the loop goes together. It costs a history some six events, whether it is one start
or two hundred.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from temporalio.exceptions import ActivityError, RetryState
from temporalio.workflow import ActivityHandle

from flowrun.core.plan import Json
from flowrun.core.state import leg_name
from flowrun.core.status import Cancelled
from flowrun.engines.temporal.ledger import Ledger
from flowrun.engines.temporal.turns import Turns
from flowrun.engines.temporal.wire import START, STOP, Answer, Answers, Awaited, Limits, Starts, Stops, unpack
from flowrun.errors import EngineError
from flowrun.steps.protocol import Attempt, Permission

NOT_STARTED = "it had not been started"


@dataclass(eq=False, slots=True)
class _Asked:
    """An attempt that somebody wants started."""

    attempt: Attempt
    may_start: Permission
    answer: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def give(self, answer: Answer) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    @property
    def left(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self.answer.done()


@dataclass(eq=False, slots=True)
class _Batch:
    asked: list[_Asked]
    handle: ActivityHandle[Any]
    withdrawn: bool = False


class StartRequests:
    """Starts of one kind of step, of one run."""

    def __init__(self, ledger: Ledger, kind: str, place: Json, limits: Limits) -> None:
        self._ledger = ledger
        self._kind = kind
        self._place = place
        self._limits = limits
        self._queue: list[_Asked] = []
        self._flying: list[_Batch] = []
        self._turns = Turns(self._gather)

    @property
    def busy(self) -> bool:
        """Whether a start is asked for that has no answer yet."""
        return bool(self._queue or self._flying)

    async def ask(self, attempt: Attempt, may_start: Permission) -> Answer:
        """As StepKind.start."""
        asked = _Asked(attempt, may_start)
        self._add(asked)
        return await asked.answer

    def reconsider(self) -> None:
        """The run may no longer want what it asked for: a batch of which nothing is wanted need not be begun."""
        for batch in self._flying:
            if not batch.withdrawn and not any(asked.may_start() for asked in batch.asked):
                batch.withdrawn = True
                self._ledger.cancel(batch.handle)

    def _add(self, asked: _Asked) -> None:
        self._queue.append(asked)
        self._turns.ring()

    async def _gather(self) -> None:
        self._turns.over()
        queue, self._queue = self._queue, []
        ready = [asked for asked in queue if self._may_go(asked)]
        for at in range(0, len(ready), self._limits.starts):
            self._send(ready[at : at + self._limits.starts])

    def _may_go(self, asked: _Asked) -> bool:
        """What is no longer wanted is not begun; where it may have been, it is looked for."""
        if asked.left:
            return False
        if not asked.may_start():
            if not (asked.attempt.recheck or asked.attempt.adopt_only):
                asked.give(Cancelled(NOT_STARTED))
                return False
            asked.attempt = replace(asked.attempt, adopt_only=True)
        return True

    def _send(self, asked: list[_Asked]) -> None:
        attempts = tuple(one.attempt for one in asked)
        message = Starts(self._kind, self._place, attempts)
        handle = self._ledger.call(START, message, map(name, attempts), sign=self._limits.lease, until_ended=True)
        batch = _Batch(asked, handle)
        self._flying.append(batch)
        self._turns.spawn(self._carry(batch))

    async def _carry(self, batch: _Batch) -> None:
        try:
            answers: Sequence[Answer | None] = unpack(Answers, await batch.handle).answers
        except ActivityError as error:
            if (fault := bug(error)) is not None:
                self._fail(batch, fault)
                return
            answers = [None] * len(batch.asked)  # withdrawn, and who had begun it is gone, or was told to leave
        finally:
            self._flying.remove(batch)
        for asked, answer in zip(batch.asked, answers, strict=True):
            undone = batch.withdrawn and isinstance(answer, Cancelled) and asked.may_start()
            if answer is None or undone:
                asked.attempt = replace(asked.attempt, recheck=True)
                self._add(asked)
            else:
                asked.give(answer)

    def _fail(self, batch: _Batch, error: EngineError) -> None:
        for asked in batch.asked:
            if not asked.left:
                asked.answer.set_exception(error)


class StopRequests:
    """Requests to end attempts of one kind of step, of one run."""

    def __init__(self, ledger: Ledger, kind: str, place: Json, limits: Limits) -> None:
        self._ledger = ledger
        self._kind = kind
        self._place = place
        self._limits = limits
        self._queue: dict[bool, list[tuple[Awaited, asyncio.Future[None]]]] = {}
        self.flying = 0
        self._turns = Turns(self._gather)

    @property
    def busy(self) -> bool:
        """Whether some attempt is being asked to end."""
        return bool(self._queue or self.flying)

    async def ask(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """As StepKind.stop."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.setdefault(force, []).append((Awaited(attempt, handle), done))
        self._turns.ring()
        await done

    async def _gather(self) -> None:
        self._turns.over()
        queue, self._queue = self._queue, {}
        for force, wanted in queue.items():
            ready = [(awaited, done) for awaited, done in wanted if not done.done()]
            for at in range(0, len(ready), self._limits.starts):
                part = ready[at : at + self._limits.starts]
                message = Stops(self._kind, self._place, tuple(awaited for awaited, _ in part), force)
                parts = (name(awaited.attempt) for awaited, _ in part)
                handle = self._ledger.call(STOP, message, parts, sign=self._limits.sign)
                self.flying += 1
                self._turns.spawn(self._carry(handle, [done for _, done in part]))

    async def _carry(self, handle: ActivityHandle[Any], dones: Sequence[asyncio.Future[None]]) -> None:
        """Who no longer waits for it, since what was to end has ended, lets it go on: it comes to its end by itself."""
        try:
            await handle
        finally:
            self.flying -= 1
            for done in dones:
                if not done.done():
                    done.set_result(None)


def bug(error: ActivityError) -> EngineError | None:
    """What nobody tries again, as an error that leaves the run where it is; None where nobody is to blame.

    An activity that was cancelled is not tried again either, whatever kept its worker from saying what came of it.
    """
    if error.retry_state is not RetryState.NON_RETRYABLE_FAILURE:
        return None
    return EngineError(f"{error.activity_type} cannot be done: {error.cause}")


def name(attempt: Attempt) -> str:
    """Which try at which leg: `post[EU]:2`, or `post:1` for a plain step."""
    return f"{leg_name(attempt.step_id, attempt.leg)}:{attempt.number}"
