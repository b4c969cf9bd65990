"""Steps that are runs, on a real server: each is a child workflow, and tells its parent by signals how it fares."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from flowrun.core.events import (
    AttemptFinished,
    AttemptProgressed,
    Event,
    RunFinished,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import Concurrency, FanOut, Plan, Step
from flowrun.core.status import AbortLevel, Failed, Unknown
from flowrun.engines.clock import SystemClock
from flowrun.engines.temporal import attributes, family, identity, wire
from flowrun.engines.temporal.engine import TemporalEngine
from flowrun.engines.temporal.journal import TemporalRecords
from flowrun.journal import summary
from flowrun.journal.codec import dump
from flowrun.journal.memory import MemoryJournal
from flowrun.journal.protocol import Record
from flowrun.simulation.virtual import run
from tests.contracts.children import NESTED, RUNS, WORKFLOWS, World, sub
from tests.contracts.embedded import embedded
from tests.contracts.engine import RUN, verdicts
from tests.golden.events.plans import job, retry
from tests.simulation.outside import Outside
from tests.temporal.hurried import HurriedOutside, hurry
from tests.temporal.server import Server
from tests.temporal.told import QUICK, Ground, connected, events_of, histories, small

SPEED = 8.0
SHORT = small(events=12)


@dataclass
class Kin:
    """A run of these steps on a ground of its own, and its children."""

    ground: Ground
    outside: Outside
    name: str
    handle: WorkflowHandle[Any, Any]

    def child(self, way: str) -> WorkflowHandle[Any, Any]:
        return self.ground.client.get_workflow_handle(f"flowrun-{self.name}{way}")

    async def events(self, way: str = "") -> list[Event]:
        return await events_of(self.child(way))

    async def goes_on(self, way: str = ".a.1") -> None:
        """Return once a step of this child has begun."""
        while True:
            with suppress(RPCError):  # there is none yet
                return await self.ground.happened(self.child(way), StepBegan)
            await asyncio.sleep(0.1)

    async def end(self) -> list[Event]:
        return await self.ground.told(self.handle)


@asynccontextmanager
async def family_of(
    server: Server,
    *steps: Step,
    limits: wire.Limits = QUICK,
    files: Mapping[str, Plan] = WORKFLOWS,
    concurrency: Concurrency | None = None,
) -> AsyncIterator[Kin]:
    ground, outside = Ground(await connected(server.address)), HurriedOutside(SPEED)
    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        async with ground.worker():
            name = f"close-{uuid.uuid4().hex[:8]}"
            ground.outsides.known[name] = outside
            origin = {"file": "close.yaml", "text": "long"}
            started = RunStarted(
                time.time() * SPEED, name, Plan("close", steps, concurrency=concurrency), {}, origin, files
            )
            handle = await ground.client.start_workflow(
                wire.RUN,
                args=[[dump(Record(1, 1, started))], wire.pack(wire.Begin(limits=limits))],
                id=f"flowrun-{name}",
                task_queue=ground.queue,
                task_timeout=timedelta(seconds=60),
                memo=identity.memo(summary.begin(started)),
                search_attributes=identity.marks(summary.begin(started)),
            )
            yield Kin(ground, outside, name, handle)


def outcomes(events: list[Event], step_id: str) -> list[Any]:
    finished = (event for event in events if isinstance(event, AttemptFinished))
    return [event.outcome for event in finished if event.step_id == step_id]


def status(events: list[Event]) -> str:
    last = events[-1]
    assert isinstance(last, RunFinished)
    return str(last.status)


@pytest.mark.parametrize("limits", [QUICK, SHORT], ids=["one history", "many"])
async def test_a_file_is_a_run_of_its_own_with_the_log_that_the_embedded_engine_leaves(
    temporal: Server, limits: wire.Limits
) -> None:
    world = await asyncio.to_thread(lambda: run(_embedded(*NESTED.steps)))
    async with family_of(temporal, *NESTED.steps, limits=limits) as kin:
        await kin.end()
        for run_id in RUNS:
            events = await kin.events(run_id.removeprefix(RUN))
            assert status(events) == "succeeded"
            assert verdicts(events) == verdicts(world.events(run_id))
            assert _places(events) == _places(world.events(run_id))
        child, grandchild = (await kin.events(".region.1"))[0], (await kin.events(".region.1.post.1"))[0]
        assert isinstance(child, RunStarted)
        assert isinstance(grandchild, RunStarted)
        assert (child.parent, grandchild.parent) == (kin.name, f"{kin.name}.region.1")
        assert grandchild.origin == {"file": "close.yaml", "workflow": "post.yaml"}
        (outcome,) = outcomes(await kin.events(), "region")
        assert (outcome.outputs, outcome.facts) == ({"doc": "D-7"}, {"run": f"{kin.name}.region.1"})
        assert (len(await histories(kin.handle)) > 2) == (limits is SHORT)
        told = await kin.child(".region.1").describe()
        assert told.typed_search_attributes[attributes.PARENT] == kin.name


async def _embedded(*steps: Step) -> World:
    world = World(embedded, MemoryJournal())
    await world.begin(*steps).drive(RUN)
    return world


def _places(events: list[Event]) -> dict[str, list[str]]:
    """By step what happened to it, in order, with every word that was said."""
    found: dict[str, list[str]] = {}
    for event in events:
        detail = f" {event.detail}" if isinstance(event, AttemptProgressed) else ""
        found.setdefault(getattr(event, "step_id", ""), []).append(f"{type(event).__name__}{detail}")
    return found


async def test_a_stop_goes_down_to_the_children_and_lets_them_tidy_up(temporal: Server) -> None:
    async with family_of(temporal, sub("a", "slow.yaml")) as kin:
        await kin.goes_on()
        await kin.ground.abort(kin.handle, AbortLevel.STOP)
        assert status(await kin.end()) == "cancelled"
        assert status(await kin.events(".a.1")) == "cancelled"
        assert kin.outside.started == ["a.1/work:1", "a.1/undo:1"]
        assert kin.outside.living() == []


async def test_a_child_that_somebody_ends_by_its_own_id_was_stopped_outside(temporal: Server) -> None:
    async with family_of(temporal, sub("a", "slow.yaml")) as kin:
        await kin.goes_on()
        await kin.ground.abort(kin.child(".a.1"), AbortLevel.STOP)
        (outcome,) = outcomes(await kin.end(), "a")
        assert isinstance(outcome, Failed)
        said = (outcome.error, outcome.message)
        assert said == ("stopped_outside", f"run {kin.name}.a.1 was cancelled: aborted by tester")


async def test_a_further_try_is_another_run(temporal: Server) -> None:
    async with family_of(temporal, sub("a", "faulty.yaml", retry=retry(1, "pending_timeout"))) as kin:
        events = await kin.end()
        assert [outcome.error for outcome in outcomes(events, "a")] == ["pending_timeout"] * 2
        assert [status(await kin.events(way)) for way in (".a.1", ".a.2")] == ["failed", "failed"]


async def test_the_group_of_a_file_follows_from_its_inputs_and_refuses_a_second_one(temporal: Server) -> None:
    two = [sub("eu", "close.yaml"), sub("us", "close.yaml", inputs={"region": "US"})]
    async with family_of(temporal, *two, sub("late", "close.yaml")) as kin:
        events = await kin.end()
        assert verdicts(events) == {
            "eu": ("succeeded", "succeeded", ""),
            "us": ("succeeded", "succeeded", ""),
            "late": ("failed", "failed", "start_rejected"),
        }
        (outcome,) = outcomes(events, "late")
        assert f"{kin.name}.eu.1" in outcome.message


@pytest.mark.parametrize("limits", [QUICK, pytest.param(SHORT, marks=pytest.mark.night)], ids=["one history", "many"])
async def test_a_fan_of_children(temporal: Server, limits: wire.Limits) -> None:
    legs = FanOut({"n": list(range(6))})
    post = sub("post", "post.yaml", inputs={"rows": "${{ matrix.n }}"}, fan_out=legs, outputs=("doc",))
    async with family_of(
        temporal, post, job("report", "post", docs="${{ steps.post.outputs.doc }}"), limits=limits
    ) as kin:
        assert status(await kin.end()) == "succeeded"
        assert kin.outside.works["report:1"].script["docs"] == [f"D-{n}" for n in range(6)]
        started = kin.outside.started
        assert len(set(started)) == len(started) == 3 * 6 + 1


async def test_a_run_does_not_wait_for_those_that_it_is_a_step_of(temporal: Server) -> None:
    group = Concurrency(f"g-{uuid.uuid4().hex[:8]}")
    inner = Plan("inner", (job("a"),), concurrency=group)
    files = {"between.yaml": Plan("between", (sub("in", "inner.yaml"),)), "inner.yaml": inner}
    async with family_of(temporal, sub("deep", "between.yaml"), files=files, concurrency=group) as kin:
        assert status(await kin.end()) == "succeeded"
        assert kin.outside.started == ["deep.1.in.1/a:1"]


async def test_nobody_knows_what_a_child_left_behind_that_was_ended_in_temporal(temporal: Server) -> None:
    async with family_of(temporal, sub("a", "slow.yaml")) as kin:
        await kin.goes_on()
        await kin.child(".a.1").terminate("a test")
        events = await kin.end()
        (outcome,) = outcomes(events, "a")
        assert isinstance(outcome, Unknown)
        assert "it was ended in Temporal" in outcome.message


async def test_the_same_is_seen_by_a_parent_that_has_gone_on_in_another_history(
    temporal: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(family, "FIRST", 8.0)
    steps = (sub("a", "slow.yaml"), *(job(f"j{n}", *([f"j{n - 1}"] if n else [])) for n in range(6)))
    async with family_of(temporal, *steps, limits=SHORT) as kin:
        await kin.goes_on()
        await kin.ground.happened(kin.handle, StepFinished, 4)
        assert len(await histories(kin.handle)) > 1
        await kin.child(".a.1").terminate("a test")
        assert isinstance(outcomes(await kin.end(), "a")[0], Unknown)


@pytest.mark.parametrize("away", [False, True], ids=["while the child goes on", "when the child is over"])
async def test_a_parent_that_was_ended_in_temporal_takes_its_child_up_again(temporal: Server, *, away: bool) -> None:
    files = {"long.yaml": Plan("long", (job("work", takes=40), job("end", "work")))}
    async with family_of(temporal, sub("a", "long.yaml"), job("after", "a"), files=files) as kin:
        await kin.goes_on()
        await kin.handle.terminate("a test")
        if away:
            await asyncio.wait_for(kin.child(".a.1").result(), 60)
        records = TemporalRecords(lambda: connected(temporal.address), kin.ground.queue, SystemClock())
        try:
            last = await TemporalEngine(records, SystemClock()).drive(kin.name)
        finally:
            await asyncio.to_thread(records.close)
        assert last.status == "succeeded"
        assert kin.outside.started == ["a.1/work:1", "a.1/end:1", "after:1"]


async def test_a_child_outlives_a_parent_that_was_ended_in_temporal(temporal: Server) -> None:
    async with family_of(temporal, sub("a", "post.yaml")) as kin:
        await kin.goes_on()
        await kin.handle.terminate("a test")
        await asyncio.wait_for(kin.child(".a.1").result(), 60)
        assert status(await kin.events(".a.1")) == "succeeded"
        assert kin.outside.living() == []


@pytest.mark.parametrize("events", [14, 22])
async def test_a_run_may_go_on_in_a_new_history_just_as_children_begin(temporal: Server, events: int) -> None:
    steps = (
        sub("a", "post.yaml", inputs={"rows": 2}, fan_out=FanOut({"n": [0, 1]})),
        sub("b", "faulty.yaml", retry=retry(1, "pending_timeout"), continue_on_error=("*",)),
        sub("c", "post.yaml", "b"),
    )
    async with family_of(temporal, *steps, limits=small(events=events)) as kin:
        assert status(await kin.end()) == "succeeded"
        assert len(await histories(kin.handle)) > 1
