"""Kin: what a run that is a step tells the run that it is a step of: how far it is, and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import FailureError

from flowrun.core.state import RunState
from flowrun.core.status import Phase
from flowrun.engines.temporal.identity import workflow_id
from flowrun.engines.temporal.post import CHILD, News, Said, pack
from flowrun.steps.upshot import Upshot, Words, upshot


class Kin:
    """The child's side. What comes while a signal is under way goes with the next one."""

    def __init__(self, state: RunState, ancestors: Sequence[str], *, began: bool) -> None:
        """`ancestors`: the runs that it is a step of, the nearest first. `began`: it spoke in an earlier history."""
        parent = workflow.info().parent
        self._run_id = state.run_id
        self._to = parent.workflow_id if parent is not None else ""
        if ancestors and not self._to:  # it was ended from outside, and somebody resumed it by its own id
            self._to = workflow_id(ancestors[0])
        self._said: list[Said] = []
        self._upshot: Upshot | None = None
        self._words = Words(self._say)
        self._sending: asyncio.Task[None] | None = None
        if self._to:
            self._words.tell(state)
            if began:
                self._said.clear()

    def begin(self) -> None:
        """Say how far it is."""
        self._write()

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return self._sending is not None and not self._sending.done()

    def note(self, state: RunState) -> None:
        """The run has come so far."""
        if not self._to:
            return
        self._words.tell(state)
        if state.status.final:
            self._upshot = upshot(state)
        self._write()

    async def aclose(self) -> None:
        """Return when all has arrived."""
        if self._sending is not None:
            await self._sending

    def _say(self, phase: Phase, words: str) -> None:
        self._said.append(Said(phase, words))

    def _write(self) -> None:
        if (self._said or self._upshot) and not self.busy:
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        """A parent that was ended from outside does not hear it: when it goes on, it looks."""
        while self._said or self._upshot:
            news = News(self._run_id, tuple(self._said), self._upshot)
            self._said.clear()
            self._upshot = None
            with suppress(FailureError):
                await workflow.get_external_workflow_handle(self._to).signal(CHILD, pack(news))
