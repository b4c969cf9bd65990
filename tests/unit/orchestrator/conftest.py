from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from flowrun.orchestrator.client import OrchestratorClient
from flowrun.orchestrator.transport import Limits
from tests.unit.orchestrator.server import Server, Settled, StillClock, drip, silent


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    served = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(asyncio.CancelledError):
            await served.serve(reader, writer)
        writer.transport.abort()

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    served.url = f"http://127.0.0.1:{port}/acme/prod"
    yield served
    listening.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)  # a transport closes one turn of the loop after it was told to


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def limits(request: pytest.FixtureRequest) -> Limits:
    """A deadline that is near only where the server never answers: on a busy machine every answer is late."""
    case = getattr(request.node, "callspec", None)
    waits = case is not None and case.params.get("behaviour") in (silent, drip)
    return Limits(request_timeout=1.5 if waits else 60.0, connect_timeout=60.0, patience=0, max_body=200_000)


@pytest.fixture
async def client(server: Server, clock: StillClock, limits: Limits) -> AsyncIterator[OrchestratorClient]:
    connection = Settled(server.url)
    limits = replace(limits, patience=60.0)
    async with OrchestratorClient(connection, clock=clock, dice=lambda: 0.5, limits=limits) as made:
        yield made
