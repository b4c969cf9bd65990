"""An emulator in this process, and a client that talks to it over real HTTP."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from flowrun.emulator.assembly import LEDGER
from flowrun.emulator.ledger import read
from flowrun.emulator.server import Emulator

START = "/odata/Jobs/UiPath.Server.Configuration.OData.StartJobs"
STOP = "/odata/Jobs/UiPath.Server.Configuration.OData.StopJobs"
BUILTINS = """
robots: 2
releases:
  Echo: {builtin: echo}
  Sleep: {builtin: sleep, seconds: 60}
  Fail: {builtin: fail, message: The invoice is unreadable.}
"""


@dataclass
class Served:
    """A running emulator and a client of it, signed in and in the default folder."""

    emulator: Emulator
    http: httpx.AsyncClient

    async def start(self, release: str, arguments: Any = None, **more: Any) -> list[dict[str, Any]]:
        """The Jobs of one StartJobs."""
        info = {"ReleaseName": release, **more}
        if arguments is not None:
            info["InputArguments"] = json.dumps(arguments)
        answer = await self.http.post(START, json={"startInfo": info})
        assert answer.status_code == 201, answer.text
        jobs: list[dict[str, Any]] = answer.json()["value"]
        return jobs

    async def start_one(self, release: str, arguments: Any = None, **more: Any) -> int:
        """The id of the one Job of a start."""
        (job,) = await self.start(release, arguments, **more)
        return int(job["Id"])

    async def job(self, job_id: int) -> dict[str, Any]:
        """One Job, whole."""
        answer = await self.http.get(f"/odata/Jobs({job_id})")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def until(self, job_id: int, *states: str, seconds: float = 20.0) -> dict[str, Any]:
        """The Job, once it is in one of these states (any final one where none is named)."""
        wanted = states or ("Successful", "Faulted", "Stopped")
        deadline = time.monotonic() + seconds
        while (job := await self.job(job_id))["State"] not in wanted:
            assert time.monotonic() < deadline, job
            await asyncio.sleep(0.01)
        return job

    async def run(self, release: str, arguments: Any = None) -> dict[str, Any]:
        """The Job of one start, when it has ended."""
        return await self.until(await self.start_one(release, arguments))

    async def stop(self, job_id: int, strategy: str) -> httpx.Response:
        """The answer of StopJobs."""
        return await self.http.post(STOP, json={"jobIds": [job_id], "strategy": strategy})

    async def fault(self, **words: Any) -> None:
        """Ask for a fault."""
        answer = await self.http.post(f"{self.root}/emulator/faults", json=words)
        assert answer.status_code == 201, answer.text

    @property
    def root(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self.emulator.url.removesuffix("/local/default")

    def ledger(self, *types: str) -> list[dict[str, Any]]:
        """The ledger's records of these types."""
        return [record for record in read(self.emulator.state / LEDGER) if record["type"] in types]


def text_of(path: Path) -> str:
    """A file's text, "" while it is missing."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


async def appears(path: Path) -> str:
    """The text of a file, once it has one."""
    deadline = time.monotonic() + 20
    while not (text := text_of(path)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    return text


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Serve]:
    """Start an emulator of a catalog's text: `await serve(text, state=…)`."""
    async with AsyncExitStack() as stack:

        async def start(text: str = BUILTINS, **options: Any) -> Served:
            catalog = tmp_path / "emulator.yaml"
            catalog.write_text(text, encoding="utf-8")
            emulator = await stack.enter_async_context(Emulator(catalog, **options))
            headers = {"Authorization": f"Bearer {emulator.token}", "X-UIPATH-FolderPath": emulator.folder}
            base = f"{emulator.url}/orchestrator_"
            client = httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, verify=False, timeout=20)
            return Served(emulator, await stack.enter_async_context(client))

        yield start


@pytest.fixture
async def served(serve: Serve) -> Served:
    """An emulator with the builtins only."""
    return await serve()


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """Make a catalog of one Release, `Program`, from the text of a Python program."""

    def write(text: str) -> str:
        (tmp_path / "program.py").write_text(text, encoding="utf-8")
        return f"robots: 2\nreleases:\n  Program: ['{sys.executable}', program.py]\n"

    return write
