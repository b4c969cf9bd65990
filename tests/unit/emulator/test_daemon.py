from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from flowrun.emulator.daemon import Endpoint, ensure, home
from flowrun.emulator.ledger import read
from flowrun.errors import SpecError
from tests.e2e.harness import pause
from tests.unit.emulator.conftest import BUILTINS

Find = Callable[[], Endpoint]


@pytest.fixture
def find(tmp_path: Path) -> Iterator[Find]:
    """`ensure` for the catalog in `tmp_path`; whatever still runs at the end is ended."""
    (tmp_path / "emulator.yaml").write_text(BUILTINS)
    found: list[Endpoint] = []

    def ask() -> Endpoint:
        found.append(ensure(tmp_path / "emulator.yaml", tmp_path / "state", linger=0.3))
        return found[-1]

    yield ask
    for endpoint in found:
        endpoint.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(endpoint.pid, signal.SIGTERM)


def client(endpoint: Endpoint) -> httpx.Client:
    headers = {"Authorization": f"Bearer {endpoint.token}", "X-UIPATH-FolderPath": endpoint.folder}
    return httpx.Client(base_url=endpoint.url, headers=headers, trust_env=False, verify=False)


def gone(process_id: int) -> bool:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        pause(0.01)
    return False


def test_the_second_finds_the_first(find: Find) -> None:
    first, second = find(), find()
    assert first == second
    assert first.folder == "Shared"


def test_all_that_it_writes_is_its_owners_alone(find: Find, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        find()
    finally:
        os.umask(before)
    written = [tmp_path / "state", *(tmp_path / "state").rglob("*")]
    assert home(tmp_path / "emulator.yaml", tmp_path / "state") / "endpoint.json" in written
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in written}
    assert modes == {path.name: 0o700 if path.is_dir() else 0o600 for path in written}


def test_it_stays_while_somebody_holds_it_and_ends_by_itself_afterwards(find: Find, tmp_path: Path) -> None:
    endpoint = find()
    time_held = time.monotonic() + 1.0
    while time.monotonic() < time_held:
        os.kill(endpoint.pid, 0)
        pause(0.05)
    with client(endpoint) as http:
        assert http.get("/odata/Jobs").status_code == 200
    endpoint.close()
    assert gone(endpoint.pid)
    assert not (home(tmp_path / "emulator.yaml", tmp_path / "state") / "endpoint.json").exists()


def test_after_a_kill_another_is_started_and_the_lost_jobs_are_faulted(find: Find) -> None:
    first = find()
    with client(first) as http:
        info = {"startInfo": {"ReleaseName": "Sleep"}}
        job = http.post("/odata/Jobs/StartJobs", json=info).json()["value"][0]
    os.kill(first.pid, signal.SIGKILL)
    assert gone(first.pid)
    second = find()
    assert second.pid != first.pid
    with client(second) as http:
        found = http.get(f"/odata/Jobs({job['Id']})").json()
    assert (found["Key"], found["State"]) == (job["Key"], "Faulted")


def test_a_changed_catalog_is_taken_over_by_the_running_one(find: Find, tmp_path: Path) -> None:
    first = find()
    (tmp_path / "emulator.yaml").write_text("releases: {New: {builtin: echo}}")
    second = find()
    assert second.pid == first.pid
    with client(second) as http:
        assert [item["Name"] for item in http.get("/odata/Releases").json()["value"]] == ["New"]
    (tmp_path / "emulator.yaml").write_text("releases: 5")
    with pytest.raises(SpecError):
        find()


def test_a_wrong_catalog_starts_nothing_and_is_said_as_its_problems(find: Find, tmp_path: Path) -> None:
    (tmp_path / "emulator.yaml").write_text("releases: {A: python x.py}")
    with pytest.raises(SpecError) as caught:
        find()
    assert caught.value.problems[0].where == "releases.A"


ASK = """
import json, os, signal, sys
from pathlib import Path
from flowrun.emulator.daemon import ensure
endpoint = ensure(Path(sys.argv[1]), Path(sys.argv[2]), linger=5)
print(endpoint.pid, flush=True)
sys.stdin.read()
"""


def test_several_at_once_get_one_emulator_that_outlives_them(find: Find, tmp_path: Path) -> None:
    argv = [sys.executable, "-c", ASK, str(tmp_path / "emulator.yaml"), str(tmp_path / "state")]
    askers = [
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        for _ in range(3)
    ]
    told = {asker.stdout.readline() for asker in askers if asker.stdout is not None}
    assert len(told) == 1
    for asker in askers:
        os.killpg(asker.pid, signal.SIGKILL)
        asker.communicate()
    assert find().pid == int(told.pop())
    ledger = read(home(tmp_path / "emulator.yaml", tmp_path / "state") / "ledger.jsonl")
    assert [record["type"] for record in ledger if record["type"] == "opened"] == ["opened"]


def test_an_endpoint_file_of_somebody_else_is_not_believed(find: Find, tmp_path: Path) -> None:
    files = home(tmp_path / "emulator.yaml", tmp_path / "state")
    files.mkdir(parents=True)
    for text in ("{", "[]", json.dumps({"url": "http://127.0.0.1:9", "token": "t", "folder": "F", "pid": 1})):
        (files / "endpoint.json").write_text(text)
        endpoint = find()
        assert endpoint.folder == "Shared"
        endpoint.close()
        os.kill(endpoint.pid, signal.SIGTERM)
        assert gone(endpoint.pid)


def test_whoever_took_the_port_of_a_killed_emulator_is_told_nothing(find: Find, tmp_path: Path) -> None:
    """The file still names it, with its token. Nobody holds the lock of its folder, so nobody is asked."""
    first = find()
    os.kill(first.pid, signal.SIGKILL)
    assert gone(first.pid)
    files = home(tmp_path / "emulator.yaml", tmp_path / "state")
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            squatter.bind(("127.0.0.1", urlsplit(first.url).port or 0))
        except OSError:
            pytest.skip("somebody else on this machine was given the port first")
        squatter.listen()
        squatter.settimeout(0)
        assert json.loads((files / "endpoint.json").read_text())["pid"] == first.pid
        second = find()
        assert second.pid != first.pid
        assert second.token != first.token
        with pytest.raises(BlockingIOError):
            squatter.accept()
