"""The runs of a namespace: found, listed, and what is said of each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from temporalio.client import Client

from flowrun.core.events import RunFinished
from flowrun.core.status import RunStatus
from flowrun.engines.clock import SystemClock, new_run_id
from flowrun.engines.temporal import identity
from flowrun.engines.temporal.journal import TemporalRecords
from flowrun.errors import TemporalUnreachable, UnknownRun
from flowrun.journal import summary
from tests.temporal.scripted import Ground, dumped, ground, started, until
from tests.temporal.server import Server, free_port


@pytest.fixture
def name() -> str:
    """Of the queue, the workflow, the key and the group of one test: the server is that of all."""
    return f"ours's {new_run_id(SystemClock().now())}"


@pytest.fixture
async def told(temporal: Server, name: str) -> AsyncIterator[Ground]:
    async with ground(temporal, name) as one:
        yield one


@pytest.fixture
def records(temporal: Server, name: str) -> Iterator[TemporalRecords]:
    one = TemporalRecords(lambda: Client.connect(temporal.address), name, SystemClock())
    yield one
    one.close()


def ids(name: str, count: int) -> list[str]:
    return [f"{name.rsplit(maxsplit=1)[-1]}-{at}" for at in range(count)]


async def end(told: Ground, run_id: str, status: RunStatus) -> None:
    await told.order(run_id, "status", [status.value])
    await told.order(run_id, "end", dumped(1, RunFinished(200.0, status)))
    await told.client.get_workflow_handle(identity.workflow_id(run_id)).result()


async def test_a_run_is_known_at_once_by_its_id(told: Ground, name: str, records: TemporalRecords) -> None:
    (run_id,) = ids(name, 1)
    began = started(run_id, name)
    await told.begin(began)
    row = await asyncio.to_thread(records.run, run_id)
    assert row == replace(summary.begin(began), owner=f"the workers of {name}")
    assert await asyncio.to_thread(records.owned, run_id)


async def test_one_with_a_key_is_found_by_its_id_too(told: Ground, name: str, records: TemporalRecords) -> None:
    run_id, _ = ids(name, 2)
    began = started(run_id, name, key=f"k {name}")
    await told.begin(began, id=identity.key_id(began.plan.key))
    assert (await asyncio.to_thread(records.run, run_id)).key == f"k {name}"
    await until(lambda: records.keyed(f"k {name}") is not None)
    found = await asyncio.to_thread(records.keyed, f"k {name}")
    assert found is not None
    assert found.run_id == run_id
    assert await asyncio.to_thread(records.keyed, "") is None


async def test_the_latest_come_first_whatever_ended_last(told: Ground, name: str, records: TemporalRecords) -> None:
    now = SystemClock().now()
    runs = ids(name, 4)
    for at, run_id in enumerate(runs):
        await told.begin(started(run_id, name, at=now + at))
    child = f"{runs[0]}.child"
    await told.begin(started(child, name, at=now + 9, parent=runs[0]))
    await end(told, runs[1], RunStatus.SUCCEEDED)
    await end(told, runs[2], RunStatus.SUCCEEDED)
    await end(told, runs[0], RunStatus.FAILED)

    def mine(*, children: bool = False) -> list[str]:
        return [row.run_id for row in records.runs(1000, children=children) if row.workflow == name]

    await until(lambda: len(records.succeeded(name)) == 2 and len(mine(children=True)) == 5)
    assert await asyncio.to_thread(mine) == [runs[3], runs[2], runs[1], runs[0]]
    assert (await asyncio.to_thread(lambda: mine(children=True)))[0] == child
    assert [row.run_id for row in await asyncio.to_thread(records.succeeded, name)] == [runs[2], runs[1]]
    assert [row.run_id for row in await asyncio.to_thread(records.succeeded, name, 1)] == [runs[2]]
    ended = await asyncio.to_thread(records.run, runs[1])
    assert (ended.status, ended.owner) == ("succeeded", "")
    assert ended.finished_at is not None


async def test_a_run_of_many_histories_is_one_run(told: Ground, name: str, records: TemporalRecords) -> None:
    (run_id,) = ids(name, 1)
    await told.begin(started(run_id, name, at=SystemClock().now()))
    for _ in range(2):
        await told.order(run_id, "continue")
    await end(told, run_id, RunStatus.SUCCEEDED)
    await until(lambda: len(records.succeeded(name)) == 1)
    found = await asyncio.to_thread(records.runs, 1000)
    assert [row.run_id for row in found if row.workflow == name] == [run_id]


async def test_one_that_was_ended_from_outside_is_nobodys(told: Ground, name: str, records: TemporalRecords) -> None:
    (run_id,) = ids(name, 1)
    handle = await told.begin(started(run_id, name))
    await handle.terminate()
    row = await asyncio.to_thread(records.run, run_id)
    assert (row.status, row.finished_at, row.owner) == ("running", None, "")
    assert not await asyncio.to_thread(records.owned, run_id)


async def test_a_group_is_in_order_of_creation(told: Ground, name: str, records: TemporalRecords) -> None:
    now, group = SystemClock().now(), f"of {name} " + "x" * 300
    runs = ids(name, 3)
    for at, run_id in enumerate(runs):
        await told.begin(started(run_id, name, at=now + at, group=group))
    await end(told, runs[1], RunStatus.FAILED)
    await until(lambda: [row.run_id for row in records.grouped(group)] == [runs[0], runs[2]])
    (first, _) = await asyncio.to_thread(records.grouped, group)
    assert (first.status, first.group) == ("queued", group)
    assert await asyncio.to_thread(records.grouped, "") == []


def test_a_server_that_is_not_there_is_said(name: str) -> None:
    address = f"127.0.0.1:{free_port()}"

    async def refused() -> Client:
        raise TemporalUnreachable(f"nobody listens at {address}")

    gone = TemporalRecords(refused, name, SystemClock())
    for _ in range(2):
        with pytest.raises(TemporalUnreachable):
            gone.runs()
    gone.close()
    gone.close()


async def test_an_id_that_nobody_has_is_said(records: TemporalRecords) -> None:
    for ask in (records.run, records.owned, records.requests):
        with pytest.raises(UnknownRun, match="there is no run 'nobody' in the namespace default"):
            await asyncio.to_thread(ask, "nobody")
