"""Who serves a task queue, and how a worker takes a value that it cannot read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from flowrun.cli.exit import ExitCode, of_error
from flowrun.engines.temporal import pollers
from flowrun.engines.temporal.connect import connect
from flowrun.errors import NoWorker, OtherWorker
from flowrun.settings import Temporal
from flowrun.version import VERSION
from tests.temporal.server import Server
from tests.temporal.test_converter import NOISE, ONE

NEXT = "flowrun 99.0.0, wire 99, pid 1 on elsewhere"
OLD = "flowrun 0.0.1, wire 0, pid 1 on elsewhere"


@workflow.defn(name="echo")
class Echo:
    @workflow.run
    async def run(self, value: Any) -> Any:
        return value


@pytest.fixture
def here(temporal: Server, tmp_path: Path) -> Temporal:
    return Temporal(temporal.address, "default", f"queue-{uuid4().hex}", tmp_path / "store")


@asynccontextmanager
async def worker(client: Client, queue: str, identity: str | None = None) -> AsyncIterator[None]:
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=queue, workflows=[Echo], workflow_runner=runner, identity=identity):
        yield


async def polled(client: Client, queue: str, count: int) -> tuple[pollers.Poller, ...]:
    """Those of the queue, once there are so many."""
    while len(found := await pollers.pollers(client, queue)) < count:  # noqa: ASYNC110 - the server alone knows
        await asyncio.sleep(0.02)
    return found


async def test_nobody_serves_a_new_queue(here: Temporal) -> None:
    client = await connect(here)
    assert await pollers.pollers(client, here.task_queue) == ()
    with pytest.raises(NoWorker, match=f"no worker serves the task queue {here.task_queue}") as caught:
        await pollers.check_served(client, here.task_queue)
    assert "flowrun worker" in str(caught.value.hint)
    assert of_error(caught.value) == ExitCode.UNREACHABLE


async def test_a_worker_is_seen_with_its_version_until_it_is_gone(here: Temporal) -> None:
    client = await connect(here)
    async with worker(client, here.task_queue):
        (found,) = await polled(client, here.task_queue, 1)
        await pollers.check_served(client, here.task_queue)
    assert found.version == VERSION
    assert found.where.startswith("pid ")
    later = datetime.now(UTC) + timedelta(minutes=2)  # noqa: TID251 - the server's clock is the system's
    assert await pollers.pollers(client, here.task_queue, now=later) == ()


async def test_workers_of_another_flowrun_are_said(here: Temporal) -> None:
    client, other, third = [await connect(here) for _ in range(3)]  # one client has one worker for a queue
    async with worker(client, here.task_queue, OLD), worker(other, here.task_queue, "4711@elsewhere"):
        await polled(client, here.task_queue, 2)
        with pytest.raises(OtherWorker) as caught:
            await pollers.check_served(client, here.task_queue)
        assert "another program (4711@elsewhere), flowrun 0.0.1, which cannot drive" in caught.value.message
        assert of_error(caught.value) == ExitCode.CONFLICT
        async with worker(third, here.task_queue, NEXT):
            await polled(client, here.task_queue, 3)
            await pollers.check_served(client, here.task_queue)


async def begun(client: Client, queue: str, value: Any) -> WorkflowHandle[Any, Any]:
    """A workflow that is tried again after a second, not after ten."""
    soon = timedelta(seconds=1)
    return await client.start_workflow("echo", value, id=uuid4().hex, task_queue=queue, task_timeout=soon)


async def failures(handle: WorkflowHandle[Any, Any]) -> list[str]:
    """What workflow tasks of this one failed with."""
    history = await handle.fetch_history()
    found = [event.workflow_task_failed_event_attributes for event in history.events]
    return [one.failure.message for one in found if one.failure.message]


async def failed(handle: WorkflowHandle[Any, Any]) -> str:
    """The same, once there is one."""
    while not (found := await failures(handle)):  # noqa: ASYNC110 - the server alone knows
        await asyncio.sleep(0.02)
    return found[0]


async def test_a_worker_waits_for_a_file_of_the_store(here: Temporal, tmp_path: Path) -> None:
    client = await connect(here)
    handle = await begun(client, here.task_queue, NOISE)
    (path,) = (path for path in here.store.rglob("*") if path.is_file())
    path.rename(tmp_path / "kept")
    async with worker(client, here.task_queue):
        assert f"cannot read {path}" in await failed(handle)
        (tmp_path / "kept").rename(path)
        assert await handle.result() == NOISE


async def test_a_run_outlives_a_worker_without_the_key(here: Temporal) -> None:
    keyed = await connect(replace(here, codec_keys=(ONE,)))
    handle = await begun(keyed, here.task_queue, {"a": 1})
    async with worker(await connect(here), here.task_queue):
        assert "temporal_codec_key is not set" in await failed(handle)
    async with worker(keyed, here.task_queue):
        assert await handle.result() == {"a": 1}
