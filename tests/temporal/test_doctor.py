"""`flowrun doctor` looks at Temporal, and begins and changes nothing there."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from flowrun import api
from flowrun.engines.temporal import attributes
from flowrun.engines.temporal.codec import key_id
from flowrun.engines.temporal.connect import connect, reach
from flowrun.engines.temporal.workflow import WATCHES
from flowrun.settings import Settings
from flowrun.version import VERSION
from tests.temporal.server import Server, free_port, serving
from tests.temporal.test_pollers import polled, worker

KEYS = (bytes(range(32)), bytes(range(32, 64)))
WITHOUT = (
    "import sys; sys.modules['temporalio'] = None; from flowrun.cli.main import main; sys.exit(main(sys.argv[1:]))"
)


async def look(folder: Path, address: str, **more: str) -> dict[str, api.Diagnosis]:
    """What a doctor says, but for an Orchestrator, of which there is none here."""
    environ = {"FLOWRUN_TEMPORAL": address, "FLOWRUN_TEMPORAL_TASK_QUEUE": f"queue-{uuid4().hex}", **more}
    return {one.name: one for one in await api.doctor(Settings.load(environ, folder), folder / "none.yaml")}


async def test_all_that_is_well(temporal: Server, tmp_path: Path) -> None:
    queue = uuid4().hex
    settings = Settings.load({"FLOWRUN_TEMPORAL": temporal.address}, tmp_path, temporal_task_queue=queue)
    assert settings.temporal is not None
    clients = [await connect(settings.temporal) for _ in range(2)]
    async with worker(clients[0], queue), worker(clients[1], queue + WATCHES):
        for one in (queue, queue + WATCHES):
            await polled(clients[0], one, 1)
        found = await look(tmp_path, temporal.address, FLOWRUN_TEMPORAL_TASK_QUEUE=queue)
    assert found["Temporal"].text.startswith(f"{temporal.address}, without TLS, server 1.")
    assert found["Temporal"].text.endswith(", namespace default")
    assert found["search attributes"].text == "all 6 are there"
    assert found["task queue"].text.startswith(f"{queue}, served by flowrun {VERSION}, pid {os.getpid()} on ")
    assert found["watch queue"].text.startswith(f"{queue}-watch, served by flowrun {VERSION}, pid ")
    assert found["temporal store"].text == f"{tmp_path / '.flowrun' / 'temporal'} can be written and read"
    assert found["codec key"].text == "none: whoever may read Temporal's store can read inputs and outputs"
    assert [name for name, one in found.items() if not one.ok] == ["Orchestrator"]


async def test_what_is_not_well(temporal: Server, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("no folder")
    keys = ",".join(base64.b64encode(key).decode() for key in KEYS)
    more = {"FLOWRUN_TEMPORAL_STORE": str(tmp_path / "store"), "FLOWRUN_TEMPORAL_CODEC_KEY": keys}
    found = await look(tmp_path, temporal.address, **more)
    assert "no worker serves the task queue queue-" in found["task queue"].text
    assert "no worker serves the task queue queue-" in found["watch queue"].text
    assert "cannot write" in found["temporal store"].text
    assert found["codec key"].text == f"{key_id(KEYS[0])} encrypts; {key_id(KEYS[1])} can be read"


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    found = await look(tmp_path, f"127.0.0.1:{free_port()}")
    assert "is not there" in found["Temporal"].text
    assert found["temporal store"].ok
    assert "task queue" not in found


async def test_a_namespace_stays_as_it_is(tmp_path: Path) -> None:
    with serving(tmp_path, attributes=()) as bare:
        found = await look(tmp_path, bare.address)
        assert found["search attributes"].ok
        assert "FlowrunRun, FlowrunWorkflow, " in found["search attributes"].text
        settings = Settings.load({"FLOWRUN_TEMPORAL": bare.address}, tmp_path)
        assert settings.temporal is not None
        assert await attributes.missing(await reach(settings.temporal)) == tuple(
            key.name for key in attributes.ATTRIBUTES
        )


def test_without_its_library(tmp_path: Path) -> None:
    environ = {**os.environ, "FLOWRUN_TEMPORAL": "127.0.0.1:7233"}
    command = [sys.executable, "-c", WITHOUT, "doctor", "-o", "json"]
    ended = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    (line,) = (one for one in json.loads(ended.stdout)["data"] if one["name"] == "Temporal")
    assert line["text"] == "runs are to be kept by Temporal, and its library is not installed"
    assert line["hint"].startswith("pip install 'flowrun-rpa[temporal]'")
    assert "Traceback" not in ended.stderr
