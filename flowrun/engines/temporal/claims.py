"""Claims: what a run shares with the other runs of its task queue. It writes to their arbiter, and hears by signals.

A plan without pools and group writes to nobody, and costs no event of the history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from flowrun.admission.letters import Anew, Entry, Granted, Party
from flowrun.core.commands import Wish
from flowrun.core.events import AttemptFinished, Event, LegFinished, RunAdmitted, RunFinished
from flowrun.core.plan import Concurrency
from flowrun.core.run import Run
from flowrun.core.status import RunStatus
from flowrun.engines.loop import Inbox
from flowrun.engines.temporal.post import (
    ADMISSION,
    TELL,
    Entered,
    Entering,
    Mail,
    Reply,
    arbiter_id,
    heard,
    pack,
)
from flowrun.engines.temporal.wire import Tree
from flowrun.steps.protocol import Clock

_PAUSE = 1.0
"""Seconds before the arbiter is written to again, which was not there although it had just been begun."""


class Claims:
    """Implements `engines.loop.Claims`. `ancestors`: the runs that this one is a step of."""

    def __init__(self, run: Run, inbox: Inbox, clock: Clock, ancestors: Sequence[str]) -> None:
        info = workflow.info()
        self._run = run
        self._inbox = inbox
        self._clock = clock
        self._own = info.workflow_id
        self._queue = info.task_queue
        self._party = Party(run.state.run_id, info.run_id, entry_of(run.state.plan.concurrency, ancestors))
        self._answers: list[Granted | Anew] = []
        self._children: list[Entering] = []
        self._asked: dict[str, asyncio.Future[tuple[str, ...]]] = {}
        self._sending: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether a letter is under way, or something was heard that is not taken in yet."""
        return bool(self._answers or self._asked) or (self._sending is not None and not self._sending.done())

    def hold(self, *, known: bool) -> None:
        """What the first letter says: it holds a slot for each leg that may be alive. `known`: as `Party.begin`."""
        state = self._run.state
        places = [(at, leg) for at, step in enumerate(state.steps) if step.held for leg in range(len(step.legs))]
        held = [
            Wish(state.place(at).id, leg, state.leg(at, leg).leg.key, state.place(at).pools)
            for at, leg in places
            if state.place(at).pools and state.leg(at, leg).status.active
        ]
        self._party.begin(held, calls=state.status is RunStatus.QUEUED, known=known and bool(state.plan.pools))

    def take(self) -> bool:
        """Take what was granted since, and ask for what legs wait for; whether some was, and the run is to settle."""
        run, granted = self._run, False
        while self._answers:
            granted |= self._hear(self._answers.pop(0))
        self._party.want(run.state.plan.pools, run.wishes(), run.room())
        self._write()
        return granted

    def _hear(self, answer: Granted | Anew) -> bool:
        """A leg may not wait any more by now, or the run have no room for it: its slots go back."""
        run, granted = self._run, False
        for wish in self._party.hear(answer):
            if run.room() > 0 and wish in run.wishes():
                run.grant([wish])
                granted = True
            else:
                self._party.give_back(wish.step_id, wish.leg)
        return granted

    def note(self, events: Sequence[Event]) -> None:
        """These are on record: the slots of what has ended come back, as a journal gives them back."""
        for event in events:
            if isinstance(event, AttemptFinished | LegFinished):
                self._party.give_back(event.step_id, event.leg)
            elif isinstance(event, RunFinished):
                self._party.end()
            elif isinstance(event, RunAdmitted):
                self._party.admitted()

    def heard(self, tree: Tree) -> None:
        """The arbiter has spoken."""
        told = heard(Reply, tree)
        if told is None:
            return
        self._answers += [*told.anew, *told.granted]
        if told.admitted and self._run.state.status is RunStatus.QUEUED:
            self._inbox.put(RunAdmitted(self._clock.now()))
        for entered in told.entered:
            self._answered(entered)
        self._inbox.ring()

    def _answered(self, entered: Entered) -> None:
        asked = self._asked.pop(entered.run_id, None)
        if asked is not None and not asked.done():
            asked.set_result(entered.before)

    async def enter(self, run_id: str, address: str, entry: Entry) -> tuple[str, ...]:
        """Let a child enter its group before it begins, in the workflow of this id; who refuses it, if anybody does."""
        answer: asyncio.Future[tuple[str, ...]] = asyncio.get_running_loop().create_future()
        self._asked[run_id] = answer
        self._children.append(Entering(run_id, address, entry))
        self._write()
        return await answer

    async def aclose(self) -> None:
        """Return when all that was to be said has arrived."""
        self._write()
        if self._sending is not None:
            await self._sending

    def _write(self) -> None:
        """Have on its way what the arbiter is to know: one letter at a time, for they must stay in order."""
        if self._sending is None or self._sending.done():
            mail = self._next()
            if mail is not None:
                self._sending = asyncio.create_task(self._send(mail))
                self._sending.add_done_callback(self._notice)

    def _notice(self, task: asyncio.Task[None]) -> None:
        """What fails here is a bug, and must not leave the run waiting."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._inbox.fail(error)

    def _next(self) -> Mail | None:
        child = self._children.pop(0) if self._children else None
        letter = self._party.letter()
        return None if letter is None and child is None else Mail(self._own, letter, child)

    async def _send(self, first: Mail) -> None:
        mail: Mail | None = first
        while mail is not None:
            await self._deliver(pack(mail))
            mail = self._next()

    async def _deliver(self, mail: Tree) -> None:
        """Where there is no arbiter, begin it: it outlives the run that did."""
        name = arbiter_id(self._queue)
        while True:
            try:
                await workflow.get_external_workflow_handle(name).signal(TELL, mail)
            except FailureError:
                if not await _begun(name, self._queue):
                    await self._clock.sleep(_PAUSE)
            else:
                return


async def _begun(name: str, queue: str) -> bool:
    """Begin the arbiter; False where somebody else was quicker, or its end is not over yet."""
    try:
        await workflow.start_child_workflow(
            ADMISSION,
            id=name,
            task_queue=queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            parent_close_policy=ParentClosePolicy.ABANDON,
            cancellation_type=ChildWorkflowCancellationType.ABANDON,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


def entry_of(concurrency: Concurrency | None, ancestors: Sequence[str]) -> Entry | None:
    """The place in its group of a run with such a plan."""
    return None if concurrency is None else Entry(concurrency.group, concurrency.on_conflict, tuple(ancestors))
