"""An Orchestrator that exists only in virtual time, with every fault that the protocols of `steps` must bear.

It shares no code with the protocols. Its ledger (`jobs_made`, `calls`, `strikes`) is what they are judged by.
"""

from __future__ import annotations

import asyncio
import math
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from flowrun.errors import Ambiguous, NotSignedIn, OrchestratorError, Refused, Throttled, Unreachable
from flowrun.orchestrator.wire import Folder, Job, Release, Robot, StartInfo, StopStrategy, Tag, Validation
from flowrun.simulation.caller import CALLER, PROCESS, named
from flowrun.simulation.fates import Fate, Fates
from flowrun.simulation.virtual import EPOCH
from flowrun.simulation.weather import DEADLINE, Weather
from flowrun.steps.protocol import Attempt

RETRY_AFTER = (None, 1.0, 20.0)
"""What a 429 may say."""


@dataclass(slots=True)
class SimJob:
    """A Job as it really is. Times are of the loop.

    `begins` and `ends` are infinite where it waits for a robot, or never ends by itself. `obeys`: it ends soon after
    SoftStop; `dies`: after Kill. `kept`: how long after its end the server
    still knows it. `suspended`: from when to when.
    """

    id: int
    key: str
    folder: int
    reference: str | None
    batch_key: str | None
    created: float
    listed: float
    begins: float
    ends: float
    end: str
    obeys: bool = True
    dies: bool = True
    asked: StopStrategy | None = None
    info: str = "Job completed"
    outputs: str | None = '{"Total": 1}'
    kept: float = math.inf
    suspended: tuple[float, float] = (math.inf, math.inf)
    attempt: Attempt | None = None

    @property
    def tags(self) -> dict[Tag, str | None]:
        """What it carries of those that were sent."""
        return {Tag.BATCH: self.batch_key, Tag.REFERENCE: self.reference}

    @property
    def forgotten(self) -> float:
        """From when on the server knows it no more."""
        return self.ends + self.kept

    def state(self, now: float) -> str:
        """In Orchestrator's word."""
        if now >= self.ends:
            return self.end
        if now < self.begins:
            return "Pending"
        if self.asked is None:
            return "Suspended" if self.suspended[0] <= now < self.suspended[1] else "Running"
        return "Stopping" if self.asked is StopStrategy.SOFT_STOP else "Terminating"


