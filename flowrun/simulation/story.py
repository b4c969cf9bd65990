"""Story: what became of a run in the trouble of one seed. The shipped engine and protocols, process after process."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from random import Random

from flowrun.core.events import AbortRequested, AttemptStarted, RunFinished, RunStarted
from flowrun.core.plan import Plan
from flowrun.core.protocol import Evaluator
from flowrun.core.status import AbortLevel
from flowrun.errors import JournalError
from flowrun.journal.protocol import Record
from flowrun.simulation.case import Case
from flowrun.simulation.driver import POLICY, Driver, Scene
from flowrun.simulation.effects import Effects, Life
from flowrun.simulation.fates import Fate, Fates, Passing, dice_of
from flowrun.simulation.faults import Trouble
from flowrun.simulation.orchestrator import Call, SimJob, Strike
from flowrun.simulation.outside import Outside
from flowrun.simulation.paper import Disk
from flowrun.simulation.people import People
from flowrun.simulation.silence import Hang, Silence
from flowrun.simulation.virtual import Stuck, VirtualClock, run

RUN = "sim"
"""The id of the run."""

BESIDE = "beside"
"""The id of the other run of the workflow, where there is one."""

AFTER = 2 * POLICY.quiescence
"""Seconds for which the world is watched after the end."""

FROZEN = (0.0, 15.0, 300.0, 4000.0)
"""Seconds for which a process is frozen while its run is taken over."""

JUMP = 3600.0
"""Seconds by which a clock is set at a boundary."""

LONGEST = 1e9
"""Seconds of a story. Long before, what hangs has been ended."""

PATIENCE = 24 * 3600.0
"""Seconds for which a run of which something is wrong may go on after it was killed."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A record of a journal, and when it was committed, in seconds of the loop."""

    at: float
    run_id: str
    record: Record


@dataclass(slots=True)
class Story:
    """What became of it. Times are seconds of the loop, which begins at 0.

    `ends`: how each run ended that is no step of another, and when; the first is the one that is told of. `wrong`: what
    was found to be flowrun's own fault while it was told. `fates`: the faults that struck at places, `passed`: the
    places.
    """

    seed: int
    case: Case
    trouble: Trouble
    notes: list[Noted] = field(default_factory=list)
    jobs: list[SimJob] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    strikes: list[Strike] = field(default_factory=list)
    hangs: tuple[Hang, ...] = ()
    wrong: list[str] = field(default_factory=list)
    ends: dict[str, tuple[RunFinished, float]] = field(default_factory=dict)
    took: float = 0.0
    watched: float = 0.0
    fates: Collection[Fate] = ()
    passed: Collection[Passing] = ()

    @property
    def end(self) -> RunFinished | None:
        """How the run ended; None where it never came to an end."""
        return self.ends[RUN][0] if RUN in self.ends else None

    def events(self, run_id: str = RUN) -> list[Record]:
        """The journal of a run."""
        return [note.record for note in self.notes if note.run_id == run_id]

    @property
    def run_ids(self) -> list[str]:
        """The run and those that steps of it are, in the order in which they began."""
        return list(dict.fromkeys(note.run_id for note in self.notes))


def tell(
    seed: int, case: Case, trouble: Trouble, evaluator: Evaluator, written: Collection[Fate] | None = None
) -> Story:
    """The story of a seed. Raises nothing for what flowrun does wrong: that stands in the story.

    With `written`, these faults strike at places, and nothing by chance.
    """
    story = Story(seed, case, trouble)
    fates = Fates(dice_of(seed), written)
    story.fates, story.passed = fates.struck, fates.passed
    try:
        run(_Telling(story, evaluator, fates).tell(), longest=LONGEST)
    except Stuck as error:
        story.wrong.append(f"it hangs: {error}")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is for whoever reads the report
        story.wrong.append(f"a bug: {type(error).__name__}: {error}")
    return story


