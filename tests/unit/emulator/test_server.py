from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from flowrun.emulator.server import Emulator
from flowrun.errors import SpecError, UsageError
from tests.unit.emulator.conftest import BUILTINS, Serve, Served


async def test_only_loopback(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="loopback"):
        Emulator(tmp_path / "x.yaml", host="0.0.0.0")


async def test_a_wrong_catalog_serves_nothing(tmp_path: Path) -> None:
    (tmp_path / "emulator.yaml").write_text("releases: 5")
    with pytest.raises(SpecError):
        await Emulator(tmp_path / "emulator.yaml", state=tmp_path / "state").start()
    assert not (tmp_path / "state").exists()


async def test_a_port_in_use_is_said_and_leaves_nothing_behind(served: Served, tmp_path: Path) -> None:
    port = int(served.root.rpartition(":")[2])
    state = tmp_path / "state"
    with pytest.raises(UsageError, match="cannot be used"):
        await Emulator(tmp_path / "emulator.yaml", port=port, state=state).start()
    async with Emulator(tmp_path / "emulator.yaml", state=state):
        pass


async def test_one_emulator_for_one_state_folder(serve: Serve, tmp_path: Path) -> None:
    await serve(state=tmp_path / "state")
    with pytest.raises(UsageError, match="another emulator"):
        await serve(state=tmp_path / "state")


async def test_state_is_private_and_ids_go_on(serve: Serve, tmp_path: Path) -> None:
    state = tmp_path / "state"
    served = await serve(state=state)
    job = await served.run("Echo", {"a": 1})
    await served.emulator.aclose()
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "ledger.jsonl").stat().st_mode) == 0o600
    again = await serve(state=state)
    assert await again.job(job["Id"]) | {"@odata.context": ""} == job | {"@odata.context": ""}
    assert await again.start_one("Echo") == job["Id"] + 1
    types = [record["type"] for record in again.ledger("opened", "closed")]
    assert types == ["opened", "closed", "opened"]


async def test_without_a_state_folder_nothing_is_left(served: Served) -> None:
    state = served.emulator.state
    await served.emulator.aclose()
    assert not state.exists()


async def test_the_catalog_can_be_read_again_while_jobs_run(serve: Serve, tmp_path: Path) -> None:
    served = await serve()
    running = await served.start_one("Sleep")
    (tmp_path / "emulator.yaml").write_text("robots: 5\nreleases: {New: {builtin: echo}}")
    answer = await served.http.post(f"{served.root}/emulator/reload")
    assert answer.json()["catalog"] == served.emulator.tenant.deployment.digest
    assert (await served.run("New"))["State"] == "Successful"
    assert (await served.job(running))["State"] == "Running"
    (tmp_path / "emulator.yaml").write_text("releases: 5")
    assert (await served.http.post(f"{served.root}/emulator/reload")).status_code == 400
    assert (await served.run("New"))["State"] == "Successful"


async def test_the_ledger_over_http(served: Served) -> None:
    await served.run("Echo")
    lines = (await served.http.get(f"{served.root}/emulator/ledger")).text.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, len(lines) + 1))
    later = (await served.http.get(f"{served.root}/emulator/ledger?after=3")).text.splitlines()
    assert json.loads(later[0])["seq"] == 4


async def test_five_hundred_instant_jobs_take_seconds(serve: Serve) -> None:
    served = await serve("robots: 20\nreleases: {Echo: {builtin: echo}}")
    ids = [await served.start_one("Echo", {"n": number}) for number in range(500)]
    jobs = [await served.until(job_id) for job_id in ids]
    assert [json.loads(job["OutputArguments"])["n"] for job in jobs] == list(range(500))


SERVE = """
import sys
from pathlib import Path
from flowrun.emulator.server import serve
linger = float(sys.argv[2]) if len(sys.argv) > 2 else None
serve(Path(sys.argv[1]), env_file=Path("env"), linger=linger, ready=lambda emulator: print("ready", flush=True))
"""


def served_process(folder: Path, *options: str) -> subprocess.Popen[str]:
    (folder / "emulator.yaml").write_text(BUILTINS)
    argv = [sys.executable, "-c", SERVE, "emulator.yaml", *options]
    process = subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdout.close()
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_at_a_signal_and_takes_its_env_file_with_it(tmp_path: Path, number: signal.Signals) -> None:
    process = served_process(tmp_path)
    env_file = tmp_path / "env"
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    process.send_signal(number)
    assert process.wait(timeout=20) == 0
    assert not env_file.exists()


def test_serve_lingers_while_a_job_is_open(tmp_path: Path) -> None:
    process = served_process(tmp_path, "1.0")
    lines = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    headers = {"Authorization": f"Bearer {lines['UIPATH_ACCESS_TOKEN']}", "X-UIPATH-FolderPath": "Shared"}
    info = {"ReleaseName": "Sleep", "InputArguments": '{"seconds": 2.5}'}
    with httpx.Client(base_url=lines["UIPATH_URL"], headers=headers, trust_env=False, verify=False) as client:
        started = time.monotonic()
        assert client.post("/odata/Jobs/StartJobs", json={"startInfo": info}).status_code == 201
    assert process.wait(timeout=20) == 0
    assert time.monotonic() - started >= 2.5
