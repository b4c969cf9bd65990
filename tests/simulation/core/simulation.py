"""One seed, one world: a random plan is driven to its end through crashes, aborts and a clock that jumps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from flowrun.core.events import AbortRequested, Event, RunAdmitted, RunReplanned, RunStarted
from flowrun.core.plan import Plan
from flowrun.core.replan import Refused, revise
from flowrun.core.state import RunState
from flowrun.core.status import AbortLevel
from tests.simulation.core.engine import QUIESCENCE, Engine, Journal, Killed
from tests.simulation.core.others import Others
from tests.simulation.core.plans import INPUTS, plan, rewritten
from tests.simulation.core.world import Attempt, Times, World

LONGEST = 200_000.0
"""Virtual seconds that the longest of the random plans could need, with room."""

MOST_TURNS = 20_000


@dataclass(frozen=True)
class Trouble:
    """What befalls a run: aborts at these times, and crashes where `crash` says so, by the number of the boundary.

    `rewrites`: after some crashes the run goes on with its plan as somebody has edited it meanwhile.
    """

    aborts: tuple[tuple[float, AbortLevel], ...] = ()
    crash: Callable[[int], bool] = lambda _: False
    down: tuple[float, ...] = (0.0,)
    drifts: bool = False
    rewrites: bool = False


@dataclass
class Story:
    """All that happened, for the judge. `plan` is the last one, `files` what it was edited to, by the event's place."""

    seed: int
    plan: Plan
    trouble: Trouble
    world: World
    journal: Journal
    crashes: int = 0
    boundaries: int = 0
    drifted: bool = False
    commits: list[tuple[int, float]] = field(default_factory=list)
    """For each turn: how many events there were after it, and when it was."""
    living: list[Attempt] = field(default_factory=list)
    late: list[Attempt] = field(default_factory=list)
    files: dict[int, Plan] = field(default_factory=dict)


def trouble(seed: int) -> Trouble:
    """Random trouble: in a third of the seeds none at all, in a tenth a clock that is set."""
    dice = Random(f"trouble:{seed}")
    if seed % 3 == 0:
        return Trouble()
    aborts = []
    if dice.random() < 0.5:
        at = dice.choice((0.0, 1.0, 10.0, 40.0, dice.random() * 200))
        for level in dice.choice((("stop",), ("drain",), ("kill",), ("stop", "kill"), ("drain", "stop", "kill"))):
            aborts.append((at, AbortLevel(level)))
            at += dice.choice((0.0, 3.0, 50.0))
    chance = dice.choice((0.0, 0.02, 0.05, 0.2))
    crashes = {number for number in range(150) if dice.random() < chance}
    return Trouble(
        tuple(aborts),
        crashes.__contains__,
        tuple(dice.choice((0.0, 1.0, 20.0, 100.0)) for _ in range(5)),
        seed % 10 == 1,
        seed % 4 < 2,
    )


def simulate(seed: int, befalls: Trouble | None = None, workflow: Plan | None = None) -> Story:
    """Drive the plan of this seed to its end. Raises AssertionError where it gets stuck or goes in circles."""
    return _Simulation(seed, workflow or plan(Random(f"plan:{seed}")), befalls or trouble(seed)).tell()


