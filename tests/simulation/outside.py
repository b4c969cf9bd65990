"""A kind of step with a script for each attempt, and the outside that it starts things in: it outlives any engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowrun.core.plan import Json, Step
from flowrun.core.status import Cancelled, Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.steps.protocol import Attempt, Permission, Preflight, Progress, Started

QUIESCENCE = 5.0


@dataclass
class Work:
    """One thing outside. `over` is set when it has ended."""

    script: Mapping[str, Any]
    number: int
    phase: Phase = Phase.PENDING
    stopped: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    changed: list[Callable[[], None]] = field(default_factory=list)


class Outside:
    """All that was ever started, by the key of its attempt."""

    def __init__(self) -> None:
        self.works: dict[str, Work] = {}
        self.started: list[str] = []

    def living(self) -> list[str]:
        return [key for key, work in self.works.items() if not work.over.is_set()]

    def start(self, key: str, script: Mapping[str, Any], number: int) -> None:
        self.started.append(key)
        work = self.works[key] = Work(script, number)
        self.later(float(script.get("pending", 0)), self._run, work)

    def later(self, seconds: float, call: Callable[..., object], *arguments: object) -> None:
        """Have it called after that many seconds."""
        asyncio.get_running_loop().call_later(seconds, call, *arguments)

    async def nap(self, seconds: float) -> None:
        """Return after that many seconds."""
        await asyncio.sleep(seconds)

    def _run(self, work: Work) -> None:
        if not work.over.is_set():
            work.phase = Phase.RUNNING
            for tell in work.changed:
                tell()
            self.later(float(work.script.get("takes", 1)), work.over.set)


class ScriptedKind:
    """Implements StepKind. What an attempt's arguments say happens.

    `pending` and `takes` are seconds; `fails` an error class, in the first `times` attempts; `refused` the same for
    the start itself; `deaf` how many ways of asking it to end are not heard; `raises` where it has a bug.
    """

    name = "job"

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def check(self, steps: Sequence[Step]) -> Preflight:
        del steps
        return Preflight()

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        script, key = attempt.arguments, key_of(attempt)
        self._stumble(script, "start")
        if attempt.recheck:
            await self._outside.nap(QUIESCENCE)
            if key in self._outside.works:
                return Started({"key": key})
        await self._outside.nap(float(script.get("slow", 0)))
        if attempt.adopt_only or not may_start():
            return Cancelled("it never began")
        if "refused" in script and attempt.number <= script.get("times", 1):
            return Failed(script["refused"], "not now")
        self._outside.start(key, script, attempt.number)
        await self._outside.nap(float(script.get("answers", 0)))
        return Unknown("no answer") if script.get("lost") else Started({"key": key})

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        work = self._outside.works[handle["key"]]
        self._stumble(work.script, "wait")

        def tell() -> None:
            progress(work.phase, str(work.phase))

        tell()
        if work.phase is Phase.PENDING:
            work.changed.append(tell)
        await work.over.wait()
        if work.stopped:
            return Failed("stopped_outside", "somebody asked it to end")
        if "fails" in work.script and attempt.number <= work.script.get("times", 1):
            return Failed(work.script["fails"], "as the script says")
        return Succeeded(work.script.get("gives", {"by": key_of(attempt)}), {"jobs": [key_of(attempt)]})

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        assert key_of(attempt) == handle["key"]
        work = self._outside.works[handle["key"]]
        self._stumble(work.script, "stop")
        await self._outside.nap(0.5)
        if work.script.get("deaf", 0) <= force:
            work.stopped = True
            work.over.set()

    @staticmethod
    def _stumble(script: Mapping[str, Any], where: str) -> None:
        if script.get("raises") == where:
            raise LookupError(f"a bug in {where}")


def key_of(attempt: Attempt) -> str:
    """`post[EU]:2`; with the way to its run in front where that is the child of another, `close.1/post[EU]:2`."""
    leg = f"[{attempt.leg}]" if attempt.leg else ""
    way = attempt.run_id.partition(".")[2]
    return f"{way}/{attempt.step_id}{leg}:{attempt.number}" if way else f"{attempt.step_id}{leg}:{attempt.number}"
