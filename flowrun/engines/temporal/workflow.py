"""RunWorkflow: a run, driven in a Temporal workflow by the loop of every engine. Its history is the run's journal.

Whatever is awaited here must be the same in a replay: time, dice and ids are the workflow's, activities do the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from flowrun.core.events import AbortRequested, AttemptFinished, Event, RunFinished, RunReplanned
from flowrun.core.run import Run
from flowrun.core.status import AbortLevel
from flowrun.engines.dispatch import Dispatch
from flowrun.engines.loop import drive
from flowrun.engines.temporal.claims import Claims
from flowrun.engines.temporal.family import Family
from flowrun.engines.temporal.kin import Kin
from flowrun.engines.temporal.ledger import Ledger
from flowrun.engines.temporal.post import CHILD, CLAIMS
from flowrun.engines.temporal.remote import HereKind, RemoteKind, WorkflowClock, WorkflowInbox
from flowrun.engines.temporal.wire import (
    MOVED,
    REPLAN,
    RUN,
    STATUS,
    VERSION,
    WORD,
    Begin,
    Tree,
    pack,
    unpack,
    unpack_word,
)
from flowrun.errors import EngineError, JournalError
from flowrun.journal import snapshot
from flowrun.journal.codec import load
from flowrun.steps.approval import ApprovalKind
from flowrun.steps.protocol import StepKind
from flowrun.steps.wait import WaitKind
from flowrun.steps.workflow import WorkflowKind
from flowrun.templating.evaluator import Templates

WATCHES = "-watch"
"""Behind the name of a task queue: that of its watches, which must not keep starts waiting."""


class _Onward(Exception):
    """The history is long enough: the run goes on in a new one."""


@workflow.defn(name=RUN)
class RunWorkflow:
    """One run. Its arguments are records and `wire.Begin`; its result are the last records."""

    @workflow.init
    def __init__(self, records: list[Tree], begin: Tree) -> None:
        self._began = unpack(Begin, begin)
        if self._began.version > VERSION:
            raise EngineError(
                f"the run was begun by a newer flowrun (version {self._began.version} of what runs are told)",
                hint="Upgrade this worker: pip install --upgrade 'flowrun-rpa[temporal]'",
            )
        self._run = _opened(records, self._began)
        seq = int(records[-1]["seq"]) if records else self._began.seq  # those are in the history: it begins with them
        self._ledger = Ledger(seq, str(self._run.state.status), workflow.info().task_queue, self._began.limits.slice)
        self._inbox = WorkflowInbox(self._ledger.flush)
        self._clock = WorkflowClock()
        self._remote: dict[str, RemoteKind] = {}
        self._here: list[HereKind] = []
        self._dispatch: Dispatch | None = None
        ancestors, continued = self._began.ancestors, self._began.snapshot is not None
        self._claims = Claims(self._run, self._inbox, self._clock, ancestors)
        self._family = Family(lambda: self._run.state, self._clock, self._claims, self._began)
        self._kin = Kin(self._run.state, ancestors, began=continued)

    @workflow.run
    async def run(self, records: list[Tree], begin: Tree) -> list[Tree]:
        """Drive it to its end."""
        del records, begin
        driving = asyncio.create_task(self._drive())
        while True:
            try:
                await asyncio.shield(driving)
            except _Onward:
                await self._onward()
            except asyncio.CancelledError:
                if driving.cancelled():
                    raise
                self._abort("cancelled in Temporal")
            else:
                return self._ledger.take()

    @workflow.signal(name=WORD)
    def word(self, word: Tree) -> None:
        """Somebody wants the run to end, or has the answer to a question of it."""
        chance = workflow.random().random()
        try:
            event = unpack_word(word)
        except JournalError as error:  # of a newer flowrun, or of somebody else: the run goes on without it
            workflow.logger.warning("a word that is none: %s", error.message)
            return
        self._inbox.put(replace(event, chance=chance) if isinstance(event, AttemptFinished) else event)

    @workflow.signal(name=CLAIMS)
    def claims(self, reply: Tree) -> None:
        """The arbiter of the queue has granted slots, or says that it is the run's turn."""
        self._claims.heard(reply)

    @workflow.signal(name=CHILD)
    def child(self, news: Tree) -> None:
        """A run that is a step of this one says how far it is, or how it ended."""
        self._family.heard(news)

    @workflow.update(name=REPLAN)
    def replan(self, word: Tree, seq: int) -> None:
        """The rest of the run is to follow another plan, which was made after the record with this number."""
        del seq
        self._inbox.put(unpack_word(word))

    @replan.validator
    def _may_replan(self, word: Tree, seq: int) -> None:
        if not isinstance(unpack_word(word), RunReplanned):
            raise ApplicationError("only a RunReplanned changes the plan of a run")
        if seq != self._ledger.seq:
            raise ApplicationError(f"the run has gone on: its last record is {self._ledger.seq}, not {seq}", type=MOVED)

    @workflow.query(name=STATUS)
    def status(self) -> Mapping[str, Any]:
        """How far the run is, for who looks at Temporal's pages. What happened stands in the records."""
        state = self._run.state
        steps = zip(state.plan.steps, state.steps, strict=True)
        return {
            "run": state.run_id,
            "status": str(state.status),
            "steps": {one.id: str(at.status) for one, at in steps},
        }

    async def _drive(self) -> RunFinished:
        state = self._run.state
        kinds = self._kinds()
        dispatch = self._dispatch = Dispatch(
            state.run_id,
            kinds,
            self._clock,
            workflow.random().random,
            self._inbox.put,
            self._inbox.fail,
            confirm=lambda: None,
        )
        self._claims.hold(known=self._began.snapshot is not None)
        self._kin.begin()
        scribe = _Scribe(self._ledger, self._claims, self._kin)
        try:
            last = await drive(self._run, scribe, self._inbox, dispatch, self._claims, self._clock, leave=self._leave)
            await asyncio.gather(self._claims.aclose(), self._kin.aclose())
            return last
        finally:
            self._inbox.close()

    def _kinds(self) -> Mapping[str, StepKind]:
        """Those that only wait are here, also for other runs; all others are done by activities."""
        here: tuple[StepKind, ...] = (WaitKind(self._clock), ApprovalKind(self._clock), WorkflowKind(self._family))
        self._here = [HereKind(kind, self._began.told) for kind in here]
        return _Kinds(self._here, self._make)

    def _make(self, name: str) -> RemoteKind:
        state, began = self._run.state, self._began
        place = state.origin.get("orchestrator") if isinstance(state.origin, Mapping) else None
        queue = workflow.info().task_queue + WATCHES
        made = RemoteKind(name, place, self._ledger, began.limits, queue=queue, told=began.told)
        self._remote[name] = made
        return made

    def _leave(self) -> BaseException | None:
        """Asked after every turn: whether the run goes on in a new history. Nothing must be under way then."""
        for kind in self._remote.values():
            kind.reconsider()
        info, limits = workflow.info(), self._began.limits
        long = (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() > limits.events
            or info.get_current_history_size() > limits.size
        )
        return _Onward() if long and not self._busy() else None

    def _busy(self) -> bool:
        remote = any(kind.busy for kind in self._remote.values())
        return remote or self._claims.busy or self._family.busy or self._kin.busy

    async def _onward(self) -> NoReturn:
        """Take in what has come meanwhile, and go on in a new history."""
        assert self._dispatch is not None  # noqa: S101 - `_drive` has made it
        told = {key: one for kind in self._here for key, one in kind.told().items()}
        told |= {key: one for kind in self._remote.values() for key, one in kind.told().items()}
        await self._dispatch.aclose()
        await workflow.wait_condition(workflow.all_handlers_finished)
        arrived: list[Event] = [event for event in self._inbox.take() if self._run.take(event)]
        self._ledger.commit(arrived, self._run)
        seq, tail = self._ledger.seq, self._ledger.take()
        begin = replace(self._began, seq=seq - len(tail), snapshot=snapshot.dump(self._run.state), told=told)
        workflow.continue_as_new(args=[tail, pack(begin)])

    def _abort(self, by: str) -> None:
        self._inbox.put(AbortRequested(self._clock.now(), AbortLevel.STOP, by))


class _Kinds(dict[str, StepKind]):
    """These, and any other as soon as a step is of it."""

    def __init__(self, here: Sequence[StepKind], make: Callable[[str], StepKind]) -> None:
        super().__init__({kind.name: kind for kind in here})
        self._make = make

    def __missing__(self, name: str) -> StepKind:
        made = self[name] = self._make(name)
        return made


class _Scribe:
    """The ledger, and who else is to know what is on record."""

    def __init__(self, ledger: Ledger, claims: Claims, kin: Kin) -> None:
        self._ledger = ledger
        self._claims = claims
        self._kin = kin
        self.most = ledger.most

    def commit(self, events: Sequence[Event], run: Run) -> None:
        """As the ledger does."""
        self._ledger.commit(events, run)
        self._claims.note(events)
        self._kin.note(run.state)


def _opened(records: Sequence[Tree], begin: Begin) -> Run:
    evaluator = Templates()
    if begin.snapshot is not None:
        return Run.restore(snapshot.load(begin.snapshot), evaluator, sharing=True)
    return Run.replay([load(record).event for record in records], evaluator, sharing=True)
