"""Commands become calls on step kinds, and what the kinds say becomes events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from flowrun.core.commands import AwaitStep, Command, Key, StartStep, StopStep
from flowrun.core.events import AttemptFinished, AttemptProgressed, AttemptStarted, Event
from flowrun.core.pools import Place
from flowrun.core.status import Outcome, Phase
from flowrun.errors import EngineError
from flowrun.steps.protocol import Attempt, Clock, Started, StepKind


class Dispatch:
    """What is in flight for one run: at most one task for each key of each leg.

    A task that is done is remembered until its command is no longer wanted, so that nothing is asked twice. `confirm`
    raises Conflict where the run has been taken over: a process that was frozen must not start what it meant to.
    """

    def __init__(
        self,
        run_id: str,
        kinds: Mapping[str, StepKind],
        clock: Clock,
        dice: Callable[[], float],
        tell: Callable[[Event], None],
        fail: Callable[[BaseException], None],
        *,
        confirm: Callable[[], None],
    ) -> None:
        self._run_id = run_id
        self._kinds = kinds
        self._clock = clock
        self._dice = dice
        self._tell = tell
        self._fail = fail
        self._confirm = confirm
        self._tasks: dict[Place, dict[Key, asyncio.Task[None]]] = {}
        self._flying: set[asyncio.Task[None]] = set()
        self._wanted: dict[Place, tuple[Command, ...]] = {}

    def reconcile(self, place: Place, wanted: tuple[Command, ...]) -> None:
        """Start what is wanted for a leg and not in flight; drop what is in flight and no longer wanted."""
        tasks = self._tasks.pop(place, {})
        keys = {command.key for command in wanted}
        for key in [key for key in tasks if key not in keys]:  # in the order of their beginning, in every process
            self._let_go(tasks.pop(key))
        for command in wanted:
            if command.key not in tasks:
                task = asyncio.create_task(self._carry_out(place, command), name=":".join(map(str, command.key)))
                self._flying.add(task)
                task.add_done_callback(self._notice)
                tasks[command.key] = task
        if tasks:
            self._tasks[place] = tasks
            self._wanted[place] = wanted
        else:
            self._wanted.pop(place, None)

    async def aclose(self) -> None:
        """Let go of everything in flight; what runs outside goes on running."""
        tasks = [task for leg in self._tasks.values() for task in leg.values()]
        for task in tasks:
            self._let_go(task)
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        task.cancel()

    def _notice(self, task: asyncio.Task[None]) -> None:
        """A kind never raises for what the outside does. What it raises all the same is a bug, and ends the engine.

        So does a call that was cancelled, though nobody here let go of it: it would be waited for without end.
        """
        wanted = task in self._flying
        self._flying.discard(task)
        if task.cancelled():
            if wanted:
                self._fail(EngineError(f"{task.get_name()} was given up by its own kind of step"))
        elif (error := task.exception()) is not None:
            self._fail(error)

    def _carry_out(self, place: Place, command: Command) -> Coroutine[Any, Any, None]:
        kind = self._kinds[command.kind]
        match command:
            case StartStep():
                return self._start(kind, place, command)
            case AwaitStep():
                return self._await(kind, command)
            case StopStep(handle=handle, force=force):
                return kind.stop(_attempt(self._run_id, command), handle, force=force)

    async def _start(self, kind: StepKind, place: Place, command: StartStep) -> None:
        answer = await kind.start(_attempt(self._run_id, command), lambda: self._may_start(place, command))
        if isinstance(answer, Started):
            now = self._clock.now()
            self._tell(AttemptStarted(now, command.step_id, command.leg, command.attempt, answer.handle))
        else:
            self._finished(command, answer)

    def _may_start(self, place: Place, command: StartStep) -> bool:
        """Asked right before a start goes out. Raises Conflict where the run has another owner by now."""
        self._confirm()
        return any(
            isinstance(wanted, StartStep) and wanted.key == command.key and not wanted.adopt_only
            for wanted in self._wanted.get(place, ())
        )

    async def _await(self, kind: StepKind, command: AwaitStep) -> None:
        def progress(phase: Phase, detail: str) -> None:
            now = self._clock.now()
            self._tell(AttemptProgressed(now, command.step_id, command.leg, command.attempt, phase, detail))

        outcome = await kind.wait(_attempt(self._run_id, command), command.handle, progress)
        self._finished(command, outcome)

    def _finished(self, command: StartStep | AwaitStep, outcome: Outcome) -> None:
        now, chance = self._clock.now(), self._dice()
        self._tell(AttemptFinished(now, command.step_id, command.leg, command.attempt, outcome, chance))


def _attempt(run_id: str, command: Command) -> Attempt:
    return Attempt(
        run_id=run_id,
        step_id=command.step_id,
        leg=command.leg_key,
        number=command.attempt,
        arguments=command.arguments,
        recheck=isinstance(command, StartStep) and command.recheck,
        adopt_only=isinstance(command, StartStep) and command.adopt_only,
    )
