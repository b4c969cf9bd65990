"""The proving ground of workers: runs of small plans, workers that die or are cut off, and the emulator's ledger."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

from flowrun.api.driven import new
from flowrun.api.plans import Inputs, make
from flowrun.core.events import AbortRequested, Event, RunFinished
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.emulator import daemon
from flowrun.emulator.daemon import Endpoint
from flowrun.engines.temporal import identity, wire
from flowrun.engines.temporal.connect import connect
from flowrun.journal import summary
from flowrun.journal.codec import dump
from flowrun.journal.protocol import Record
from flowrun.settings import Temporal
from tests import warm
from tests.e2e.harness import Desk
from tests.kills.ground import PLANS, Course, Warm
from tests.kills.judge import NEEDS, running, too_early, twice
from tests.kills.witness import Witness
from tests.temporal.failpoints import Faults, install
from tests.temporal.told import events_of

LIMITS = wire.Limits(lease=5.0, sign=2.0)
"""For workers whose requests take two seconds at most: within seconds another one takes over."""

REQUEST = 2.0
PATIENCE = 90.0
TASK = 3.0
"""Seconds after which the server gives a task of a workflow to another worker."""

NO_FAULTS: Faults = {}


async def until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Look again and again until it is so."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for: {what}"
        await asyncio.sleep(0.03)


@dataclass
class Run:
    """A run, and the moment at which harm came to it."""

    plan: str
    run_id: str
    queue: str
    handle: WorkflowHandle[Any, Any]
    harmed: float = 0.0
    notes: list[str] = field(default_factory=list)

    def harm(self, what: str) -> None:
        """From now on it is counted how long it takes to go on."""
        self.harmed = time.time()
        self.notes.append(what)

    async def abort(self, level: AbortLevel = AbortLevel.STOP) -> None:
        """Leave that word for it."""
        await self.handle.signal(wire.WORD, wire.pack_word(AbortRequested(time.time(), level, "tester")))

    async def events(self) -> list[Event]:
        """So far."""
        return await events_of(self.handle)

    async def ended(self) -> list[Event]:
        """All events, once it has ended."""
        await asyncio.wait_for(self.handle.result(), PATIENCE)
        return await self.events()


@dataclass(frozen=True)
class Verdict:
    """What came of a case: the most POSTs and Jobs of a start, and the seconds until the run had its next event.

    `harmed`: whether anything befell it.
    """

    posts: int
    jobs: int
    starts: int
    seconds: float | None
    harmed: bool = True


class Outside:
    """An emulator with the small plans beside it, in a folder of its own: its faults are those of nobody else."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._desk = Ground(folder)
        self.state, self.specs = self._desk.state, self._desk.specs
        self.catalog = self.specs / "emulator.yaml"
        self.endpoint: Endpoint = self._desk.emulate(self.catalog)
        self._witness = Witness(self.state)

    def course(self, run: Run) -> Course:
        """The Jobs of a run, for the judges of `tests.kills`."""
        return Course(run.run_id, (), (), tuple(self._witness.jobs(run.run_id)))

    def posts(self, run: Run) -> Counter[str]:
        """How many StartJobs reached it for each start of a run."""
        found: Counter[str] = Counter()
        for path in self.state.rglob("ledger.jsonl"):
            for line in path.read_text(encoding="utf-8").splitlines():
                record = json.loads(line)
                if record["type"] == "request" and record["operation"] == "StartJobs":
                    reference = record["body"]["startInfo"]["Reference"]
                    found[reference] += reference.startswith(f"fr1:{run.run_id}:")
        return +found

    def close(self) -> None:
        """End it."""
        self.endpoint.close()
        self._desk.close()


