"""An emulator that was killed in the middle of its work starts again: same port, same state, every line of it whole."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from flowrun.emulator.ledger import read
from tests.conftest import Amount
from tests.e2e.harness import pause

CATALOG = """
robots: 3
releases:
  Echo: {builtin: echo}
  Suspend: {builtin: suspend, seconds: 0.2}
  Work: {command: [/bin/sleep, "0.1"]}
"""
SERVE = """
import sys
from pathlib import Path
from flowrun.emulator.server import serve
ready = lambda emulator: print(emulator.url, flush=True)
serve(Path("emulator.yaml"), state=Path("state"), token="a-token", port=int(sys.argv[1]), ready=ready)
"""


def served(folder: Path, port: int) -> tuple[subprocess.Popen[str], str]:
    """A process that serves, and its address; "" where it has ended instead."""
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port)], cwd=folder, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as said:
        return process, said.readline().strip()


@contextmanager
def load(address: str) -> Iterator[None]:
    """Somebody who starts Jobs as fast as they are answered, whether they are or not."""
    over = threading.Event()

    def post() -> None:
        headers = {"Authorization": "Bearer a-token", "X-UIPATH-FolderPath": "Shared"}
        with httpx.Client(base_url=address, headers=headers, trust_env=False, verify=False) as client:
            while not over.is_set():
                for name in ("Echo", "Suspend", "Work"):
                    info = {"ReleaseName": name, "InputArguments": json.dumps({"text": "x" * 2000})}
                    with suppress(httpx.HTTPError):
                        client.post("/odata/Jobs/StartJobs", json={"startInfo": info})

    thread = threading.Thread(target=post)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.timeout(1800)
def test_it_starts_again_after_every_kill(tmp_path: Path, amount: Amount) -> None:
    (tmp_path / "emulator.yaml").write_text(CATALOG)
    chance, port, kills = random.Random(11), 0, amount(5, 200)
    for _ in range(kills):
        process, address = served(tmp_path, port)
        assert address, "it has ended instead of serving"
        port = int(address.split(":")[2].partition("/")[0])
        with load(address):
            pause(chance.random() * 0.4)
            process.kill()
            process.wait(20)
    records = list(read(tmp_path / "state" / "ledger.jsonl"))
    assert [record["seq"] for record in records] == list(range(1, len(records) + 1))
    types = [record["type"] for record in records]
    assert types.count("opened") == kills
    assert types.count("job_created") > kills, "it had something to do"
