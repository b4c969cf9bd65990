"""Story: what became of a run in the trouble of one seed. The shipped engine and protocols, process after process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from flowrun.core.events import AbortRequested, AttemptStarted, RunFinished, RunStarted
from flowrun.core.plan import Json, Plan
from flowrun.core.protocol import Evaluator
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.engines.embedded.engine import EmbeddedEngine, Surroundings
from flowrun.errors import EngineError, JournalError, NotSignedIn
from flowrun.journal.protocol import Record
from flowrun.simulation.courses import Script
from flowrun.simulation.faults import Trouble
from flowrun.simulation.orchestrator import SimJob, Strike
from flowrun.simulation.outside import Outside
from flowrun.simulation.people import People
from flowrun.simulation.process import Died, Link, Listening, Lives, Paper, Witness
from flowrun.simulation.silence import Hang, Silence
from flowrun.simulation.virtual import Stuck, VirtualClock, run
from flowrun.steps.build import build_kinds
from flowrun.steps.policy import Policy

RUN = "sim"
"""The id of the run."""

POLICY = Policy(sign_in_patience=600.0)
"""The numbers for a tenant in the cloud: those of a run for which nothing was configured."""

DOWN = (1.0, 20.0, 600.0, 7200.0)
"""Seconds for which nobody drives the run after its process died: a restart at once, or somebody who comes back."""

AFTER = 2 * POLICY.quiescence
"""Seconds for which the world is watched after the end."""


LONGEST = 1e9
"""Seconds of a story. Long before, what hangs has been ended."""

PATIENCE = 24 * 3600.0
"""Seconds for which a run of which something is wrong may go on after it was killed."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is simulated: a plan with its inputs, and how its Jobs go.

    `span`: how long it takes in fair weather, in seconds: what befalls it falls into that time. `scripts`: by the names
    of workflows. `workflows`: the plans of files that steps run.
    """

    plan: Plan
    inputs: Mapping[str, Json]
    scripts: Mapping[str, Script] = field(default_factory=dict)
    workflows: Mapping[str, Plan] = field(default_factory=dict)
    span: float = 600.0


class Vault:
    """Implements `steps.secrets.Secrets`: a value for every secret that a workflow names, none of them real."""

    def __init__(self, case: Case) -> None:
        plans = (case.plan, *case.workflows.values())
        self._values = {name: f"the simulated {name}" for plan in plans for name in plan.secrets}

    @property
    def values(self) -> Mapping[str, str]:
        """By name."""
        return self._values


@dataclass(frozen=True, slots=True)
class Noted:
    """A record of a journal, and when it was committed, in seconds of the loop."""

    at: float
    run_id: str
    record: Record


@dataclass(slots=True)
class Story:
    """What became of it. Times are seconds of the loop, which begins at 0.

    `end` None: it never came to one. `wrong`: what was found to be flowrun's own fault while it was told.
    """

    seed: int
    case: Case
    trouble: Trouble
    notes: list[Noted] = field(default_factory=list)
    jobs: list[SimJob] = field(default_factory=list)
    strikes: list[Strike] = field(default_factory=list)
    hangs: tuple[Hang, ...] = ()
    wrong: list[str] = field(default_factory=list)
    end: RunFinished | None = None
    took: float = 0.0
    watched: float = 0.0

    def events(self, run_id: str = RUN) -> list[Record]:
        """The journal of a run."""
        return [note.record for note in self.notes if note.run_id == run_id]

    @property
    def run_ids(self) -> list[str]:
        """The run and those that steps of it are, in the order in which they began."""
        return list(dict.fromkeys(note.run_id for note in self.notes))


def tell(seed: int, case: Case, trouble: Trouble, evaluator: Evaluator) -> Story:
    """The story of a seed. Raises nothing for what flowrun does wrong: that stands in the story."""
    story = Story(seed, case, trouble)
    try:
        run(_Telling(story, evaluator).tell(), longest=LONGEST)
    except Stuck as error:
        story.wrong.append(f"it hangs: {error}")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is for whoever reads the report
        story.wrong.append(f"a bug: {type(error).__name__}: {error}")
    return story


class _Telling:
    """One seed, inside of its loop."""

    def __init__(self, story: Story, evaluator: Evaluator) -> None:
        self._story = story
        self._evaluator = evaluator
        self._dice = Random(f"{story.seed}:process")  # noqa: S311 - the same seed must tell the same story
        self._clock = VirtualClock()
        self._lives = Lives(story.trouble.deaths.effects)
        self._paper = Paper(self._lives, story.trouble.full, self._written)
        self._plans: dict[str, Plan] = {}
        self._driver: asyncio.Task[RunFinished] | None = None
        self._since = 0.0
        self._given_up = False

    async def tell(self) -> None:
        story, trouble = self._story, self._story.trouble
        scripts = story.case.scripts
        world = self._world = Outside.of(story.seed, trouble, scripts, self._plans.get)
        story.strikes, self._people = world.strikes, People(story.seed, scripts, self._paper, world)
        around = (self._paper, world, self._people, self._clock, self._evaluator)
        silence = Silence(*around, self._driven_since)
        self._lives.die = self._die
        self._timers()
        looking = asyncio.create_task(silence.look(RUN))
        looking.add_done_callback(self._looked)
        try:
            story.end = await self._drive()
        finally:
            looking.cancel()
            story.jobs, story.hangs = list(world.jobs_made.values()), tuple(silence.hangs)
            story.wrong += silence.wrong
            story.took = asyncio.get_running_loop().time()
            if looking.done() and not looking.cancelled() and (error := looking.exception()):
                raise error
        await asyncio.sleep(AFTER)
        world.settled()
        story.jobs, story.watched = list(world.jobs_made.values()), asyncio.get_running_loop().time()

    async def _drive(self) -> RunFinished | None:
        """Process after process, until one of them ends the run, or shows that flowrun is wrong."""
        made = False
        while True:
            self._lives.dead = False
            made, outcome = await self._live(made)
            if isinstance(outcome, RunFinished):
                return outcome
            if self._given_up:
                return None
            if isinstance(outcome, str):
                self._story.wrong.append(outcome)
                return None
            await asyncio.sleep(self._dice.choice(DOWN))

    async def _live(self, made: bool) -> tuple[bool, RunFinished | str | None]:  # noqa: FBT001 - whether it is on paper
        """One process. It comes to the run's end or to what is wrong, in a sentence; None: it is to be resumed."""
        case = self._story.case
        async with build_kinds(Link(self._world, self._lives), self._clock, POLICY, Vault(case)) as kinds:
            watched = {name: Witness(kind) for name, kind in kinds.items()}
            clock = Listening(self._clock, self._paper)
            engine = EmbeddedEngine(
                Surroundings(self._paper, watched, self._evaluator, clock, self._dice.random, "a process")
            )
            try:
                if not made:
                    engine.create(RUN, case.plan, case.inputs, None, case.workflows)
            except Died:
                return bool(self._story.notes), None
            self._since = asyncio.get_running_loop().time()
            self._driver = asyncio.create_task(engine.drive(RUN))
            await asyncio.wait({self._driver})
            return True, self._outcome(self._driver)

    def _outcome(self, driver: asyncio.Task[RunFinished]) -> RunFinished | str | None:
        if driver.cancelled() or self._lives.dead:
            if not driver.cancelled():
                driver.exception()
            return None if self._lives.dead else "the engine was cancelled, and nobody did it"
        match driver.exception():
            case None:
                return driver.result()
            case JournalError() as error if "disk is full" in error.message:
                self._strike("disk", "the process ended with 10")
                return None
            case NotSignedIn():
                self._strike("token", "the run was left, and is resumed by somebody who is signed in")
                return None
            case EngineError() as error:
                return f"the engine gave up: {error.message}"
            case error:
                return f"a bug: {type(error).__name__}: {error}"

    def _looked(self, looking: asyncio.Task[None]) -> None:
        """Something is wrong, and the run was killed: it has a day to end."""
        if not looking.cancelled():
            asyncio.get_running_loop().call_later(PATIENCE, self._give_up)

    def _give_up(self) -> None:
        self._given_up = True
        if self._driver is not None:
            self._driver.cancel()

    def _driven_since(self) -> float | None:
        return None if self._lives.dead or self._driver is None or self._driver.done() else self._since

    def _die(self, where: str) -> None:
        self._strike("crash", where)
        if self._driver is not None:
            asyncio.get_running_loop().call_soon(self._driver.cancel)

    def _strike(self, fault: str, whom: str) -> None:
        self._story.strikes.append(Strike(asyncio.get_running_loop().time(), fault, whom))

    def _written(self, run_id: str, record: Record) -> None:
        event = record.event
        self._story.notes.append(Noted(asyncio.get_running_loop().time(), run_id, record))
        if isinstance(event, RunStarted):
            self._plans[run_id] = event.plan
            self._people.met(run_id, event.plan)
        elif isinstance(event, AttemptStarted):
            self._people.asked(run_id, self._plans[run_id].workflow, event)
            if isinstance(event.handle, Mapping) and "jobs" in event.handle:
                self._world.known(job["id"] for job in event.handle["jobs"])

    def _timers(self) -> None:
        """What befalls the process at times of its own."""
        loop, trouble = asyncio.get_running_loop(), self._story.trouble
        for at in trouble.deaths.times:
            loop.call_later(at, self._kill)
        for at, level in trouble.aborts:
            loop.call_later(at, self._abort, level)
        for at, jump in trouble.clock:
            loop.call_later(at, self._set, jump)

    def _kill(self) -> None:
        if not self._lives.dead and self._driver is not None and not self._driver.done():
            self._lives.kill("at some moment")

    def _set(self, jump: float) -> None:
        self._strike("clock", f"set {'back' if jump < 0 else 'ahead'} by {abs(jump):.0f} s")
        self._clock.drift += jump

    def _abort(self, level: AbortLevel) -> None:
        if self._story.notes and not RunStatus(self._paper.run(RUN).status).final:
            self._strike("abort", level.value)
            self._paper.request(RUN, AbortRequested(self._clock.now(), level, "somebody"))