@dataclass(frozen=True, slots=True)
class Call:
    """A request that reached the server, or was lost on the way; `throttled` is an answer, with the seconds to wait."""

    at: float
    verb: str
    ids: tuple[int, ...] = ()
    strategy: str = ""
    key: str | None = None
    process: int = 1
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that befell somebody: when, which one, and whom."""

    at: float
    fault: str
    whom: str = ""


@dataclass(slots=True)
class World:
    """Implements `orchestrator.protocol.Orchestrator`. The same random numbers and the same calls: the same world."""

    rng: random.Random
    weather: Weather = field(default_factory=Weather)
    jobs_made: dict[int, SimJob] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    strikes: list[Strike] = field(default_factory=list)
    shown: dict[tuple[int, str, str, bool], Job] = field(default_factory=dict)
    outage_until: float = 0.0
    attachments: dict[str, bytes] = field(default_factory=dict)
    robots_there: list[Robot] = field(default_factory=lambda: [Robot(id=1, name="anna"), Robot(id=2, name="bert")])
    fates: Fates = field(init=False)

    def __post_init__(self) -> None:
        """Where nobody says what strikes, all dice are the world's."""
        self.fates = Fates(lambda *_: self.rng)

    # what those ask who judge

    def of(self, reference: str) -> list[SimJob]:
        """Every Job that was ever made for this key, whether the server kept the key or not."""
        made = {call.ids[0]: call for call in self.calls if call.verb == "made" and call.key == reference}
        return [self.jobs_made[number] for number in made]

    def count(self, verb: str) -> int:
        """How many calls there were of a kind."""
        return sum(call.verb == verb for call in self.calls)

    # the protocol

    async def folder(self, path_or_id: str | int | None) -> Folder:
        """Any path is one."""
        await asyncio.sleep(0.01)
        number = path_or_id if isinstance(path_or_id, int) else 7
        return Folder(id=number, fully_qualified_name=str(path_or_id or "Shared"), provision_type="Automatic")

    async def release(self, folder: Folder, *, name: str | None = None, key: str | None = None) -> Release:
        """Any name but Nowhere is one."""
        await asyncio.sleep(0.01)
        if name == "Nowhere":
            raise Refused(f"folder {folder.fully_qualified_name} has no Release {name!r}", status=404)
        return Release(id=1, key=key or f"key-of-{name}", name=name or "Named", process_version="1.0.0")

    async def releases(self, folder: Folder) -> list[Release]:
        """One, for whoever asks for all."""
        return [await self.release(folder, name="Post")]

    async def robots(self, folder: Folder) -> list[Robot]:
        """Those that there are."""
        del folder
        await asyncio.sleep(0.01)
        return self.robots_there

    async def start_jobs(self, folder: Folder, info: StartInfo) -> list[Job]:
        """Make Jobs, with every fault that a start can have."""
        self._note("start", key=info.reference)
        await self._travel()
        fate = self.fates.one(f"start of {named(CALLER.get())}", _start_chances(self.weather))
        fault = "" if fate is None else fate.fault
        if fate is None or fault in _REPLIES:
            jobs = self._make(folder, info)
            if fate is not None:
                await self._reply_lost(fate)
            return [self._shown(job, whole=True) for job in jobs]
        if fault == "late-never":
            self._strike(fault, "and never arrived")
        elif fault == "late":
            self._strike(fault)
            late = fate.amount * (DEADLINE + self.weather.latest)
            asyncio.get_running_loop().call_later(late, self._make, folder, info)
        else:
            self._strike(fault)
            raise self._answer(fate, "start")
        await asyncio.sleep(DEADLINE)
        raise Ambiguous("no answer in time")

    async def _reply_lost(self, fate: Fate) -> None:
        """What was done is done; who asked does not hear of it."""
        self._strike(fate.fault, "after the Jobs were made" if fate.fault == "5xx-after" else "")
        if fate.fault == "5xx-after":
            raise self._unavailable()
        if fate.fault == "lost":
            await asyncio.sleep(fate.amount * DEADLINE)
            raise Ambiguous("the connection was reset")
        await self._travel()
        raise Ambiguous("the reply was cut in the middle")

    async def find_jobs(
        self, folder: Folder, tag: Tag, values: Sequence[str], since: float | None = None
    ) -> list[Job] | None:
        """By tag, where this server can be asked so."""
        self._note("find", key=tag)
        await self._read("find", self.weather.list_fails)
        if tag not in self.weather.filters:
            return None
        now = self._now()
        if since is not None and since > EPOCH + now:
            raise AssertionError("a look-up from a time that is still to come")
        return [
            self._shown(job, whole=False)
            for job in self.jobs_made.values()
            if job.folder == folder.id and job.listed <= now < job.forgotten and job.tags[tag] in values
        ]

    async def jobs(self, folder: Folder, ids: Sequence[int]) -> list[Job]:
        """As a list shows them, which may be behind."""
        self._note("list", tuple(ids))
        await self._read("list", self.weather.list_fails)
        now = self._now()
        there = [self.jobs_made[number] for number in ids if number in self.jobs_made]
        return [
            self._shown(job, whole=False)
            for job in there
            if job.folder == folder.id and job.listed <= now < job.forgotten
        ]

    async def job(self, folder: Folder, job_id: int) -> Job | None:
        """The Job, whole."""
        self._note("read", (job_id,))
        await self._read("read", self.weather.read_fails)
        job = self.jobs_made.get(job_id)
        there = job is not None and job.folder == folder.id and self._now() < job.forgotten
        return self._shown(job, whole=True) if job is not None and there else None

    async def validate(self, folder: Folder, info: StartInfo) -> Validation | None:
        """As an older server: it does not have it."""

    async def upload(self, folder: Folder, data: bytes) -> str:  # noqa: ARG002 - the protocol's
        """Kept under the id that it gives."""
        name = str(uuid.UUID(int=len(self.attachments) + 1))
        self.attachments[name] = data
        return name

    async def download(self, folder: Folder, attachment_id: str) -> bytes:  # noqa: ARG002 - the protocol's
        """What was kept."""
        if attachment_id not in self.attachments:
            raise Refused("the attachment does not exist", status=404, code=1002)
        return self.attachments[attachment_id]

    async def stop_jobs(self, folder: Folder, ids: Sequence[int], strategy: StopStrategy) -> None:
        """Ask Jobs to end. The answer may be lost though they were asked."""
        self._note("stop", tuple(ids), strategy)
        lost = await self._read("stop", self.weather.stop_fails, {"lost": self.weather.stop_fails / 2})
        now = self._now()
        jobs = [self.jobs_made.get(number) for number in ids]
        if any(job is None or job.folder != folder.id or now >= job.forgotten for job in jobs):
            raise Refused("Job does not exist.", status=404, code=1002)
        if self.weather.refuses_mixed_stops and any(job is not None and now >= job.ends for job in jobs):
            raise Refused("Job cannot be stopped.", status=409)
        for job in jobs:
            if job is not None and now < job.ends:
                self._stop(job, strategy, now)
        if lost is not None:
            raise Ambiguous("the reply was lost")

    # how the world goes on

    def _make(self, folder: Folder, info: StartInfo) -> list[SimJob]:
        now = self._now()
        made = []
        for _ in range(info.jobs_count or len(info.robot_ids or ()) or 1):
            number = len(self.jobs_made) + 1001
            begins = now + self.rng.uniform(0.0, self.weather.pending)
            job = SimJob(
                id=number,
                key=str(uuid.UUID(int=self.rng.getrandbits(128))),
                folder=folder.id,
                reference=info.reference if self.weather.keeps_reference else None,
                batch_key=info.batch_execution_key if self.weather.keeps_batch_key else None,
                created=now,
                listed=now + self.rng.uniform(0.0, self.weather.lag),
                begins=begins,
                ends=begins + self.rng.uniform(0.0, self.weather.running),
                end="Faulted" if self.rng.random() < self.weather.faulted else "Successful",
                obeys=self.rng.random() >= self.weather.ignores_soft_stop,
                attempt=CALLER.get(),
            )
            self._settle(job, info)
            self.jobs_made[number] = job
            self._note("made", (number,), key=info.reference)
            made.append(job)
        return made

    def _settle(self, job: SimJob, info: StartInfo) -> None:
        """What becomes of a Job that has just been made, where that is not left to the weather."""

    def _stop(self, job: SimJob, strategy: StopStrategy, now: float) -> None:
        job.asked = strategy
        if job.dies if strategy is StopStrategy.KILL else job.obeys:
            ends = now + self.rng.uniform(0.0, 3.0)
            if ends < job.ends:
                job.ends, job.end, job.begins = ends, "Stopped", min(job.begins, ends)

    async def _read(self, place: str, chance: float, more: Mapping[str, float] = MappingProxyType({})) -> Fate | None:
        """A call that may be repeated. What befalls it and is none of the usual troubles is the caller's to do."""
        await self._travel()
        if self._now() < self.outage_until:
            raise self._unavailable()
        weather = self.weather
        usual = {"fails": chance, "5xx": weather.gateway, "unreachable": weather.deafness, "throttle": weather.busy}
        fate = self.fates.one(place, {**usual, **more})
        if fate is None or fate.fault in more:
            return fate
        if fate.fault != "fails":
            self._strike(fate.fault, "a read or a stop")
        raise self._answer(fate, place)

    def _answer(self, fate: Fate, place: str) -> OrchestratorError:
        """What a call is answered that comes to nothing."""
        makers = {
            "unreachable": self._unreachable,
            "throttle": lambda: self._throttled(fate, place),
            "5xx": self._unavailable,
            "token": self._signed_out,
            "refused": self._refused,
        }
        words = ("unreachable", "throttle", "5xx", "token")
        fault = words[int(fate.amount * 3.999)] if fate.fault == "fails" else fate.fault
        return makers[fault]()

    def _strike(self, fault: str, whom: str = "") -> None:
        self.strikes.append(Strike(self._now(), fault.partition("-")[0], whom))

    async def _travel(self) -> None:
        await asyncio.sleep(self.rng.uniform(0.005, 0.2))

    def _shown(self, job: SimJob, *, whole: bool) -> Job:
        state = job.state(self._now())
        what = (job.id, state, job.asked or "", whole)
        if what not in self.shown:
            final = state == job.end
            self.shown[what] = Job(
                id=job.id,
                key=job.key,
                state=state,
                info=job.info if final else None,
                reference=job.reference,
                batch_execution_key=job.batch_key or str(uuid.UUID(int=job.id)),
                stop_strategy=job.asked,
                output_arguments=job.outputs if whole and final else None,
            )
        return self.shown[what]

    def _note(
        self, verb: str, ids: tuple[int, ...] = (), strategy: str = "", key: str | None = None, wait: float = 0.0
    ) -> None:
        self.calls.append(Call(self._now(), verb, ids, strategy, key, PROCESS.get(), wait))

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _unreachable(self) -> OrchestratorError:
        return Unreachable("nobody listens")

    def _unavailable(self) -> OrchestratorError:
        return Ambiguous("503 Service Unavailable", status=503)

    def _refused(self) -> OrchestratorError:
        return Refused("Invalid request!", status=400, code=1000)

    def _signed_out(self) -> OrchestratorError:
        return NotSignedIn("You are not authenticated!", status=401)

    def _throttled(self, fate: Fate, place: str) -> OrchestratorError:
        error = Throttled("Too many requests", status=429)
        error.retry_after = RETRY_AFTER[int(fate.amount * 2.999)]
        self._note("throttled", key=place, wait=error.retry_after or 0.0)
        return error


_REPLIES = ("lost", "5xx-after", "cut")
"""Faults of a start that befall its reply."""


def _start_chances(weather: Weather) -> dict[str, float]:
    return {
        "unreachable": weather.unreachable,
        "throttle": weather.throttled,
        "refused": weather.refused,
        "5xx": weather.error_before,
        "late-never": weather.lost_request,
        "late": weather.late_request,
        "lost": weather.lost_reply,
        "5xx-after": weather.error_after,
        "cut": weather.cut_reply,
    }
