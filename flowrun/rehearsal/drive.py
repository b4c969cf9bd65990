"""The loop of every engine, in virtual time: settle, carry out by the script, go on to the next time. No await.

A stop that is asked for arrives at once. Events of one time are told in the order in which they were brought about.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from flowrun.core.commands import AwaitStep, Command, Key, StartStep
from flowrun.core.events import AttemptFinished, AttemptProgressed, AttemptStarted, Event, RunStarted
from flowrun.core.pools import Place
from flowrun.core.protocol import Evaluator
from flowrun.core.run import Run
from flowrun.core.state import RunState
from flowrun.core.status import Cancelled, ErrorClass, Failed, Outcome, Phase
from flowrun.rehearsal.fate import Fate, Script
from flowrun.rehearsal.times import Times


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How it went. `open`: what the run still waits for where it never ends; empty where it has ended."""

    events: tuple[Event, ...]
    state: RunState
    took: float
    open: tuple[Command, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether the run came to its end."""
        return self.state.status.final


def rehearse(started: RunStarted, evaluator: Evaluator, script: Script, happens: Iterable[Event] = ()) -> Rehearsed:
    """Drive a run from its first event to its end. `happens`: what comes from outside (an abort, its turn), by `at`."""
    return _Rehearsal(started, evaluator, script, happens).tell()


class _Rehearsal:
    """One life of a run. Remembers for each leg which commands are in flight, as an engine does."""

    def __init__(self, started: RunStarted, evaluator: Evaluator, script: Script, happens: Iterable[Event]) -> None:
        self._run = Run(started, evaluator)
        self._script = script
        self._times = Times(started.at)
        self._events: list[Event] = [started]
        self._inbox: list[Event] = []
        self._flying: dict[Place, set[Key]] = {}
        self._fates: dict[Place, Fate] = {}
        for event in happens:
            self._times.at(event.at, lambda event=event: self._inbox.append(event))  # type: ignore[misc]

    def tell(self) -> Rehearsed:
        run, times = self._run, self._times
        while True:
            arrived, self._inbox = self._inbox, []
            self._events += [event for event in arrived if run.take(event)]
            self._events += run.settle(times.now)
            for place in run.touched():
                self._reconcile(place, run.commands(place))
            if run.finished or not (self._inbox or times.advance(run.deadline())):
                break
        took = self._events[-1].at - self._events[0].at
        return Rehearsed(tuple(self._events), run.state, took, tuple(run.outstanding()))

    def _reconcile(self, place: Place, wanted: tuple[Command, ...]) -> None:
        flying = self._flying.get(place, set())
        for command in wanted:
            if command.key not in flying:
                self._carry_out(place, command)
        if wanted:
            self._flying[place] = {command.key for command in wanted}
        else:
            self._flying.pop(place, None)

    def _carry_out(self, place: Place, command: Command) -> None:
        match command:
            case StartStep():
                fate = self._fates[place] = self._script.fate(command, self._times.now)
                self._times.at(self._times.now + fate.begins_after, lambda: self._start(place, command, fate))
            case AwaitStep():
                self._await(command, self._fates[place])
            case _:
                fate = self._fates[place]
                after = fate.killed_after if command.force else fate.stops_after
                if after is not None:
                    stopped = fate.stopped or Failed(ErrorClass.STOPPED_OUTSIDE, "it was asked to end")
                    self._times.at(self._times.now + after, lambda: self._finish(command, stopped, fate))

    def _start(self, place: Place, command: StartStep, fate: Fate) -> None:
        """As a kind does: the run is asked right before whether it still wants this."""
        wanted = self._run.commands(place)
        if not any(isinstance(one, StartStep) and one.key == command.key and not one.adopt_only for one in wanted):
            self._finish(command, Cancelled("it had not been started"), fate)
        elif fate.begins:
            now = self._times.now
            self._inbox.append(AttemptStarted(now, command.step_id, command.leg, command.attempt, fate.handle))
        elif fate.outcome is not None:
            self._finish(command, fate.outcome, fate)

    def _await(self, command: AwaitStep, fate: Fate) -> None:
        when = self._times.now
        for spell in fate.spells:
            if math.isinf(when):
                return
            self._times.at(when, lambda spell=spell: self._progress(command, spell.phase, spell.detail))  # type: ignore[misc]
            when += spell.seconds
        outcome = fate.outcome
        if outcome is not None and not math.isinf(when):
            self._times.at(when, lambda: self._finish(command, outcome, fate))

    def _progress(self, command: Command, phase: Phase, detail: str) -> None:
        now = self._times.now
        self._inbox.append(AttemptProgressed(now, command.step_id, command.leg, command.attempt, phase, detail))

    def _finish(self, command: Command, outcome: Outcome, fate: Fate) -> None:
        now = self._times.now
        event = AttemptFinished(now, command.step_id, command.leg, command.attempt, outcome, fate.chance)
        self._inbox.append(event)
