"""Family: the runs that steps of a run are, each in a child workflow of its own.

They outlive the workflow of their parent, whatever Temporal does to it: to continue in a new history is an end there,
and who ends a parent from outside must not leave Jobs behind that nobody looks after. So a child is "abandoned", as
Temporal calls it, and tells its parent by signals how far it is and how it ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowCancellationType, ChildWorkflowHandle, ParentClosePolicy

from flowrun.core.events import AbortRequested, RunStarted
from flowrun.core.plan import Json, OnConflict, Plan
from flowrun.core.state import RunState
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.engines import birth
from flowrun.engines.temporal.beginnings import turn
from flowrun.engines.temporal.claims import Claims, entry_of
from flowrun.engines.temporal.identity import marks, memo, workflow_id
from flowrun.engines.temporal.post import LOOK, NONE, OPEN, News, Said, heard, unpack
from flowrun.engines.temporal.wire import RUN, WORD, Begin, Tree, pack, pack_word
from flowrun.journal import naming, summary
from flowrun.journal.codec import dump
from flowrun.journal.protocol import Record
from flowrun.steps.pace import Backoff
from flowrun.steps.protocol import Clock, Progress
from flowrun.steps.upshot import Upshot
from flowrun.templating.evaluator import Templates

FIRST, MOST = 60.0, 600.0
"""Seconds without a word from a child of an earlier history before it is looked whether it is still there, and how
rarely that is done in the end: each time is twice as long as the one before."""

_AT_ONCE = 50
"""Children that are begun, or told to end, at once: each that begins takes its plan along, and a server takes no more
than 4 MB in one message."""

_LOOKING = timedelta(seconds=60)
_ENDED = "it was ended in Temporal"


@dataclass(slots=True)
class _Child:
    """What has been heard of one. `begun`: in this history. `awaited`: a step waits for its end."""

    said: list[Said] = field(default_factory=list)
    upshot: Upshot | None = None
    begun: bool = False
    awaited: bool = False
    bell: asyncio.Event = field(default_factory=asyncio.Event)


class Family:
    """Implements `steps.workflow.Children` for the run that stands as `parent` says."""

    def __init__(
        self,
        parent: Callable[[], RunState],
        clock: Clock,
        claims: Claims,
        begin: Begin,
    ) -> None:
        self._parent = parent
        self._evaluator = Templates()
        self._clock = clock
        self._claims = claims
        self._limits = begin.limits
        self._ancestors = begin.ancestors
        self._children: dict[str, _Child] = {}
        self._beginning = 0
        self._watching: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._gate = asyncio.Semaphore(_AT_ONCE)

    @property
    def busy(self) -> bool:
        """Whether a child is being begun, or was heard and the step that waits for it has not taken that in yet."""
        heard = (child.said or child.upshot for child in self._children.values() if child.awaited)
        return self._beginning > 0 or any(heard)

    def plan(self, workflow: str) -> Plan | None:
        """The plan of a file."""
        return self._parent().workflows.get(workflow)

    async def known(self, run_id: str) -> bool:
        """Whether there is such a run. Only where this one was resumed can it be that nobody here has heard of it."""
        if run_id in self._children:
            return True
        return self._parent().epoch > 1 and (await self._states([run_id]))[run_id] != NONE

    async def begin(self, run_id: str, name: str, inputs: Mapping[str, Json]) -> None:
        """Begin it. Raises TemplateError where its concurrency group cannot be told, Conflict where it is refused."""
        self._beginning += 1
        try:
            await self._begin(birth.child(self._parent(), run_id, name, inputs, self._evaluator, self._clock.now()))
        finally:
            self._beginning -= 1

    async def _begin(self, started: RunStarted) -> None:
        run_id = started.run_id
        ancestors = (started.parent, *self._ancestors)
        entry = entry_of(started.plan.concurrency, ancestors)
        if entry is not None and entry.on_conflict is OnConflict.REJECT:
            before = await self._claims.enter(run_id, workflow_id(run_id), entry)
            if before:
                raise naming.refused_by_group(entry.group, before)
        async with self._gate:
            await self._start(started, ancestors)

    async def _start(self, started: RunStarted, ancestors: Sequence[str]) -> None:
        row = summary.begin(started)
        begin = Begin(limits=self._limits, ancestors=tuple(ancestors))
        try:
            handle = await workflow.start_child_workflow(
                RUN,
                args=[[dump(Record(1, 1, started))], pack(begin)],
                id=workflow_id(started.run_id),
                task_timeout=turn(started.plan),
                static_summary=row.workflow,
                memo=memo(row),
                search_attributes=marks(row),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=ParentClosePolicy.ABANDON,
                cancellation_type=ChildWorkflowCancellationType.ABANDON,
            )
        except WorkflowAlreadyStartedError:  # by an earlier life of this run
            return
        child = self._of(started.run_id)
        child.begun = True
        task = asyncio.create_task(self._watch(started.run_id, child, handle))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    async def _watch(self, run_id: str, child: _Child, handle: ChildWorkflowHandle[Any, Any]) -> None:
        """It says how it ended, and ends then. Where it did not say so, it was ended from outside."""
        with suppress(FailureError):
            await handle
        if child.upshot is None:
            await self._find(run_id, child)

    async def end(self, run_id: str, progress: Progress) -> Upshot:
        """Wait until it says how it ended."""
        child = self._of(run_id)
        child.awaited = True
        if not child.begun and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look_after())
        try:
            while child.upshot is None or child.said:
                await child.bell.wait()
                child.bell.clear()
                said, child.said = child.said, []
                for one in said:
                    progress(one.phase, one.words)
        finally:
            child.awaited = False
        self._children.pop(run_id, None)  # its outputs may be large
        return child.upshot

    async def stop(self, run_id: str, level: AbortLevel, by: str) -> None:
        """Leave it a word; one that has ended needs none."""
        word = AbortRequested(self._clock.now(), level, by)
        async with self._gate:
            with suppress(FailureError):
                await workflow.get_external_workflow_handle(workflow_id(run_id)).signal(WORD, pack_word(word))

    def heard(self, tree: Tree) -> None:
        """A child has spoken."""
        news = heard(News, tree)
        if news is None:
            return
        child = self._of(news.run_id)
        child.said += news.said
        child.upshot = child.upshot or news.upshot
        child.bell.set()

    def _of(self, run_id: str) -> _Child:
        return self._children.setdefault(run_id, _Child())

    async def _look_after(self) -> None:
        """Those whose end Temporal does not tell us, for they were begun in an earlier history."""
        waits = Backoff(FIRST, MOST)
        delay = 0.0 if self._parent().epoch > 1 else waits.next()
        while waited := [name for name, child in self._children.items() if child.awaited and not child.begun]:
            await self._clock.sleep(delay)
            delay = waits.next()
            for run_id, state in (await self._states(waited)).items():
                if state != OPEN:
                    await self._find(run_id, self._of(run_id))

    async def _find(self, run_id: str, child: _Child) -> None:
        """How it ended. Of what ended without a word nobody knows what it left behind."""
        found = await self._look([run_id], run_id)
        news = unpack(News, found["news"]) if "news" in found else News(run_id)
        child.upshot = child.upshot or news.upshot or Upshot(run_id, RunStatus.FAILED, doubts=(_ENDED,))
        child.bell.set()

    async def _states(self, run_ids: Sequence[str]) -> dict[str, str]:
        states = (await self._look(run_ids))["states"]
        return {run_id: states[workflow_id(run_id)] for run_id in run_ids}

    async def _look(self, run_ids: Sequence[str], child: str = "") -> Mapping[str, Any]:
        found: Mapping[str, Any] = await workflow.execute_activity(
            LOOK,
            args=[[], [workflow_id(run_id) for run_id in run_ids], child],
            start_to_close_timeout=_LOOKING,
            retry_policy=RetryPolicy(maximum_interval=_LOOKING),
        )
        return found
