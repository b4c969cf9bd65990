"""An engine of forty lines, in virtual time and without asyncio, that can be killed between any two effects."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from flowrun.core.commands import AwaitStep, Command, Key, StartStep, StopStep
from flowrun.core.events import (
    AttemptFinished,
    AttemptProgressed,
    AttemptStarted,
    Event,
    RunReplanned,
    RunResumed,
)
from flowrun.core.pools import Place
from flowrun.core.run import Run
from flowrun.core.state import RunState
from flowrun.core.status import Cancelled, ErrorClass, Failed, Outcome, Phase, Unknown
from tests.simulation.core.others import Others
from tests.simulation.core.words import Words
from tests.simulation.core.world import Attempt, Job, Times, World

QUIESCENCE = 30.0
"""Seconds after which a look-up by key is sure to find what an earlier process started."""

LATE = 0.1
"""How many words about an attempt are heard a second time, when they are no news any more."""


class Killed(Exception):
    """The process is gone."""


class Journal:
    """The events that were committed, and the state after each commit, by the number of events."""

    def __init__(self, first: Event) -> None:
        self.events: list[Event] = [first]
        self.states: dict[int, RunState] = {}
        self.outstanding: dict[int, list[Command]] = {}

    def commit(self, events: list[Event], run: Run) -> None:
        self.events += events
        self.states[len(self.events)] = run.state
        self.outstanding[len(self.events)] = run.outstanding()


class Engine:
    """One life of the process that drives the run. `crash` is asked at every boundary whether it dies there."""

    def __init__(
        self,
        journal: Journal,
        world: World,
        times: Times,
        dice: Random,
        crash: Callable[[str], bool],
        *,
        drift: float,
        others: Others | None = None,
    ) -> None:
        self.replan: Callable[[RunState], RunReplanned | None] | None = None
        self.run = Run.replay(journal.events, Words(), sharing=others is not None)
        self._others = others
        self.drift = drift
        self._journal = journal
        self._world = world
        self._times = times
        self._dice = dice
        self._crash = crash
        self._inbox: list[Event] = []
        self._flying: dict[Place, dict[Key, list[bool]]] = {}
        self._wanted: dict[Place, tuple[Command, ...]] = {}
        self._dead = False
        self._rung = False
        if others is not None:
            others.hold(self.run)
        if len(journal.events) > 1 and not self.run.finished:
            resumed = RunResumed(self.now(), self.run.state.epoch + 1)
            self.run.record(resumed)
            journal.commit([resumed], self.run)

    def now(self) -> float:
        return self._times.now + self.drift

    def put(self, event: Event) -> None:
        self._inbox.append(event)
        if isinstance(event, AttemptStarted | AttemptFinished) and self._dice.random() < LATE:
            self._later(self._dice.choice((1.0, 30.0)), [True], lambda: self._inbox.append(event))

    def ring(self) -> None:
        """Look again for what other runs may have given back."""
        self._rung = True

    @property
    def awake(self) -> bool:
        """Whether something has arrived."""
        return bool(self._inbox) or self._rung

    def turn(self) -> None:
        """Once through the loop. Raises Killed."""
        self._rung = False
        if self.replan is not None:
            self._go_on_otherwise(self.replan(self.run.state))
            self.replan = None
        inbox, self._inbox = self._inbox, []
        self._go_on([event for event in inbox if self.run.take(event)])
        while self._others is not None and (wishes := self.run.wishes()):
            granted = self._others.take(wishes, self.run.room())
            self._die("after slots were taken")
            if not granted:
                return
            self.run.grant(granted)
            self._go_on([])

    def _go_on_otherwise(self, event: RunReplanned | None) -> None:
        """As the new plan says, if there is one, from here on."""
        if event is not None:
            self._die("before the commit")
            self.run.record(event)
            self._journal.commit([event], self.run)
            self._die("after the commit")

    def _go_on(self, arrived: list[Event]) -> None:
        events = arrived + self.run.settle(self.now())
        assert self.run.settle(self.now()) == [], "settle is not idempotent"
        if events:
            self._die("before the commit")
            self._journal.commit(events, self.run)
            if self._others is not None:
                self._others.release(events)
            self._die("after the commit")
        for place in self.run.touched():
            self._reconcile(place, self.run.commands(place))
            self._die("after a command")

    def _die(self, where: str) -> None:
        if self._crash(where):
            self.kill()
            raise Killed(where)

    def kill(self) -> None:
        """Everything in flight is gone, but for requests that have left already."""
        self._dead = True

    def _reconcile(self, place: Place, wanted: tuple[Command, ...]) -> None:
        flying = self._flying.setdefault(place, {})
        keys = {command.key for command in wanted}
        for key in [key for key in flying if key not in keys]:
            flying.pop(key)[0] = False
        self._wanted[place] = wanted
        for command in wanted:
            if command.key not in flying:
                alive = flying[command.key] = [True]
                self._carry_out(place, command, alive)

    def _later(self, seconds: float, alive: list[bool], act: Callable[[], None]) -> None:
        self._times.after(seconds, lambda: act() if alive[0] and not self._dead else None)

    def _carry_out(self, place: Place, command: Command, alive: list[bool]) -> None:
        attempt = (command.step_id, command.leg, command.attempt)
        match command:
            case StartStep(recheck=recheck):
                wait = QUIESCENCE if recheck else self._world.fate(attempt).before
                self._later(wait, alive, lambda: self._start(place, command, alive))
            case AwaitStep():
                self._await(attempt, alive)
            case StopStep(force=force):
                self._later(0.5, alive, lambda: self._world.stop(attempt, force=force))

    def _may_start(self, place: Place) -> bool:
        return any(isinstance(command, StartStep) and not command.adopt_only for command in self._wanted[place])

    def _start(self, place: Place, command: StartStep, alive: list[bool]) -> None:
        attempt = (command.step_id, command.leg, command.attempt)
        fate = self._world.fate(attempt)
        if command.recheck and attempt in self._world.jobs:
            self._started(attempt)
        elif not self._may_start(place):
            self._finished(attempt, Cancelled())
        elif fate.start == "rejected":
            self._later(fate.reply, alive, lambda: self._finished(attempt, Failed(ErrorClass.START_REJECTED, "no")))
        else:
            if fate.start != "unknown":  # the request is the world's from here on: it arrives though we die
                self._times.after(fate.transit, lambda: self._world.make(attempt))
            lost = fate.start != "made"
            answer = (lambda: self._finished(attempt, Unknown())) if lost else (lambda: self._started(attempt))
            self._later(fate.transit + fate.reply, alive, answer)

    def _started(self, attempt: Attempt) -> None:
        self.put(AttemptStarted(self.now(), *attempt, handle={"job": list(attempt)}))

    def _finished(self, attempt: Attempt, outcome: Outcome) -> None:
        self.put(AttemptFinished(self.now(), *attempt, outcome=outcome, chance=self._dice.random()))

    def _await(self, attempt: Attempt, alive: list[bool]) -> None:
        job = self._world.jobs[attempt]

        def seen(phase: Phase | None) -> None:
            self._later(job.fate.latency, alive, lambda: self._tell(job, phase))

        job.listeners.append(seen)
        seen(None if job.ended else job.phase)

    def _tell(self, job: Job, phase: Phase | None) -> None:
        if phase is None:
            assert job.outcome is not None
            self._finished(job.attempt, job.outcome)
        else:
            self.put(AttemptProgressed(self.now(), *job.attempt, phase=phase, detail=str(phase)))
