from __future__ import annotations

from collections.abc import Callable

import pytest

from flowrun.emulator.timers import TIMED_OUT
from tests.unit.emulator.conftest import START, Serve, Served

ONE_ROBOT = "robots: 1\nreleases:\n  Sleep: {builtin: sleep, seconds: 60}\n"
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(60)
"""


async def test_a_job_that_runs_too_long_is_killed(served: Served) -> None:
    job = await served.until(await served.start_one("Sleep", StopProcessExpression="1"), seconds=10)
    assert (job["State"], job["StopStrategy"], job["Info"]) == ("Stopped", "Kill", TIMED_OUT)


async def test_the_time_counts_for_pending_jobs_too(serve: Serve) -> None:
    served = await serve(ONE_ROBOT)
    first = await served.start_one("Sleep")
    second = await served.until(await served.start_one("Sleep", StopProcessExpression="1"), seconds=10)
    assert (second["State"], second["StartTime"], second["Info"]) == ("Stopped", None, TIMED_OUT)
    assert (await served.job(first))["State"] == "Running"


async def test_a_soft_stop_may_be_followed_by_a_kill(serve: Serve, program: Callable[[str], str]) -> None:
    served = await serve(program(DEAF))
    job_id = await served.start_one(
        "Program", StopProcessExpression="1", StopStrategy="SoftStop", KillProcessExpression="1"
    )
    job = await served.until(job_id, "Stopping", seconds=10)
    assert job["StopStrategy"] == "SoftStop"
    job = await served.until(job_id, seconds=15)
    assert (job["State"], job["StopStrategy"], job["Info"]) == ("Stopped", "Kill", TIMED_OUT)


async def test_a_job_that_ends_in_time_is_left_alone(served: Served) -> None:
    job = await served.until(await served.start_one("Echo", StopProcessExpression="0"))
    assert job["State"] in {"Successful", "Stopped"}
    job = await served.until(await served.start_one("Echo", StopProcessExpression="30", AlertRunningExpression="7"))
    assert (job["State"], job["MaxExpectedRunningTimeSeconds"]) == ("Successful", 7)


@pytest.mark.parametrize("field", ["StopProcessExpression", "KillProcessExpression", "AlertPendingExpression"])
async def test_an_expression_is_a_number_of_seconds_as_text(served: Served, field: str) -> None:
    for value in (5, "soon", "-1", "1.5"):
        answer = await served.http.post(START, json={"startInfo": {"ReleaseName": "Echo", field: value}})
        assert (answer.status_code, answer.json()["errorCode"]) == (400, 1000)
