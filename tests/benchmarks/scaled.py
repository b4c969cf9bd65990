"""Runs on Temporal beside the same runs on the embedded engine: overhead a step, many runs at once, a lost worker."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

from flowrun.core.events import RunFinished, RunStarted, StepFinished
from flowrun.core.plan import FanOut, Need, Plan, Step
from flowrun.engines.clock import SystemClock
from flowrun.engines.embedded.engine import EmbeddedEngine, Surroundings
from flowrun.engines.temporal import wire
from flowrun.journal.codec import dump
from flowrun.journal.protocol import Record
from flowrun.journal.sqlite import SqliteJournal
from flowrun.templating.evaluator import Templates
from tests.benchmarks.serving import CONVERTER, Timed
from tests.temporal.server import Server, serving
from tests.temporal.told import events_of, histories

SIZES = (10, 100, 1_000, 5_000)
LONGEST = 1_000
"""Steps of the longest chain: it has as many waves as steps, and each costs what it does in a shorter one."""
RUNS = 200
LOSSES = 5


@dataclass(frozen=True)
class Taken:
    """Seconds: by the clock, of the process with the engine, and of the server. `events` of the histories."""

    wall: float
    engine: float
    server: float = 0.0
    events: int = 0


def chain(size: int) -> Plan:
    return Plan("chain", tuple(_step(at, (at - 1,) if at else ()) for at in range(size)))


def fan(size: int) -> Plan:
    return Plan("fan", (Step("post", "job", {}, fan_out=FanOut({"n": list(range(size))})),))


def layers(size: int, width: int = 10) -> Plan:
    """Each step needs the whole layer before it."""

    def above(at: int) -> range:
        first = (at // width - 1) * width
        return range(max(0, first), max(0, first + width))

    return Plan("layers", tuple(_step(at, above(at)) for at in range(size)))


def _step(at: int, needs: tuple[int, ...] | range, **arguments: Any) -> Step:
    return Step(f"s{at}", "job", arguments, tuple(Need(f"s{need}") for need in needs))


SHAPES: Mapping[str, Callable[[int], Plan]] = {"chain": chain, "fan": fan, "layers of 10": layers}


def table(folder: Path) -> None:
    """Print all three."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_overhead(folder))
    asyncio.run(_crowd(folder))
    asyncio.run(_losses(folder))