class _Telling:
    """One seed, inside of its loop."""

    def __init__(self, story: Story, evaluator: Evaluator, fates: Fates) -> None:
        trouble = story.trouble
        self._story = story
        self._evaluator = evaluator
        self._fates = fates
        self._clock = VirtualClock()
        self._disk = Disk(trouble.full, trouble.torn, self._written)
        self._plans: dict[str, Plan] = {}
        self._drivers: dict[str, Driver] = {}

    async def tell(self) -> None:
        story, trouble = self._story, self._story.trouble
        scripts = story.case.scripts
        world = self._world = Outside.of(story.seed, trouble, scripts, self._plans.get, self._fates)
        story.strikes, story.calls = world.strikes, world.calls
        self._people = People(story.seed, scripts, self._disk, world)
        effects = Effects(self._fates, trouble.deaths.effects, self._befall)
        dice = Random(f"{story.seed}:process")  # noqa: S311 - the same seed must tell the same story
        around = (story.case, self._disk, world, effects, self._clock, self._evaluator, dice)
        scene = Scene(*around, self._strike)
        runs = (RUN, BESIDE) if trouble.beside is not None and story.case.shares else (RUN,)
        self._drivers = {run_id: Driver(scene, run_id) for run_id in runs}
        silence = Silence(self._disk, world, self._people, self._clock, self._evaluator, self._driven_since)
        self._timers()
        looking = asyncio.create_task(silence.look(runs))
        looking.add_done_callback(self._looked)
        try:
            await asyncio.gather(*(self._drive(run_id) for run_id in runs))
        finally:
            looking.cancel()
            story.jobs, story.hangs = list(world.jobs_made.values()), tuple(silence.hangs)
            story.wrong += silence.wrong
            story.took = story.ends[RUN][1] if RUN in story.ends else asyncio.get_running_loop().time()
            if looking.done() and not looking.cancelled() and (error := looking.exception()):
                raise error
        await asyncio.sleep(AFTER)
        for driver in self._drivers.values():
            await driver.leave()
            story.wrong += driver.wrong
        world.settled()
        story.jobs, story.watched = list(world.jobs_made.values()), asyncio.get_running_loop().time()

    async def _drive(self, run_id: str) -> None:
        if run_id == BESIDE:
            await asyncio.sleep(self._story.trouble.beside or 0.0)
        end = await self._drivers[run_id].drive()
        if end is not None:
            self._story.ends[run_id] = (end, asyncio.get_running_loop().time())

    def _looked(self, looking: asyncio.Task[None]) -> None:
        """Something is wrong, and the run was killed: it has a day to end."""
        if not looking.cancelled():
            for driver in self._drivers.values():
                asyncio.get_running_loop().call_later(PATIENCE, driver.give_up)

    def _driven_since(self) -> float | None:
        """Since when all runs that are not over have been driven."""
        there = [driver.since for run_id, driver in self._drivers.items() if run_id not in self._story.ends]
        known = [since for since in there if since is not None]
        return max(known) if known and len(known) == len(there) else None

    def _befall(self, life: Life, where: str, fate: Fate) -> None:
        """A fault strikes a process at a boundary."""
        match fate.fault:
            case "crash":
                self._strike("crash", where)
                life.kill()
            case "disk-full":
                raise JournalError("the journal: the disk is full")
            case "disk-torn":
                raise JournalError("the journal: the disk has failed, and whether it was written is not known")
            case "taken":
                self._take_over(life, where, FROZEN[int(fate.amount * 3.999)])
            case "clock-ahead" | "clock-back":
                self._set(JUMP if fate.fault == "clock-ahead" else -JUMP)
            case "abort-drain" | "abort-stop" | "abort-kill":
                self._abort(AbortLevel(fate.fault.removeprefix("abort-")))
            case _:
                raise AssertionError(f"nobody knows what {fate.fault} is")

    def _take_over(self, life: Life, where: str, frozen: float) -> None:
        """Somebody deletes the lock file, and resumes the run; who was its owner wakes up later."""
        if life.driver is None or life.taken.is_set():
            return
        self._strike("taken", f"{where}, from process {life.number}, which is frozen for {frozen:.0f} s")
        life.wakes_at = asyncio.get_running_loop().time() + frozen
        self._disk.seize(life.run_id)
        life.taken.set()

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
        for at, frozen in trouble.taken:
            loop.call_later(at, self._take, frozen)

    def _kill(self) -> None:
        driver = self._drivers[RUN]
        if driver.life is not None and driver.since is not None:
            self._strike("crash", "at some moment")
            driver.life.kill()

    def _take(self, frozen: float) -> None:
        driver = self._drivers[RUN]
        if driver.life is not None and driver.since is not None and not self._disk.over(RUN):
            self._take_over(driver.life, "at some moment", frozen)

    def _set(self, jump: float) -> None:
        self._strike("clock", f"set {'back' if jump < 0 else 'ahead'} by {abs(jump):.0f} s")
        self._clock.drift += jump

    def _abort(self, level: AbortLevel) -> None:
        if self._drivers[RUN].on_paper and not self._disk.over(RUN):
            self._strike("abort", level.value)
            self._disk.request(RUN, AbortRequested(self._clock.now(), level, "somebody"))
