from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.emulator.conftest import BUILTINS, Serve, Served, appears


async def test_echo_gives_back_what_it_got(served: Served) -> None:
    job = await served.run("Echo", {"b": 1, "a": "é"})
    assert (job["State"], job["OutputArguments"]) == ("Successful", job["InputArguments"])
    assert job["Info"] == "Job completed"
    assert job["StartTime"] <= job["EndTime"]


async def test_fail_faults_with_its_message(served: Served) -> None:
    job = await served.run("Fail")
    assert (job["State"], job["Info"], job["OutputArguments"]) == ("Faulted", "The invoice is unreadable.", None)
    assert job["JobError"]["title"] == job["Info"]
    assert (await served.run("Fail", {"message": "other"}))["Info"] == "other"


async def test_a_robot_runs_one_job_at_a_time(served: Served) -> None:
    jobs = [await served.start_one("Sleep") for _ in range(3)]
    states = [(await served.job(job))["State"] for job in jobs]
    assert states == ["Running", "Running", "Pending"]
    await served.stop(jobs[0], "Kill")
    assert (await served.until(jobs[2], "Running"))["State"] == "Running"


async def test_priority_goes_first_then_age(serve: Serve) -> None:
    served = await serve(
        "robots: 1\nreleases: {Sleep: {builtin: sleep, seconds: 0}, Long: {builtin: sleep, seconds: 60}}"
    )
    first = await served.start_one("Long")
    old, new = await served.start_one("Sleep"), await served.start_one("Sleep")
    high = await served.start_one("Sleep", JobPriority="High")
    await served.stop(first, "Kill")
    ended = [await served.until(job) for job in (high, old, new)]
    begun = [record["id"] for record in served.ledger("job_state") if record["state"] == "Running"]
    assert begun == [first, high, old, new]
    assert {job["State"] for job in ended} == {"Successful"}


async def test_a_pinned_job_waits_for_its_own_robot(served: Served) -> None:
    robots = (await served.http.get("/odata/Robots")).json()["value"]
    one = {"Strategy": "Specific", "RobotIds": [robots[1]["Id"]]}
    running = await served.start_one("Sleep", **one)
    waiting = await served.start_one("Echo", **one)
    assert (await served.job(running))["HostMachineName"] == "local"
    assert (await served.job(waiting))["State"] == "Pending"
    assert (await served.run("Echo"))["State"] == "Successful"
    expanded = (await served.http.get(f"/odata/Jobs({running})?$expand=Robot")).json()
    assert expanded["Robot"]["Name"] == robots[1]["Name"]


async def test_a_pending_job_is_stopped_at_once(served: Served) -> None:
    jobs = [await served.start_one("Sleep") for _ in range(3)]
    assert (await served.stop(jobs[2], "SoftStop")).status_code == 200
    job = await served.job(jobs[2])
    assert (job["State"], job["StartTime"], job["StopStrategy"]) == ("Stopped", None, "SoftStop")


async def test_softstop_and_kill_of_a_builtin(served: Served) -> None:
    jobs = [await served.start_one("Sleep") for _ in range(2)]
    for job, strategy in zip(jobs, ["SoftStop", "Kill"], strict=True):
        await served.stop(job, strategy)
        assert (await served.until(job))["State"] == "Stopped"
    moves = [(record["id"], record["state"]) for record in served.ledger("job_state")]
    assert (jobs[0], "Stopping") in moves
    assert (jobs[1], "Terminating") in moves


PROGRAMS = {
    "prints no JSON": ("print('done')", "Faulted", "did not print OutputArguments"),
    "dies": ("raise ValueError('no total on page 3')", "Faulted", "ValueError: no total on page 3"),
    "says nothing": ("", "Faulted", "printed nothing"),
    "prints a megabyte": ("print('x' * 2_000_000)", "Faulted", "more than 1048576 bytes"),
    "ends itself": ("import os; os.kill(os.getpid(), 9)", "Faulted", "ended by SIGKILL"),
    "works": ("print('{}')", "Successful", "Job completed"),
}


@pytest.mark.parametrize("name", PROGRAMS)
async def test_real_processes(serve: Serve, program: Callable[[str], str], name: str) -> None:
    text, state, info = PROGRAMS[name]
    served = await serve(program(text))
    job = await served.run("Program")
    assert job["State"] == state
    assert info in job["Info"]


async def test_a_job_knows_who_it_is_and_gets_its_arguments(serve: Serve, program: Callable[[str], str]) -> None:
    served = await serve(
        program(
            """
import json, os, sys
names = ("UIPATH_JOB_KEY", "UIPATH_JOB_ID", "UIPATH_FOLDER_PATH", "UIPATH_ROBOT_NAME")
print(json.dumps({"given": json.load(sys.stdin), "who": [os.environ[name] for name in names]}))
"""
        )
    )
    job = await served.run("Program", {"in_Text": "é"})
    output = json.loads(job["OutputArguments"])
    assert output["given"] == {"in_Text": "é"}
    assert output["who"][:3] == [job["Key"], str(job["Id"]), "Shared"]
    assert output["who"][3] in {"Robot1", "Robot2"}


async def test_kill_of_a_process_that_ignores_sigterm_takes_three_seconds(
    serve: Serve, program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("flowrun.emulator.processes.Process.kill.__defaults__", (1.0,))
    served = await serve(
        program(
            """
import pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path("up").write_text("1")
time.sleep(60)
"""
        )
    )
    job = await served.start_one("Program")
    await appears(tmp_path / "up")
    await served.stop(job, "SoftStop")
    await asyncio.sleep(0.1)
    assert (await served.job(job))["State"] == "Stopping"
    await served.stop(job, "Kill")
    assert (await served.job(job))["State"] == "Terminating"
    assert (await served.until(job))["State"] == "Stopped"


async def test_nothing_survives_the_end_of_the_emulator(
    serve: Serve, program: Callable[[str], str], tmp_path: Path
) -> None:
    served = await serve(
        program("import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(60)"),
        state=tmp_path / "state",
    )
    job = await served.start_one("Program")
    process_id = int(await appears(tmp_path / "pid"))
    await served.emulator.aclose()
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)
    again = await serve(BUILTINS, state=tmp_path / "state")
    lost = await again.job(job)
    assert lost["State"] == "Faulted"
    assert "robot was lost" in lost["Info"]
