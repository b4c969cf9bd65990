"""The arbiter: keeps the register of slots and turns for the runs of a task queue, in a workflow that they write to.

Whoever needs it first begins it, and it ends when nobody has needed it for a while. What it knows it has from letters,
in the order in which they stand in its history, so it answers the same in a replay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, FailureError

from flowrun.admission.letters import Answer, Superseded
from flowrun.admission.register import Register
from flowrun.core.events import AbortRequested
from flowrun.core.status import AbortLevel, Cause
from flowrun.engines.temporal.post import (
    ADMISSION,
    CLAIMS,
    ENTER,
    LOOK,
    OPEN,
    SLOTS,
    TELL,
    Address,
    Entered,
    Entering,
    Mail,
    Office,
    Reply,
    heard,
    pack,
    reply,
    unpack,
)
from flowrun.engines.temporal.wire import WORD, Tree, pack_word
from flowrun.steps.pace import Backoff

FIRST, MOST = 30.0, 300.0
"""Seconds that somebody waits before it is looked whether those whom it waits for are still there, and how rarely that
is done in the end: each time is twice as long as the one before."""

GRACE = 120.0
"""Seconds after which a run that entered its group, and has not said a word, is one that never began."""

IDLE = 600.0
"""Seconds without a letter after which an arbiter that has nothing to remember ends."""

_AT_ONCE = 500
"""Signals under way: a server takes no more than 2,000 of one workflow."""

_LOOKING = timedelta(seconds=60)


@workflow.defn(name=ADMISSION)
class AdmissionWorkflow:
    """Its argument is an `Office`, or nothing for a new one."""

    @workflow.init
    def __init__(self, office: Tree | None = None) -> None:
        known = Office() if office is None else unpack(Office, office)
        self._register = Register(known.register)
        self._events = known.events
        self._addresses = {one.run_id: one for one in known.addresses}
        self._post: list[Mail] = []
        self._entered: list[tuple[str, Entered]] = []
        self._entering = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._stirred = True
        self._heard = 0.0
        self._idle = False

    @workflow.run
    async def run(self, office: Tree | None = None) -> None:
        """Answer letters."""
        del office
        self._heard = workflow.time()
        tasks = [asyncio.create_task(self._look_after()), asyncio.create_task(self._grow_idle())]
        while True:
            await workflow.wait_condition(lambda: self._stirred or self._over() or self._long())
            if self._stirred:
                await self._answer()
            elif self._over():
                break
            elif self._busy():
                await workflow.wait_condition(lambda: self._stirred or not self._busy())
            else:
                left = tuple(self._addresses.values())
                workflow.continue_as_new(pack(Office(self._register.state(), left, self._events)))
        for task in tasks:
            task.cancel()

    @workflow.signal(name=TELL)
    def tell(self, mail: Tree) -> None:
        """A run has something to say."""
        told = heard(Mail, mail)
        if told is not None:
            self._post.append(told)
            self._stir()

    @workflow.update(name=ENTER)
    async def enter(self, tree: Tree) -> list[str]:
        """Let a run that is about to begin enter its group; the runs because of which it is not to begin, if any."""
        wanted = unpack(Entering, tree)
        self._stir()
        return list(await self._enter(wanted))

    @enter.validator
    def _may_enter(self, tree: Tree) -> None:
        unpack(Entering, tree)

    @workflow.query(name=SLOTS)
    def slots(self) -> list[list[Any]]:
        """What the legs of all runs hold: run, step, leg, pool, count and the key of the leg."""
        return [
            [run_id, wish.step_id, wish.leg, pool, count, wish.leg_key]
            for run_id, sharer in sorted(self._register.runs.items())
            for wish in sorted(sharer.held.values(), key=lambda wish: (wish.step_id, wish.leg))
            for pool, count in sorted(wish.slots.items())
        ]

    def _stir(self) -> None:
        self._stirred, self._idle, self._heard = True, False, workflow.time()

    def _long(self) -> bool:
        info = workflow.info()
        return info.is_continue_as_new_suggested() or info.get_current_history_length() > self._events

    def _busy(self) -> bool:
        """Whether somebody waits for an answer that is being looked for."""
        return self._entering > 0 or not workflow.all_handlers_finished()

    def _over(self) -> bool:
        return self._idle and self._register.empty and not self._busy()

    async def _answer(self) -> None:
        """Read all letters, and tell everybody what follows, until nothing does."""
        while self._stirred:
            self._stirred = False
            post, self._post = self._post, []
            for mail in post:
                self._read(mail)
            answers: dict[str, list[Answer]] = {}
            for answer in self._register.answers():
                answers.setdefault(answer.run_id, []).append(answer)
            entered, self._entered = self._entered, []
            await asyncio.gather(
                *(self._tell(run_id, told) for run_id, told in answers.items()),
                *(self._send(address, CLAIMS, pack(Reply(entered=(one,)))) for address, one in entered),
            )

    def _read(self, mail: Mail) -> None:
        letter, child = mail.letter, mail.child
        if letter is not None:
            self._register.read(letter)
            if letter.over:
                self._addresses.pop(letter.run_id, None)
            else:
                self._note(letter.run_id, mail.workflow, spoken=True)
        if child is not None:
            self._entering += 1
            task = asyncio.create_task(self._enter_for(mail.workflow, child))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _enter_for(self, parent: str, child: Entering) -> None:
        try:
            self._entered.append((parent, Entered(child.run_id, await self._enter(child))))
        finally:
            self._entering -= 1
            self._stirred = True

    def _note(self, run_id: str, address: str, *, spoken: bool = False) -> None:
        known = self._addresses.get(run_id)
        since = workflow.time() if known is None else known.since
        spoken = spoken or (known is not None and known.spoken)
        self._addresses[run_id] = Address(run_id, address, since, spoken)

    async def _enter(self, wanted: Entering) -> tuple[str, ...]:
        """Those before it, where it is not to begin; nobody who has gone without a word is in the way."""
        while before := self._register.enter(wanted.run_id, wanted.entry):
            if not await self._forget_gone(before):
                return before
        self._note(wanted.run_id, wanted.workflow)
        return ()

    async def _tell(self, run_id: str, answers: Sequence[Answer]) -> None:
        """Send a run what it is to know. One that is no more holds nothing."""
        known = self._addresses.get(run_id)
        if known is None:
            return
        sent = True
        for answer in answers:
            if isinstance(answer, Superseded):
                word = AbortRequested(workflow.time(), AbortLevel.STOP, f"run {answer.by}", Cause.SUPERSEDED)
                sent = await self._send(known.workflow, WORD, pack_word(word))
        rest = [answer for answer in answers if not isinstance(answer, Superseded)]
        if rest:
            sent = await self._send(known.workflow, CLAIMS, pack(reply(rest)))
        if not sent:
            self._forget(run_id)

    async def _send(self, address: str, signal: str, tree: Tree) -> bool:
        """Whether there was somebody there."""
        async with self._gate:
            try:
                await workflow.get_external_workflow_handle(address).signal(signal, tree)
            except FailureError:
                return False
            return True

    def _forget(self, run_id: str) -> None:
        self._register.forget(run_id)
        self._addresses.pop(run_id, None)
        self._stirred = True

    async def _look_after(self) -> None:
        """For as long as somebody waits, look now and then whether those whom it waits for are still there."""
        while True:
            await workflow.wait_condition(lambda: self._register.waits)
            waits = Backoff(FIRST, MOST)
            while self._register.waits:
                await asyncio.sleep(waits.next())
                await self._forget_gone(self._register.blockers())

    async def _grow_idle(self) -> None:
        """Set `_idle` when no letter has come for so long."""
        while True:
            await workflow.wait_condition(lambda: self._register.empty and not self._idle)
            await asyncio.sleep(max(1.0, self._heard + IDLE - workflow.time()))
            self._idle = workflow.time() >= self._heard + IDLE

    async def _forget_gone(self, run_ids: Iterable[str]) -> bool:
        """Ask the server which of these runs are no more, and forget them; whether there was one."""
        now = workflow.time()
        asked = {
            known.workflow: run_id
            for run_id in run_ids
            if (known := self._addresses.get(run_id)) is not None and (known.spoken or now > known.since + GRACE)
        }
        if not asked:
            return False
        try:
            found = await workflow.execute_activity(
                LOOK,
                args=[[], list(asked)],
                start_to_close_timeout=_LOOKING,
                schedule_to_close_timeout=5 * _LOOKING,
                retry_policy=RetryPolicy(maximum_interval=_LOOKING),
            )
        except ActivityError:
            return False
        gone = [run_id for address, run_id in asked.items() if found["states"].get(address) != OPEN]
        for run_id in gone:
            self._forget(run_id)
        return bool(gone)