class _Simulation:
    def __init__(self, seed: int, workflow: Plan, befalls: Trouble) -> None:
        self._times = Times()
        self._dice = Random(f"dice:{seed}")
        world = World(seed, {step.id: step for step in workflow.steps}, self._times)
        journal = Journal(RunStarted(self._times.now, "run", workflow, INPUTS))
        self._story = Story(seed, workflow, befalls, world, journal)
        self._requests: list[Event] = []
        self._drift = 0.0
        self._engine: Engine | None = None
        for after, level in befalls.aborts:
            self._times.after(after, lambda level=level: self._abort(level))  # type: ignore[misc]
        if workflow.concurrency is not None:
            self._times.after(self._dice.choice((0.0, 5.0, 60.0)), self._admit)
        shared = workflow.pools and seed % 2
        self._others = Others(workflow, self._times, self._dice, self._ring) if shared else None
        if befalls.drifts:
            for after in (5.0, 30.0, 100.0):
                self._times.after(after, self._set_clock)

    def tell(self) -> Story:
        for _ in range(MOST_TURNS):
            if self._engine is None:
                self._boot()
            else:
                self._sleep(self._engine)
            if self._turn():
                return self._afterwards()
            assert self._times.now < 1_000_000 + LONGEST, "it does not end"
        raise AssertionError("it goes in circles")

    def _afterwards(self) -> Story:
        """Requests that left before the end may arrive after it."""
        story = self._story
        story.living = story.world.living()
        until, made = self._times.now + QUIESCENCE, len(story.world.ledger)
        while self._times.happen(until):
            pass
        story.late = [attempt for _, word, attempt in story.world.ledger[made:] if word == "made"]
        return story

    def _abort(self, level: AbortLevel) -> None:
        self._ask(AbortRequested(self._times.now, level, "simulation"))

    def _admit(self) -> None:
        self._ask(RunAdmitted(self._times.now))

    def _ask(self, request: Event) -> None:
        self._requests.append(request)
        if self._engine is not None:
            self._engine.put(request)

    def _ring(self) -> None:
        if self._engine is not None:
            self._engine.ring()

    def _set_clock(self) -> None:
        self._story.drifted = True
        self._drift += self._dice.choice((-100.0, -5.0, 5.0, 100.0))
        if self._engine is not None:
            self._engine.drift = self._drift

    def _boot(self) -> None:
        story = self._story
        if story.crashes:
            down = self._times.now + story.trouble.down[story.crashes % len(story.trouble.down)]
            while self._times.happen(down):
                pass
        self._engine = Engine(
            story.journal,
            story.world,
            self._times,
            self._dice,
            self._crashes,
            drift=self._drift,
            others=self._others,
        )
        if story.trouble.rewrites and story.crashes:
            self._engine.replan = self._replan
        for request in self._requests:
            self._engine.put(request)

    def _replan(self, state: RunState) -> RunReplanned | None:
        """Two of three times the file has been edited, and now and then so that the run cannot go on with it."""
        story = self._story
        if self._dice.random() < 0.33:
            return None
        edited = rewritten(self._dice, state.plan, story.crashes)
        revision = revise(state, edited)
        if isinstance(revision, Refused) or revision.nothing:
            return None
        story.files[len(story.journal.events)] = edited
        story.world.learn({step.id: step for step in revision.plan.steps})
        assert self._engine is not None
        return RunReplanned(self._engine.now(), revision.plan, INPUTS, changed=revision.changed)

    def _crashes(self, _: str) -> bool:
        self._story.boundaries += 1
        return self._story.trouble.crash(self._story.boundaries)

    def _sleep(self, engine: Engine) -> None:
        """Until something arrives or the deadline; now and then several things arrive at once."""
        deadline = engine.run.deadline()
        if deadline is not None:
            deadline -= engine.drift
            assert deadline > self._times.now or engine.drift, "the deadline is over, and nothing was done about it"
        while not engine.awake or (self._dice.random() < 0.3 and self._times.next() == self._times.now):
            assert deadline is not None or self._times.next() is not None, "stuck: nothing will ever happen again"
            if not self._times.happen(deadline if deadline is not None else float("inf")):
                return

    def _turn(self) -> bool:
        engine = self._engine
        assert engine is not None
        try:
            engine.turn()
        except Killed:
            self._engine = None
            self._story.crashes += 1
            return False
        finally:
            committed = self._story.journal.states.get(len(self._story.journal.events))
            self._story.plan = committed.plan if committed else self._story.plan
        self._story.commits.append((len(self._story.journal.events), self._times.now))
        self._check_slots(engine)
        return engine.run.finished

    def _check_slots(self, engine: Engine) -> None:
        """Nobody waits for a slot that is free."""
        state, workflow, now = engine.run.state, self._story.plan, engine.now()
        if state.status.final or (workflow.max_parallel is not None and state.held >= workflow.max_parallel):
            return
        asked = [wish.slots for wish in engine.run.wishes()]
        closed = {pool for slots in asked for pool, count in slots.items() if self._free(engine, pool) < count}
        for step, done in zip(workflow.steps, state.steps, strict=True):
            most = step.fan_out.max_parallel if step.fan_out else None
            if most is None or done.held < most:
                for leg in done.legs:
                    if leg.status == "ready" and leg.due <= now:
                        full = {pool for pool, count in step.pools.items() if self._free(engine, pool) < count}
                        assert full or closed & step.pools.keys(), f"a leg of {step.id} waits for a slot that is free"
                        closed |= full

    def _free(self, engine: Engine, pool: str) -> int:
        if self._others is not None:
            return self._others.free(pool)
        active = zip(self._story.plan.steps, engine.run.state.steps, strict=True)
        return self._story.plan.pools[pool] - sum(step.pools.get(pool, 0) * done.held for step, done in active)