async def _overhead(folder: Path) -> None:
    print("### A run on Temporal beside the embedded engine\n\nMilliseconds a step; Jobs that end at once.\n")
    print(
        "| shape | size | embedded, wall | CPU | Temporal, wall | CPU worker | CPU server | events in history |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    for name, shape in SHAPES.items():
        for size in SIZES if name != "chain" else [size for size in SIZES if size <= LONGEST]:
            here = await _embedded(folder / f"{name}{size}", [shape(size)])
            there = await _scaled(folder / f"{name}{size}", [shape(size)], 1)
            cells = (here.wall, here.engine, there.wall, there.engine, there.server)
            ms = " | ".join(f"{1000 * seconds / size:.2f}" for seconds in cells)
            print(f"| {name} | {size:,} | {ms} | {there.events / size:.2f} |", flush=True)


async def _crowd(folder: Path) -> None:
    print(f"\n### {RUNS} runs of 20 steps in layers of 4\n")
    print("| | wall s | steps a second | CPU worker s | CPU server s |\n|---|---|---|---|---|")
    plans = [layers(20, 4) for _ in range(RUNS)]
    rows = {"embedded, one process": await _embedded(folder / "crowd", plans)}
    for workers in (1, 2):
        rows[f"Temporal, {workers} worker{'s' if workers > 1 else ''}"] = await _scaled(
            folder / f"crowd{workers}", plans, workers
        )
    for name, taken in rows.items():
        speed = RUNS * 20 / taken.wall
        print(f"| {name} | {taken.wall:.1f} | {speed:.0f} | {taken.engine:.1f} | {taken.server:.1f} |", flush=True)


async def _losses(folder: Path) -> None:
    print("\n### A worker is lost, another is there\n\nA chain of Jobs of half a second; medians of five.\n")
    print("| how it is lost | until the run goes on, s | longest |\n|---|---|---|")
    for how in (signal.SIGTERM, signal.SIGKILL):
        gaps = [await _lost(folder / f"lost{how}{at}", how) for at in range(LOSSES)]
        print(f"| {how.name} | {statistics.median(gaps):.1f} | {max(gaps):.1f} |", flush=True)


async def _embedded(folder: Path, plans: list[Plan]) -> Taken:
    """All at once, in this process, with a journal on the disk."""
    with closing(SqliteJournal(folder / "journal")) as journal:
        around = Surroundings(journal, {"job": Timed()}, Templates(), SystemClock(), lambda: 0.5, "me")
        wall, cpu = time.perf_counter(), time.process_time()

        async def drive(at: int, plan: Plan) -> RunFinished:
            engine = EmbeddedEngine(around)
            engine.create(RunStarted(time.time(), f"r{at}", plan))
            return await engine.drive(f"r{at}")

        ends = await asyncio.gather(*(drive(at, plan) for at, plan in enumerate(plans)))
        assert {end.status for end in ends} == {"succeeded"}
        return Taken(time.perf_counter() - wall, time.process_time() - cpu)


async def _scaled(folder: Path, plans: list[Plan], workers: int) -> Taken:
    """All at once, on a server and with workers of their own."""
    async with _place(folder, workers) as (server, client, queue, pids):
        handles = [await _begin(client, queue, layers(20, 4))]
        await asyncio.gather(*(handle.result() for handle in handles))  # what is imported and compiled once
        before = _cpu(server.process.pid), sum(map(_cpu, pids))
        wall = time.perf_counter()
        handles = await asyncio.gather(*(_begin(client, queue, plan) for plan in plans))
        await asyncio.gather(*(handle.result() for handle in handles))
        wall = time.perf_counter() - wall
        after = _cpu(server.process.pid), sum(map(_cpu, pids))
        count = sum(map(len, await histories(handles[0])))
        return Taken(wall, after[1] - before[1], after[0] - before[0], count)


async def _lost(folder: Path, how: signal.Signals) -> float:
    """Seconds from the signal until the next step has ended, less what a step takes."""
    takes = 0.5
    async with _place(folder, 2) as (_, client, queue, pids):
        steps = tuple(_step(at, (at - 1,) if at else (), takes=takes) for at in range(24))
        handle = await _begin(client, queue, Plan("lost", steps))
        while sum(isinstance(event, StepFinished) for event in await events_of(handle)) < 6:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        while (pid := await _busy(handle)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        assert pid in pids
        at = time.time()
        os.kill(pid, how)
        await handle.result()
        events = await events_of(handle)
    ends = [event.at for event in events if isinstance(event, StepFinished)]
    assert isinstance(events[-1], RunFinished)
    return max(after - before for before, after in pairwise(ends) if after > at) - takes


async def _busy(handle: WorkflowHandle[Any, Any]) -> int | None:
    """The worker that looks after the Job of the run."""
    told = await handle.describe()
    pending = (one.last_worker_identity for one in told.raw_description.pending_activities)
    return next((int(identity) for identity in pending if identity), None)


@asynccontextmanager
async def _place(folder: Path, workers: int) -> AsyncIterator[tuple[Server, Client, str, list[int]]]:
    with ExitStack() as held:
        server = held.enter_context(serving(folder / "server"))
        queue = f"bench-{uuid.uuid4().hex[:8]}"
        client = await Client.connect(server.address, data_converter=CONVERTER)
        pids = [held.enter_context(_worker(server.address, queue)) for _ in range(workers)]
        yield server, client, queue, pids


@contextmanager
def _worker(address: str, queue: str) -> Iterator[int]:
    words = [sys.executable, "-m", "tests.benchmarks.serving", address, queue]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield process.pid
        finally:
            process.kill()


async def _begin(client: Client, queue: str, plan: Plan) -> WorkflowHandle[Any, Any]:
    run_id = f"{plan.workflow}-{uuid.uuid4().hex[:8]}"
    started = dump(Record(1, 1, RunStarted(time.time(), run_id, plan)))
    begin = wire.pack(wire.Begin())
    return await client.start_workflow(wire.RUN, args=[[started], begin], id=f"flowrun-{run_id}", task_queue=queue)


def _cpu(pid: int) -> float:
    """Seconds that a process of this machine has used so far (Linux)."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        table(Path(name))
