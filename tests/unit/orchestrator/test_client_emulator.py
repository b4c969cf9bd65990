"""The same client against our own emulator, which was written from the facts and not from the client."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flowrun.emulator.server import Emulator
from flowrun.errors import NotSignedIn, Refused
from flowrun.orchestrator.client import OrchestratorClient
from flowrun.orchestrator.wire import Folder, Job, StartInfo, StopStrategy, Strategy, Tag
from tests.unit.orchestrator.server import Settled

CATALOG = """
emulator: 1
robots:
  - {name: ada, id: 121}
  - {name: bert, id: 122}
releases:
  Double:
    command: ["{python}", -c, "import json; print(json.dumps({'out_B': json.loads(input())['in_A'] * 2}))"]
    input: {in_A: {type: integer, required: true}}
    output: {out_B: integer}
  Sleep:
    command: ["{python}", -c, "import time; time.sleep(60)"]
"""


class RealClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@pytest.fixture
async def emulator(tmp_path: Path) -> AsyncIterator[Emulator]:
    catalog = tmp_path / "emulator.yaml"
    catalog.write_text(CATALOG.replace("{python}", sys.executable))
    async with Emulator(catalog, state=tmp_path / "state") as running:
        yield running


@pytest.fixture(params=["token", "application"])
async def client(emulator: Emulator, request: pytest.FixtureRequest) -> AsyncIterator[OrchestratorClient]:
    connection = Settled(emulator.url, folder=emulator.folder, token=emulator.token)
    if request.param == "application":
        connection = Settled(emulator.url, emulator.folder, None, "any", emulator.token, "OR.Default")
    async with OrchestratorClient(connection, clock=RealClock(), dice=lambda: 0.5) as made:
        yield made


async def ended(client: OrchestratorClient, folder: Folder, number: int) -> Job:
    async with asyncio.timeout(20):
        while True:
            job = await client.job(folder, number)
            assert job is not None
            if job.final:
                return job
            await asyncio.sleep(0.05)


async def test_a_job_from_start_to_end(client: OrchestratorClient) -> None:
    folder = await client.folder(None)
    release = await client.release(folder, name="Double")
    assert (await client.release(folder, key=release.key)).name == "Double"
    assert await client.folder(folder.id) == await client.folder(folder.key) == folder
    assert {robot.id for robot in await client.robots(folder)} == {121, 122}
    key = str(uuid.uuid4())
    info = StartInfo(
        release_key=release.key,
        strategy=Strategy.MODERN_JOBS_COUNT,
        jobs_count=2,
        input_arguments=json.dumps({"in_A": 21}),
        reference="fr1:run:step:1",
        batch_execution_key=key,
    )
    started = await client.start_jobs(folder, info)
    assert {(job.batch_execution_key, job.reference) for job in started} == {(key, "fr1:run:step:1")}
    ids = sorted(job.id for job in started)
    whole = [await ended(client, folder, number) for number in ids]
    assert [(job.state, job.output_arguments) for job in whole] == [("Successful", '{"out_B": 42}')] * 2
    assert all(job.robot is not None for job in whole)
    for tag, value in ((Tag.BATCH, key), (Tag.REFERENCE, "fr1:run:step:1")):
        assert [job.id for job in await client.find_jobs(folder, tag, [value]) or []] == ids
    assert sorted(job.id for job in await client.jobs(folder, [*ids, *range(10_000, 10_150)])) == ids


async def test_a_job_that_is_stopped(client: OrchestratorClient) -> None:
    folder = await client.folder(None)
    (job,) = await client.start_jobs(folder, StartInfo(release_name="Sleep"))
    await client.stop_jobs(folder, [job.id], StopStrategy.KILL)
    assert (await ended(client, folder, job.id)).state == "Stopped"


async def test_what_does_not_exist(client: OrchestratorClient) -> None:
    with pytest.raises(Refused, match="no folder Sharde") as no_folder:
        await client.folder("Sharde")
    folder = await client.folder(None)
    assert folder.fully_qualified_name in (no_folder.value.hint or "")
    with pytest.raises(Refused, match="no Release Doubel") as no_release:
        await client.release(folder, name="Doubel")
    assert no_release.value.hint == "Did you mean Double?"
    with pytest.raises(Refused) as unknown:
        await client.start_jobs(folder, StartInfo(release_key=str(uuid.uuid4())))
    assert (unknown.value.status, unknown.value.code) == (404, 1002)
    with pytest.raises(Refused) as elsewhere:
        await client.start_jobs(Folder(id=4711), StartInfo(release_name="Double"))
    assert elsewhere.value.code == 1100
    assert await client.job(folder, 4711) is None


async def test_a_wrong_token(emulator: Emulator) -> None:
    connection = Settled(emulator.url, token="wrong")
    async with OrchestratorClient(connection, clock=RealClock(), dice=lambda: 0.5) as client:
        with pytest.raises(NotSignedIn, match="not authenticated"):
            await client.folder("Shared")
