"""`flowrun worker` as people meet it: a process that serves a queue, says so, and ends when it is told to."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client

from flowrun.cli.main import main
from flowrun.engines.temporal.activities import Place
from flowrun.engines.temporal.connect import connect
from flowrun.engines.temporal.faults import fallen
from flowrun.engines.temporal.pollers import pollers
from flowrun.engines.temporal.worker import working
from flowrun.engines.temporal.workflow import WATCHES
from flowrun.errors import TemporalDenied, TemporalUnreachable
from flowrun.settings import Temporal
from flowrun.version import VERSION
from tests.temporal.server import Server, free_port, serving
from tests.temporal.test_pollers import polled

SPECS = Path(__file__).parents[2] / "specs"


class Worker:
    """A worker's process, and what it says, line by line."""

    def __init__(self, address: str, folder: Path, *arguments: str, **more: str) -> None:
        self.queue = f"queue-{uuid4().hex}"
        environ = {
            **os.environ,
            "FLOWRUN_TEMPORAL": address,
            "FLOWRUN_TEMPORAL_TASK_QUEUE": self.queue,
            "FLOWRUN_STATE_DIR": str(folder / "state"),
            **more,
        }
        command = [sys.executable, "-m", "flowrun", "worker", "--catalog", str(SPECS / "emulator.yaml"), *arguments]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, env=environ, cwd=folder, text=True, **streams)  # type: ignore[call-overload]

    def line(self) -> str:
        """The next of stdout; empty where it has ended."""
        assert self.process.stdout is not None
        return str(self.process.stdout.readline()).rstrip("\n")

    def ended(self, *signals: signal.Signals) -> tuple[int, str]:
        """Its code and all that it said to people."""
        for number in signals:
            self.process.send_signal(number)
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    made: list[Worker] = []
    yield made
    for one in made:
        one.close()


async def client_of(address: str, folder: Path) -> Client:
    return await connect(Temporal(address, "default", "queue", folder / "store"))


async def test_it_serves_both_queues_until_it_is_told_to_end(
    temporal: Server, tmp_path: Path, workers: list[Worker]
) -> None:
    worker = Worker(temporal.address, tmp_path)
    workers.append(worker)
    assert worker.line() == worker.queue
    client = await client_of(temporal.address, tmp_path)
    for queue in (worker.queue, worker.queue + WATCHES):
        (found,) = await polled(client, queue, 1)
        assert (found.version, found.where.startswith(f"pid {worker.process.pid} on ")) == (VERSION, True)
    code, said = worker.ended(signal.SIGINT)
    orchestrator = f"the embedded Orchestrator of {SPECS / 'emulator.yaml'}"
    process, where = f"flowrun {VERSION}, pid {worker.process.pid}", f"{temporal.address}, namespace default"
    assert said.splitlines() == [
        f"{process}, serves the task queue {worker.queue} of Temporal at {where}, with {orchestrator}; Ctrl-C ends it",
        "SIGINT: taking nothing new; what is under way has some seconds to end",
        "the worker has ended",
    ]
    assert code == 0


async def test_it_says_where_it_is_as_json_and_shows_metrics(
    temporal: Server, tmp_path: Path, workers: list[Worker]
) -> None:
    port = free_port()
    worker = Worker(temporal.address, tmp_path, "-o", "json", "--metrics", f"127.0.0.1:{port}")
    workers.append(worker)
    told = {"address": temporal.address, "namespace": "default", "task_queue": worker.queue}
    assert json.loads(worker.line()) == told
    await polled(await client_of(temporal.address, tmp_path), worker.queue, 1)
    assert "temporal_worker_task_slots_available" in await asyncio.to_thread(page, f"http://127.0.0.1:{port}/metrics")
    assert worker.ended(signal.SIGTERM)[0] == 0


def test_what_is_wrong_is_one_sentence_and_a_code(
    temporal: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    here, gone = temporal.address, f"127.0.0.1:{free_port()}"
    cases = [
        (("--temporal", gone), 6, f"flowrun: Temporal at {gone} is not there: nobody listens at that port"),
        ((), 3, "flowrun: a worker serves a server of Temporal, and none is configured"),
        (("--temporal", here), 5, f"flowrun: Temporal at {here} has no namespace nope"),
        (("--temporal", here, "--metrics", here), 3, f"flowrun: metrics cannot be shown at {here}"),
    ]
    monkeypatch.setenv("FLOWRUN_TEMPORAL_NAMESPACE", "nope")
    for arguments, expected, told in cases:
        assert main(["worker", *arguments]) == expected
        out, said = capsys.readouterr()
        assert out == ""
        assert said.startswith(told)


async def test_a_server_that_comes_back_finds_its_worker(tmp_path: Path, workers: list[Worker]) -> None:
    port = free_port()
    with serving(tmp_path / "server", port=port) as first:
        worker = Worker(first.address, tmp_path)
        workers.append(worker)
        assert worker.line() == worker.queue
    with serving(tmp_path / "server", port=port) as second:
        client = await client_of(second.address, tmp_path)
        before = await pollers(client, worker.queue)
        while (now := await pollers(client, worker.queue)) == before:  # noqa: ASYNC110 - the server alone knows
            await asyncio.sleep(0.05)
        assert [one.version for one in now] == [VERSION]
        code, said = worker.ended(signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in said


async def serve(client: Client) -> None:
    """Until it cannot go on."""
    async with working(client, f"queue-{uuid4().hex}", Place({}, None, 1.0)):
        await asyncio.Event().wait()


async def test_a_worker_that_cannot_go_on_says_why(temporal: Server) -> None:
    """Both of its halves fail, one while the other ends."""
    with pytest.raises(TemporalDenied, match=r"does not let this worker go on: .*nope is not found"):
        await serve(await Client.connect(temporal.address, namespace="nope"))


async def test_a_server_that_has_gone_is_told_from_one_that_refuses(temporal: Server) -> None:
    client = await Client.connect(temporal.address)
    text = 'Namespace default was not found or otherwise could not be described: Status { code: %s, message: "said" }'
    gone, refused = (fallen(RuntimeError(text % code), client) for code in ("Unavailable", "PermissionDenied"))
    assert type(gone) is TemporalUnreachable
    assert gone.message == f"Temporal at {temporal.address} does not answer, and this worker cannot go on: said"
    assert type(refused) is TemporalDenied
    assert refused.message == f"Temporal at {temporal.address} does not let this worker go on: said"


async def test_who_ends_a_worker_is_not_told_that_it_failed(temporal: Server) -> None:
    serving_ = asyncio.create_task(serve(await Client.connect(temporal.address)))
    await asyncio.sleep(0)
    serving_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving_
