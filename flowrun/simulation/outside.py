"""Outside: the simulated Orchestrator of one seed. Its Jobs go by a script, and as the seed's trouble will have it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType

from flowrun.core.plan import Plan
from flowrun.errors import NotSignedIn, Refused
from flowrun.orchestrator.wire import Folder, Job, Release, Robot, StartInfo, StopStrategy
from flowrun.simulation.caller import CALLER, named
from flowrun.simulation.courses import Course, Script, outputs
from flowrun.simulation.fates import Fate, Fates
from flowrun.simulation.faults import Trouble, Window
from flowrun.simulation.orchestrator import SimJob, World
from flowrun.simulation.weather import Weather
from flowrun.steps.protocol import Attempt

SHORTEST, LONGEST = 10.0, 300.0
"""Seconds that a Job runs of which nothing is said."""
SLOWER = (2.0, 20.0)
KEPT = 90.0
"""Seconds after its end within which a server forgets a Job that it does not keep."""
_DIES = 0.7
"""Most of the Jobs that do not hear SoftStop die when they are killed."""

Scripts = Mapping[str, Script]
"""By the name of the workflow."""


@dataclass(slots=True)
class _Going:
    """How a Job would go on once it has a robot."""

    course: Course
    ready: float
    lasts: float
    after: float | None = None
    """How long after its begin somebody stops it."""
    kept: float | None = None
    """How long after its end the server knows it."""


@dataclass
class Outside(World):
    """A World whose Jobs are those of known attempts. `plan_of`: the plan of a run, by its id."""

    trouble: Trouble = field(default_factory=Trouble)
    scripts: Scripts = field(default_factory=dict)
    plan_of: Callable[[str], Plan | None] = lambda _: None
    calm: bool = False
    _goings: dict[int, _Going] = field(default_factory=dict)
    _waiting: list[SimJob] = field(default_factory=list)
    _busy: list[SimJob] = field(default_factory=list)
    _told: set[Window] = field(default_factory=set)

    @classmethod
    def of(  # type: ignore[override]
        cls, seed: int, trouble: Trouble, scripts: Scripts, plan_of: Callable[[str], Plan | None], fates: Fates
    ) -> Outside:
        """That of a seed. To be made inside of its loop, for it sets timers."""
        dice = Random(f"{seed}:outside")  # noqa: S311 - the same seed must tell the same story
        made = cls(dice, trouble.weather, trouble=trouble, scripts=scripts, plan_of=plan_of)
        made.fates = fates
        loop = asyncio.get_running_loop()
        for window in trouble.maintenance:
            loop.call_later(window.begins, made._drain)
        if not math.isinf(trouble.calm_at):
            loop.call_later(trouble.calm_at, made._calm_down)
        return made

    def settled(self) -> None:
        """Let Jobs begin and end up to now, for whoever looks at them."""
        self._now()

    def unanswered(self, step_id: str) -> None:
        """Nobody answers this one."""
        self._strike("unanswered", step_id)

    # calls that cannot be made for a while

    async def folder(self, path_or_id: str | int | None) -> Folder:
        """As a World, while it can be asked."""
        await self._read("folder", 0.0)
        return await World.folder(self, path_or_id)

    async def release(self, folder: Folder, *, name: str | None = None, key: str | None = None) -> Release:
        """As a World, while it can be asked."""
        await self._read("release", 0.0)
        return await World.release(self, folder, name=name, key=key)

    async def robots(self, folder: Folder) -> list[Robot]:
        """Those that the step names, whoever they are, or some."""
        del folder
        self._gate()
        attempt = CALLER.get()
        named = [] if attempt is None else attempt.arguments.get("robots") or []
        return [Robot(id=at, name=str(name)) for at, name in enumerate(named, 1)] or self.robots_there

    async def start_jobs(self, folder: Folder, info: StartInfo) -> list[Job]:
        """As a World, while it can be asked, and where the script has the start refused."""
        self._gate()
        attempt = CALLER.get()
        if attempt is not None and self._script(attempt).of(attempt.step_id, attempt.leg, attempt.number).refused:
            await self._travel()
            raise Refused("the script has this start refused", status=409)
        return await World.start_jobs(self, folder, info)

    async def _read(self, place: str, chance: float, more: Mapping[str, float] = MappingProxyType({})) -> Fate | None:
        self._gate()
        return await World._read(self, place, chance, more)  # noqa: SLF001 - a dataclass with slots knows no super()

    def _gate(self) -> None:
        now = asyncio.get_running_loop().time()
        for window in self.trouble.maintenance:
            if window.holds(now):
                self._tell(window, "maintenance")
                raise self._unavailable()
        for window in self.trouble.unsigned:
            if window.holds(now):
                self._tell(window, "token")
                raise NotSignedIn("You are not authenticated!", status=401)

    def _tell(self, window: Window, fault: str) -> None:
        """Once for each window."""
        if window not in self._told:
            self._told.add(window)
            self._strike(fault)

    def _drain(self) -> None:
        """A maintenance begins: what runs is asked to end."""
        now = self._now()
        for job in self.jobs_made.values():
            if job.begins <= now < job.ends and job.asked is None:
                self._strike("maintenance", self._name(job))
                self._stop(job, StopStrategy.SOFT_STOP, now)

    def _calm_down(self) -> None:
        """From here on nothing new goes wrong. What the server keeps of tags stays as it is."""
        kept = self.weather
        self.calm = True
        self.weather = Weather(
            keeps_reference=kept.keeps_reference, keeps_batch_key=kept.keeps_batch_key, filters=kept.filters
        )

    # Jobs

    def _settle(self, job: SimJob, info: StartInfo) -> None:
        del info
        job.begins = job.ends = math.inf
        going = self._goings[job.id] = self._planned(job)
        if self.trouble.robots is None:
            self._begin(job, going.ready)
            return
        self._waiting.append(job)
        self._advance(job.created)
        if job in self._waiting:
            self._strike("queue", self._name(job))

    def _planned(self, job: SimJob) -> _Going:
        """Its course, and what this seed makes of it."""
        trouble, attempt = self.trouble, job.attempt
        name = named(attempt)
        course = self._course(attempt, job)
        job.end, job.info = course.state, course.info
        job.obeys, job.dies = not math.isinf(course.stops), not math.isinf(course.killed)
        given = outputs(course, attempt) if attempt is not None else dict(course.outputs or {})
        job.outputs = json.dumps(given) if given and job.end == "Successful" else None
        usual = self._usual(attempt, name)
        plan = _Going(course, job.created + course.pending, usual if course.lasts is None else course.lasts)
        chances = {
            "slow": trouble.slow,
            "hang": trouble.hangs,
            "faulted": trouble.faulted,
            "stopped": trouble.stopped,
            "stuck": trouble.stuck,
            "retention": trouble.retention,
        }
        struck = self.fates.each(f"Job of {name}", {} if self.calm else chances)
        if slow := struck.get("slow"):
            self._strike("slow", self._name(job))
            plan.lasts *= SLOWER[0] + slow.amount * (SLOWER[1] - SLOWER[0])
        if "hang" in struck:
            self._strike("hang", self._name(job))
            plan.lasts = math.inf
        elif "faulted" in struck:
            self._strike("faulted", self._name(job))
            job.end, job.info, job.outputs = "Faulted", "a fault of the simulation", None
        elif stopped := struck.get("stopped"):
            self._strike("stopped", self._name(job))
            plan.after = plan.lasts * stopped.amount
        if stuck := struck.get("stuck"):
            job.obeys, job.dies = False, job.dies and stuck.amount < _DIES
        if forgotten := struck.get("retention"):
            plan.kept = KEPT * forgotten.amount
        return plan

    def _course(self, attempt: Attempt | None, job: SimJob) -> Course:
        if attempt is None:
            return Course()
        courses = self._script(attempt).of(attempt.step_id, attempt.leg, attempt.number).courses
        earlier = sum(
            other.attempt == attempt and other.created == job.created for other in list(self.jobs_made.values())[-64:]
        )
        return courses[earlier % len(courses)]

    def _script(self, attempt: Attempt) -> Script:
        plan = self.plan_of(attempt.run_id)
        return Script() if plan is None else self.scripts.get(plan.workflow, Script())

    def _usual(self, attempt: Attempt | None, name: str) -> float:
        """How long a Job runs of which nothing is said: some minutes, and well within the time that it may take."""
        dice = self.fates.dice(f"how long {name} runs", 1)
        usual = float(SHORTEST * (LONGEST / SHORTEST) ** dice.random())
        plan = None if attempt is None else self.plan_of(attempt.run_id)
        if attempt is None or plan is None:
            return usual
        limits = [step.timeout for step in plan.steps if step.id == attempt.step_id and step.timeout is not None]
        if plan.timeout is not None:
            limits.append(plan.timeout / len(plan.steps))
        return min(usual, *(limit * dice.uniform(0.1, 0.5) for limit in limits), math.inf)

    def _begin(self, job: SimJob, at: float) -> None:
        plan = self._goings[job.id]
        job.begins, job.ends = at, at + plan.lasts
        if plan.course.suspended and not math.isinf(plan.lasts):
            half = at + plan.lasts / 2
            job.suspended = (half, half + plan.course.suspended)
            job.ends += plan.course.suspended
        if plan.after is not None:
            # A Job that the Stop button ended may say Successful: only its StopStrategy tells.
            loop = asyncio.get_running_loop()
            loop.call_later(max(0.0, at + plan.after - loop.time()), self._stopped_by_somebody, job)

    def _stopped_by_somebody(self, job: SimJob) -> None:
        now = self._now()
        if now < job.ends:
            self._stop(job, self.rng.choice((StopStrategy.SOFT_STOP, StopStrategy.KILL)), now)

    def _stop(self, job: SimJob, strategy: StopStrategy, now: float) -> None:
        """What waits ends at once; what runs ends as its course says, if it listens at all."""
        force = strategy is StopStrategy.KILL
        job.asked = strategy
        course = self._goings[job.id].course
        if now >= job.begins and not (job.dies if force else job.obeys):
            self._strike("stuck", self._name(job))
            return
        ends = now + self.rng.uniform(0.0, 3.0) + (course.killed if force else course.stops)
        if ends >= job.ends:
            return
        heard = now >= job.begins and not force
        job.ends, job.begins = ends, min(job.begins, ends)
        job.end = self.rng.choice(("Stopped", "Successful")) if heard else "Stopped"
        job.info = "The job was stopped."
        if job in self._waiting:
            self._waiting.remove(job)

    def known(self, ids: Iterable[int]) -> None:
        """These are on record: from now on the server may forget them.

        Servers keep Jobs for days. What nobody has looked up for so long is beyond what flowrun promises.
        """
        for job in (self.jobs_made[number] for number in ids):
            plan = self._goings[job.id]
            if plan.kept is not None and math.isinf(job.kept):
                self._strike("retention", self._name(job))
                job.kept = plan.kept

    # robots

    def _now(self) -> float:
        now = asyncio.get_running_loop().time()
        if self._waiting:
            self._advance(now)
        return now

    def _advance(self, now: float) -> None:
        """Give robots to those that wait, in the order in which they came, as far as time has come."""
        while self._waiting:
            head = self._waiting[0]
            free = head.created
            if len(self._busy) >= (self.trouble.robots or 1):
                first = min(self._busy, key=lambda job: job.ends)
                free = max(free, first.ends)
                if free > now:
                    return
                self._busy.remove(first)
            self._waiting.pop(0)
            self._busy.append(head)
            self._begin(head, max(free, self._goings[head.id].ready))

    def _name(self, job: SimJob) -> str:
        return f"Job {job.id} of {named(job.attempt)}"
