"""Waits: the attempts that this process looks after, for all runs; one wait for each, however often it is asked for.

A watch returns with its first news, and the next one asks for the rest at once. Their waits go on in between, so that
the kinds below see one steady set of Jobs, and read it at the pace that they have found.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TypeAlias

from flowrun.core.status import Outcome, Phase
from flowrun.engines.temporal.wire import Awaited, Ended, Told
from flowrun.steps.protocol import StepKind

logger = logging.getLogger(__name__)

KEPT = 60.0
"""Seconds for which a wait goes on though nobody asks for it: the next watch may be a moment away."""

Hear: TypeAlias = Callable[["Told | Ended | BaseException"], None]
_Identity: TypeAlias = tuple[str, str, str, int]


class _Wait:
    """One attempt: all that was told of it, and who hears more."""

    def __init__(self, kind: StepKind, awaited: Awaited) -> None:
        self.told: list[Told] = []
        self.end: Ended | BaseException | None = None
        self.hearers: dict[object, Hear] = {}
        self.ending: asyncio.TimerHandle | None = None
        self.task = asyncio.create_task(self._wait(kind, awaited))

    async def _wait(self, kind: StepKind, awaited: Awaited) -> None:
        try:
            outcome: Outcome = await kind.wait(awaited.attempt, awaited.handle, self._progress)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - who asks for it raises it
            self._tell(error)
        else:
            self._tell(Ended(outcome))

    def _progress(self, phase: Phase, detail: str) -> None:
        told = Told(phase, detail)
        self.told.append(told)
        for hear in tuple(self.hearers.values()):
            hear(told)

    def _tell(self, end: Ended | BaseException) -> None:
        self.end = end
        for hear in tuple(self.hearers.values()):
            hear(end)


class Waits:
    """All waits of this process."""

    def __init__(self, kinds: Mapping[str, StepKind], kept: float = KEPT) -> None:
        self._kinds = kinds
        self._kept = kept
        self._waits: dict[_Identity, _Wait] = {}

    def hear(self, kind: str, awaited: Awaited, hear: Hear) -> Callable[[], None]:
        """Have `hear` told what is news after `awaited.told`, what is there already at once; call the answer to end."""
        identity = _identity(awaited)
        wait = self._waits.get(identity)
        if wait is None:
            wait = self._waits[identity] = _Wait(self._kinds[kind], awaited)
        if wait.ending is not None:
            wait.ending.cancel()
            wait.ending = None
        token = object()
        wait.hearers[token] = hear
        for told in _after(wait.told, awaited.told):
            hear(told)
        if wait.end is not None:
            hear(wait.end)

        def leave() -> None:
            del wait.hearers[token]
            if not wait.hearers:
                if isinstance(wait.end, BaseException):
                    self._drop(identity, wait)  # it is to be tried anew
                else:
                    wait.ending = asyncio.get_running_loop().call_later(self._kept, self._drop, identity, wait)

        return leave

    def _drop(self, identity: _Identity, wait: _Wait) -> None:
        wait.task.cancel()
        if self._waits.get(identity) is wait:
            del self._waits[identity]

    async def aclose(self) -> None:
        """Wait for nothing any more. What runs outside goes on running."""
        waits = list(self._waits.values())
        self._waits.clear()
        for wait in waits:
            if wait.ending is not None:
                wait.ending.cancel()
            wait.task.cancel()
        await asyncio.gather(*(wait.task for wait in waits), return_exceptions=True)


def _after(told: list[Told], last: Told | None) -> list[Told]:
    """What was told after the last that is known; all of it where that is not among it."""
    for at in range(len(told) - 1, -1, -1):
        if told[at] == last:
            return told[at + 1 :]
    return list(told)


def _identity(awaited: Awaited) -> _Identity:
    attempt = awaited.attempt
    return (attempt.run_id, attempt.step_id, attempt.leg, attempt.number)