class Ground(Desk):
    """Starts warm workers. Its emulator outlives them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, PLANS)
        self._count = 0

    def emulate(self, catalog: Path) -> Endpoint:
        """Start that of a catalog."""
        self._emulate(catalog, self._surroundings())
        return daemon.ensure(catalog, self.state)

    def worker(self, faults: Faults, around: Mapping[str, str]) -> Warm:
        """One that has failpoints."""
        self._count += 1
        out, err, log = (self._folder / f"worker-{self._count}.{kind}" for kind in ("out", "err", "log"))
        for file in (out, err, log):
            file.touch()
        environment = {**self._surroundings(), **around}
        before = partial(install, faults, log)
        order = warm.Order(("worker",), self._folder, out, err, environment, before=before)
        started = Warm(warm.begin(order), order, log)
        self._started.append(started)
        return started


class Theatre:
    """One server, the emulators around it, and what goes on there."""

    def __init__(self, client: Client, address: str, folder: Path) -> None:
        self.client = client
        self.address = address
        self._folder = folder
        self._outsides: dict[str, Outside] = {}
        self._count = 0

    @classmethod
    async def at(cls, address: str, folder: Path) -> Theatre:
        """With a client that reads what the workers write."""
        return cls(await connect(Temporal(address, "default", "none", folder / "store")), address, folder)

    def outside(self, name: str = "calm") -> Outside:
        """The emulator of this name."""
        if name not in self._outsides:
            self._outsides[name] = Outside(self._folder / name)
        return self._outsides[name]

    async def begin(self, plan: str, outside: Outside, limits: wire.Limits = LIMITS) -> Run:
        """A new run of a plan, on a queue of its own."""
        made = make(outside.specs / f"{plan}.yaml", Inputs())
        origin = {"file": str(made.file), "orchestrator": {"emulator": str(outside.catalog)}}
        started = new(made.plan, made.inputs, origin, made.workflows)
        queue = f"queue-{started.run_id}"
        row = summary.begin(started)
        handle = await self.client.start_workflow(
            wire.RUN,
            args=[[dump(Record(1, 1, started))], wire.pack(wire.Begin(limits=limits))],
            id=identity.workflow_id(started.run_id),
            task_queue=queue,
            memo=identity.memo(row),
            search_attributes=identity.marks(row),
            task_timeout=timedelta(seconds=TASK),
        )
        return Run(plan, started.run_id, queue, handle)

    def worker(
        self, run: Run, outside: Outside, faults: Faults = NO_FAULTS, *, address: str = "", quiescence: float = 1.0
    ) -> Warm:
        """One that serves the queue of a run."""
        around = {
            "FLOWRUN_CATALOG": str(outside.catalog),
            "FLOWRUN_REQUEST_TIMEOUT": str(REQUEST),
            "FLOWRUN_QUIESCENCE": str(quiescence),
            "FLOWRUN_TEMPORAL": address or self.address,
            "FLOWRUN_TEMPORAL_TASK_QUEUE": run.queue,
            "FLOWRUN_TEMPORAL_STORE": str(self._folder / "store"),
        }
        return outside._desk.worker(faults, around)

    def close(self) -> None:
        """End everything that was started here."""
        for outside in self._outsides.values():
            outside.close()


async def judged(run: Run, outside: Outside, status: RunStatus, undisturbed: Sequence[Any] | None = None) -> Verdict:
    """Wait for the end of a run. It must be that one, each start must have one Job, and none may be left.

    `undisturbed`: what the plan came to where nothing happened to it, as `came_to` has it.
    """
    events = await run.ended()
    course, posts = outside.course(run), outside.posts(run)
    told = "\n".join([f"{run.plan}: {', '.join(run.notes)}", *map(str, course.jobs), *map(str, posts.items())])
    last = events[-1]
    assert isinstance(last, RunFinished), told
    assert last.status is status, f"{last}\n{told}"
    assert twice(course) == [], told
    assert running(course) == [], told
    assert run.plan not in NEEDS or too_early(run.plan, course) == [], told
    if undisturbed is not None:
        assert came_to(events, course) == undisturbed, told
    answers = [event for event in events if not isinstance(event, AbortRequested)]
    later = [event.at for event in answers if event.at > run.harmed > 0.0]
    made = Counter(job.key for job in course.jobs)
    seconds = min(later) - run.harmed if later else None
    return Verdict(max(posts.values(), default=0), max(made.values(), default=0), len(made), seconds, run.harmed > 0.0)


def came_to(events: Sequence[Event], course: Course) -> Sequence[Any]:
    """All by which one run is as good as another."""
    last = events[-1]
    jobs = sorted((job.place, job.attempt, job.arguments, job.states[-1]) for job in course.jobs)
    return [last.status, last.outputs, jobs] if isinstance(last, RunFinished) else []
