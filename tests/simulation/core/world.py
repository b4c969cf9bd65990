"""The world outside: Jobs that are made, wait, run, are suspended, end, heed a stop or do not. It keeps a ledger."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from flowrun.core.plan import Step
from flowrun.core.status import ErrorClass, Failed, Outcome, Phase, Succeeded

Attempt = tuple[str, int, int]
"""Step, leg, attempt."""

FOREVER = 1e12


class Times:
    """What is going to happen, in the order of its time."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self._order = count()
        self._heap: list[tuple[float, int, Callable[[], None]]] = []

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        if seconds < FOREVER:
            heappush(self._heap, (self.now + seconds, next(self._order), act))

    def next(self) -> float | None:
        return self._heap[0][0] if self._heap else None

    def happen(self, until: float) -> bool:
        """The first thing that is due by then; False where there is none, and then it is that time."""
        if not self._heap or self._heap[0][0] > until:
            self.now = max(self.now, until)
            return False
        when, _, act = heappop(self._heap)
        self.now = max(self.now, when)
        act()
        return True


@dataclass(frozen=True)
class Fate:
    """What would become of an attempt: drawn from its own name, so that no order of things changes it."""

    start: str
    before: float
    transit: float
    reply: float
    phases: tuple[tuple[Phase, float], ...]
    outcome: Outcome
    heeds_stop: bool
    heeds_kill: bool
    latency: float


def fate(seed: int, step: Step, attempt: Attempt) -> Fate:
    """The fate of an attempt. What hangs has a timeout of its own, for else the run would rightly never end."""
    dice = random.Random(f"{seed}:{attempt}")
    start = dice.choices(("made", "rejected", "unknown", "unknown_made"), (30, 3, 0.4, 0.4))[0]
    pending = FOREVER if step.pending_timeout and dice.random() < 0.15 else dice.choice((0.0, 1.0, 20.0))
    phases = [(Phase.PENDING, pending), (Phase.RUNNING, dice.choice((0.0, 3.0, 40.0)))]
    if dice.random() < 0.15:
        phases += [(Phase.SUSPENDED, dice.choice((5.0, 500.0))), (Phase.RUNNING, 5.0)]
    if step.timeout and dice.random() < 0.2:
        phases[-1] = (Phase.RUNNING, FOREVER)
    outcome: Outcome = Succeeded({"v": [attempt[1], attempt[2]]}, {"jobs": [str(attempt)]})
    if dice.random() < 0.25:
        outcome = Failed(dice.choice((ErrorClass.FAULTED, ErrorClass.OUTPUT_CONTRACT)), dice.choice(("bad", "busy")))
    return Fate(
        start=start,
        before=dice.choice((0.0, 0.0, 2.0)),
        transit=dice.choice((0.0, 0.5, 10.0)),
        reply=dice.choice((0.0, 0.5, 20.0)),
        phases=tuple(phases),
        outcome=outcome,
        heeds_stop=dice.random() < 0.7,
        heeds_kill=dice.random() < 0.93,
        latency=dice.choice((0.0, 0.0, 1.0, 7.0)),
    )


@dataclass
class Job:
    """Something that lives outside. `listeners` are told of every phase, and of the end by None."""

    attempt: Attempt
    fate: Fate
    phase: Phase = Phase.PENDING
    ended: bool = False
    outcome: Outcome | None = None
    turn: int = 0
    listeners: list[Callable[[Phase | None], None]] = field(default_factory=list)


class World:
    """All Jobs, by the attempt that made them. `ledger` is what really happened: time, word, attempt."""

    def __init__(self, seed: int, steps: Mapping[str, Step], times: Times) -> None:
        self._seed = seed
        self._steps = dict(steps)
        self._times = times
        self._fates: dict[Attempt, Fate] = {}
        self.jobs: dict[Attempt, Job] = {}
        self.ledger: list[tuple[float, str, Attempt]] = []

    def learn(self, steps: Mapping[str, Step]) -> None:
        """Of steps that the plan did not have before."""
        self._steps.update(steps)

    def fate(self, attempt: Attempt) -> Fate:
        if attempt not in self._fates:
            self._fates[attempt] = fate(self._seed, self._steps[attempt[0]], attempt)
        return self._fates[attempt]

    def make(self, attempt: Attempt) -> None:
        self.ledger.append((self._times.now, "made", attempt))
        if attempt in self.jobs:
            return
        job = self.jobs[attempt] = Job(attempt, self.fate(attempt))
        self._enter(job, 0)

    def stop(self, attempt: Attempt, *, force: bool) -> None:
        job = self.jobs[attempt]
        heeds = job.fate.heeds_kill if force else job.fate.heeds_stop
        if heeds and not job.ended:
            self._times.after(0.0 if force else 4.0, lambda: self._end(job, Failed(ErrorClass.STOPPED_OUTSIDE)))

    def living(self) -> list[Attempt]:
        return [attempt for attempt, job in self.jobs.items() if not job.ended]

    def _enter(self, job: Job, at: int) -> None:
        if job.ended:
            return
        if at == len(job.fate.phases):
            self._end(job, job.fate.outcome)
            return
        job.phase, seconds = job.fate.phases[at]
        for listener in tuple(job.listeners):
            listener(job.phase)
        self._times.after(seconds, lambda: self._enter(job, at + 1))

    def _end(self, job: Job, outcome: Outcome) -> None:
        if job.ended:
            return
        job.ended, job.outcome = True, outcome
        self.ledger.append((self._times.now, "ended", job.attempt))
        for listener in tuple(job.listeners):
            listener(None)
