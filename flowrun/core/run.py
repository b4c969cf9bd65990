"""Run: what an engine holds. The state, and the list of what must be looked at because of the last events.

The loop of every engine: *settle*, journal what it gives, compare `commands` with what is in flight, sleep until
something finishes or the `deadline`, journal that, *record* it, again. Recovery is `replay` and the same loop.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush

from flowrun.core import decide
from flowrun.core.commands import Command, Wish
from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptScheduled,
    Event,
    LegEvent,
    LegFinished,
    RunAdmitted,
    RunFinished,
    RunReplanned,
    RunResumed,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.evolve import accepts, begin, evolve
from flowrun.core.plan import Stage
from flowrun.core.pools import Place, Slots, Waiting, lacking
from flowrun.core.protocol import Evaluator
from flowrun.core.questions import Questions
from flowrun.core.state import RunState
from flowrun.core.status import LegStatus, StepStatus
from flowrun.core.timers import Timers
from flowrun.errors import IllegalTransition

_STEP = -1  # stands for "the step itself" in the second half of a Place


class Run:
    """One run. Nothing in it is scanned for each event: an event names the places that it may have changed.

    `sharing`: other runs hold slots of the same pools. A leg that wants some waits until they are granted: `wishes`.
    """

    def __init__(self, began: RunStarted | RunState, evaluator: Evaluator, *, sharing: bool = False) -> None:
        self.state = begin(began) if isinstance(began, RunStarted) else began
        self._evaluator = evaluator
        self._sharing = sharing
        self._build()

    def _build(self) -> None:
        """Every queue, as it follows from the state: nothing in them is known from nowhere else."""
        self._ask = Questions(self._evaluator)
        self._agenda: deque[Place] = deque()
        self._turns: deque[int] = deque()
        self._ready: list[Place] = []
        self._parked: dict[int, list[Place]] = {}
        self._waiting = Waiting()
        self._granted: set[Place] = set()
        self._wished: Counter[int] = Counter()  # how many legs of each step wait for slots to be granted
        self._queued: set[Place] = set()  # who stands in one of these, so that nobody stands there twice
        self._timers = Timers(lambda place: decide.leg_deadline(self.state, *place))
        self._touched: dict[Place, None] = {}
        self._ending = self.state.abort is not None
        self._failed_fast: set[int] = set()
        for at in self._open_steps():
            self._agenda.append((at, _STEP))
            for leg in range(len(self.state.steps[at].legs)):
                self._enter((at, leg))
        stage = next((stage for stage in decide.STAGES if self.state.open[stage]), None)
        if stage is not None:
            self._open(stage)

    def _enter(self, place: Place) -> None:
        """Put a leg where it belongs, whatever its status."""
        status = self.state.leg(*place).status
        if status.active:
            self._touched[place] = None
            self._timers.set(place)
        elif status is LegStatus.TRIED or decide.kept_outcome(self.state, *place) is not None:
            self._agenda.append(place)
        elif status is LegStatus.READY and not self._timers.set(place):
            self._queue(place)

    @classmethod
    def replay(cls, events: Iterable[Event], evaluator: Evaluator, *, sharing: bool = False) -> Run:
        """The run that these events made. Raises IllegalTransition where they are not a run's."""
        rest = iter(events)
        first = next(rest, None)
        if not isinstance(first, RunStarted):
            raise IllegalTransition("a run's first event is RunStarted")
        run = cls(first, evaluator, sharing=sharing)
        for event in rest:
            run.record(event)
        return run

    @classmethod
    def restore(cls, state: RunState, evaluator: Evaluator, *, sharing: bool = False) -> Run:
        """The run that stood like this, without the events that led there. All that may be outside is `touched`."""
        return cls(state, evaluator, sharing=sharing)

    @property
    def finished(self) -> bool:
        """Whether the run has ended."""
        return self.state.status.final

    def take(self, event: Event) -> bool:
        """Record an event that arrived from outside, if it still fits; a late word about what is over is no news.

        The engine must journal it before it acts.
        """
        fits = accepts(self.state, event)
        if fits:
            self.record(event)
        return fits

    def record(self, event: Event) -> None:
        """Take in an event of this run. Raises IllegalTransition where it does not fit."""
        before = self.state
        self.state = evolve(before, event)
        match event:
            case StepBegan(step_id=step_id, legs=legs):
                at = before.index[step_id]
                for leg in range(len(legs)):
                    self._enter((at, leg))
                if not legs:
                    self._agenda.append((at, _STEP))
            case StepFinished(step_id=step_id):
                self._after_step(before.index[step_id])
            case AbortRequested():
                self._ending = True
            case RunResumed():
                for place in self._active():
                    self._touched[place] = None
                    self._timers.set(place)
            case RunReplanned():
                self._build()
            case RunStarted() | RunAdmitted() | RunFinished():
                pass
            case _:
                self._after_leg(before.index[event.step_id], event)

    def _after_step(self, at: int) -> None:
        state = self.state
        for dependent in state.dependents[at]:
            if not state.steps[dependent].unmet:
                self._agenda.append((dependent, _STEP))
        stage = state.place(at).stage
        if not state.open[stage]:
            self._open_after(stage)
        elif stage is Stage.COMPENSATE:
            self._agenda.append((self._turns.popleft(), _STEP))

    def _open_after(self, stage: Stage) -> None:
        following = decide.STAGES[decide.STAGES.index(stage) + 1 :]
        if following:
            self._open(following[0])

    def _open(self, stage: Stage) -> None:
        """Put those steps of a stage on the agenda that can be decided first; an empty stage is over at once."""
        state = self.state
        if not state.open[stage]:
            self._open_after(stage)
        elif stage is Stage.COMPENSATE:
            self._turns.extend(at for at in decide.turns(state) if state.steps[at].status is StepStatus.WAITING)
            if len(self._turns) == state.open[stage]:  # none of them is at it
                self._agenda.append((self._turns.popleft(), _STEP))
        else:
            steps = enumerate(state.plan.steps)
            self._agenda.extend((at, _STEP) for at, step in steps if step.stage is stage and not state.steps[at].unmet)

    def _after_leg(self, at: int, event: LegEvent) -> None:
        leg = event.leg
        place = (at, leg)
        state = self.state
        self._touched[place] = None
        status = state.leg(at, leg).status
        if status is LegStatus.TRIED or status.final:
            self._agenda.append((at, _STEP) if status.final else place)
        if not self._timers.set(place) and status is LegStatus.READY:
            self._queue(place)
        if isinstance(event, AttemptFinished):
            self._unpark(at)
        if isinstance(event, AttemptScheduled | AttemptFinished | LegFinished):
            self._after_slots(place)

    def _queue(self, place: Place) -> None:
        if place not in self._queued:
            self._queued.add(place)
            heappush(self._ready, place)

    def _unpark(self, at: int) -> None:
        """A leg of this step gave its slot back: the first that still waits for one is next."""
        parked = self._parked.get(at)
        while parked:
            place = heappop(parked)
            if self.state.leg(*place).status is LegStatus.READY:
                heappush(self._ready, place)
                return
            self._queued.discard(place)

    def _after_slots(self, place: Place) -> None:
        """A leg took its slots, gave them back, or wants them no more: others may be next."""
        if not self.state.place(place[0]).pools:
            return
        if place in self._waiting or place in self._granted:
            self._waiting.leave(place)
            self._granted.discard(place)
            self._queued.discard(place)
            self._wished[place[0]] -= self._sharing
        self._wake()

    def _wake(self) -> None:
        """Who is next in a queue is looked at again, where there are slots for it. Wishes are looked at when asked."""
        if not self._sharing:
            for place, _ in self._waiting.next(self.state.plan.pools, self.state.pooled):
                self._waiting.leave(place)
                heappush(self._ready, place)

    def settle(self, now: float, most: int | None = None) -> list[Event]:
        """What follows by itself at this time, recorded here; the engine must journal it before it acts.

        It is all of it, or about the first `most`: then there may be more.
        """
        events: list[Event] = []
        while most is None or len(events) < most:
            fresh = self._next(now)
            if not fresh:
                break
            for event in fresh:
                self.record(event)
            events += fresh
        return events

    def _next(self, now: float) -> list[Event]:
        if self.finished or (self.state.admitted_at is None and self.state.abort is None):
            return []
        if self._ending:
            self._ending = False
            ends = [event for at in self._open_steps() for event in self._end(at, now)]
            if ends:
                return ends
        while self._agenda:
            events = self._look(*self._agenda.popleft(), now)
            if events:
                return events
        self._ring(now)
        if self._agenda:
            return self._next(now)
        event = self._schedule(now) or decide.decide_run(self.state, self._ask, now)
        return [event] if event else []

    def _look(self, at: int, leg: int, now: float) -> list[Event]:
        state = self.state
        if leg != _STEP:
            event = decide.decide_leg(state, at, leg, self._ask, now)
            return [event] if event else []
        step = state.steps[at]
        if step.status is StepStatus.RUNNING:
            if not step.open:
                return [decide.finish_step(state, at, now)]
            return self._fail_fast(at, now)
        if step.status is StepStatus.WAITING and not step.unmet and decide.open_for(state, state.place(at).stage):
            return [decide.decide_step(state, at, self._ask, now)]
        return []

    def _fail_fast(self, at: int, now: float) -> list[Event]:
        """Once for each step: looking at all its legs after each of them would be quadratic."""
        if at in self._failed_fast or not decide.fails_fast(self.state, at):
            return []
        self._failed_fast.add(at)
        return self._end(at, now)

    def _end(self, at: int, now: float) -> list[Event]:
        wish = decide.ending(self.state, at, self._ask)
        return list(decide.end_legs(self.state, at, wish[0], force=wish[1], now=now)) if wish else []

    def _ring(self, now: float) -> None:
        for place in self._timers.over(now):
            if self.state.leg(*place).status is LegStatus.READY:
                self._queue(place)
            else:
                self._agenda.append(place)

    def _schedule(self, now: float) -> Event | None:
        """A slot is a decision, not a filter on commands: else a later step could push in beside one in flight."""
        most = self.state.plan.max_parallel
        while self._ready and (most is None or self.state.held < most):
            place = at, leg = heappop(self._ready)
            ready = self.state.leg(at, leg)
            waits = ready.status is LegStatus.READY
            if waits and ready.due <= now and self._must_wait(place):
                continue
            self._queued.discard(place)
            if waits and ready.due <= now:
                return decide.schedule(self.state, at, leg, self._ask, now)
            if waits:  # a leg that a replay found, or a clock that was set back
                self._timers.set(place)
        return None

    def _must_wait(self, place: Place) -> bool:
        """Whether a leg, which then stands in some queue, has no slot: of its fan, of a pool, or none granted yet."""
        at, pools = place[0], self.state.place(place[0]).pools
        if place in self._granted:
            return False
        if self._fan_is_full(at):
            heappush(self._parked.setdefault(at, []), place)
            if pools:
                self._wake()  # it may come from the queue of a pool, in which those behind it need not wait for it
            return True
        if not pools or not (self._sharing or self._lacks(place, pools)):
            return False
        self._waiting.park(place, pools)
        self._wished[at] += self._sharing
        return True

    def _lacks(self, place: Place, wanted: Slots) -> bool:
        """Whether there are no slots for it, or there would be none for one that waits before it."""
        capacities, held = self.state.plan.pools, self.state.pooled
        return bool(lacking(capacities, held, wanted)) or not self._waiting.passes(place, wanted, capacities, held)

    def _fan_is_full(self, at: int) -> bool:
        fan, held = self.state.place(at).fan_out, self.state.steps[at].held + self._wished[at]
        return fan is not None and fan.max_parallel is not None and held >= fan.max_parallel

    def wishes(self) -> tuple[Wish, ...]:
        """The legs that could begin if they were granted their slots, in order. For how many there is `room`."""
        capacities, room = self.state.plan.pools, self.room()
        if not (capacities and self._sharing and room):
            return ()
        held = Counter(self.state.pooled)
        for at, _ in sorted(self._granted):
            held.update(self.state.place(at).pools)
        return tuple(self._wish(place, wanted) for place, wanted in self._waiting.next(capacities, held, room))

    def room(self) -> int:
        """How many more legs may begin, by the limits of the run itself."""
        most = self.state.plan.max_parallel
        return len(self._queued) if most is None else max(0, most - self.state.held - len(self._granted))

    def _wish(self, place: Place, wanted: Slots) -> Wish:
        at, leg = place
        return Wish(self.state.place(at).id, leg, self.state.leg(at, leg).leg.key, wanted)

    def grant(self, wishes: Sequence[Wish]) -> None:
        """These have their slots: what follows is for `settle` to say."""
        for wish in wishes:
            place = (self.state.index[wish.step_id], wish.leg)
            self._waiting.leave(place)
            self._granted.add(place)
            heappush(self._ready, place)

    def _open_steps(self) -> Iterator[int]:
        return (at for at, step in enumerate(self.state.steps) if step.status is StepStatus.RUNNING)

    def _active(self) -> Iterator[Place]:
        for at in self._open_steps():
            for leg, now_leg in enumerate(self.state.steps[at].legs):
                if now_leg.status.active:
                    yield at, leg

    def touched(self) -> list[Place]:
        """The legs whose commands may have changed since this was last asked."""
        places = list(self._touched)
        self._touched.clear()
        return places

    def commands(self, place: Place) -> tuple[Command, ...]:
        """What is outstanding for a leg."""
        return decide.commands(self.state, *place)

    def outstanding(self) -> list[Command]:
        """What is outstanding for all legs: a scan, for tests and for people."""
        return [command for place in self._active() for command in self.commands(place)]

    def deadline(self) -> float | None:
        """When to settle again though nothing happens, in seconds since the epoch; None: only an event can help."""
        times = (self._timers.first(), decide.run_deadline(self.state))
        return min((time for time in times if time is not None), default=None)
