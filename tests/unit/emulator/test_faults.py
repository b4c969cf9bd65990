from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from flowrun.emulator.faults import FaultError, Faults, read_fault
from tests.unit.emulator.conftest import START, Served

ECHO = {"startInfo": {"ReleaseName": "Echo", "Reference": "fr1:run:step:1"}}


def created(served: Served) -> int:
    return len(served.ledger("job_created"))


@pytest.mark.parametrize(
    "words",
    [
        {},
        [],
        {"fault": "sometimes"},
        {"fault": "200"},
        {"fault": "cut_after_commit"},
        {"fault": "503", "times": 0},
        {"fault": "503", "skip": -1},
        {"fault": "delay", "seconds": "long"},
        {"fault": "503", "after": 3},
        {"fault": "503", "on": 5},
    ],
)
def test_what_is_no_fault(words: Any) -> None:
    with pytest.raises(FaultError, match=r"."):
        read_fault(words)


def test_skip_and_times_are_used_up_in_order() -> None:
    faults = Faults()
    faults.add({"on": "StartJobs", "fault": "503", "skip": 1, "times": 2})
    assert faults.take("Jobs") is None
    taken = [faults.take("StartJobs") for _ in range(4)]
    assert [fault is not None for fault in taken] == [False, True, True, False]
    assert faults.listed() == []


@pytest.mark.parametrize(("fault", "jobs"), [("503", 0), ("503_after_commit", 1), ("500_after_commit", 1), ("429", 0)])
async def test_a_status_before_and_after_the_work(served: Served, fault: str, jobs: int) -> None:
    await served.fault(on="StartJobs", fault=fault, retry_after=7)
    answer = await served.http.post(START, json=ECHO)
    assert (answer.status_code, answer.headers["Retry-After"]) == (int(fault[:3]), "7")
    assert created(served) == jobs
    assert (await served.http.post(START, json=ECHO)).status_code == 201
    assert [record.get("fault") for record in served.ledger("request")] == [fault, None]


@pytest.mark.parametrize(("fault", "jobs"), [("lost", 0), ("lost_after_commit", 1)])
async def test_a_lost_answer(served: Served, fault: str, jobs: int) -> None:
    await served.fault(on="StartJobs", fault=fault)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await served.http.post(START, json=ECHO)
    assert created(served) == jobs
    assert served.ledger("request")[-1]["status"] is None


async def test_a_cut_answer(served: Served) -> None:
    await served.fault(on="StartJobs", fault="cut")
    with pytest.raises(httpx.RemoteProtocolError):
        await served.http.post(START, json=ECHO)
    assert created(served) == 1


async def test_a_delayed_request_is_carried_out_after_the_client_gave_up(served: Served) -> None:
    await served.fault(on="StartJobs", fault="delay", seconds=1.5)
    with pytest.raises(httpx.ReadTimeout):
        await served.http.post(START, json=ECHO, timeout=httpx.Timeout(20, read=0.2))
    assert created(served) == 0
    deadline = time.monotonic() + 10
    while not created(served):
        assert time.monotonic() < deadline
        await served.http.get("/odata/Folders")


async def test_an_answer_that_comes_late(served: Served) -> None:
    await served.fault(on="StartJobs", fault="delay_after_commit", seconds=0.2)
    started = time.monotonic()
    assert (await served.http.post(START, json=ECHO)).status_code == 201
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(("fault", "jobs"), [("html", 0), ("html_after_commit", 1)])
async def test_a_page_instead_of_an_answer(served: Served, fault: str, jobs: int) -> None:
    await served.fault(on="StartJobs", fault=fault)
    answer = await served.http.post(START, json=ECHO)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert created(served) == jobs


async def test_an_empty_start(served: Served) -> None:
    await served.fault(on="StartJobs", fault="empty")
    answer = await served.http.post(START, json=ECHO)
    assert (answer.status_code, answer.json()["value"], created(served)) == (201, [], 0)


async def test_a_list_that_lags(served: Served) -> None:
    await served.fault(on="Jobs", fault="list_lag", seconds=60)
    job = await served.start_one("Echo")
    assert (await served.http.get("/odata/Jobs")).json()["value"] == []
    assert (await served.job(job))["Id"] == job
    await served.http.delete(f"{served.root}/emulator/faults")
    assert len((await served.http.get("/odata/Jobs")).json()["value"]) == 1


async def test_a_server_that_keeps_no_tags(served: Served) -> None:
    await served.fault(on="StartJobs", fault="no_tags")
    key = "11111111-2222-3333-4444-555555555555"
    (job,) = await served.start("Echo", BatchExecutionKey=key, Reference="mine")
    assert job["Reference"] is None
    assert job["BatchExecutionKey"] != key


async def test_a_stop_that_stops_nothing(served: Served) -> None:
    await served.fault(on="StopJobs", fault="stuck_stop")
    job = await served.start_one("Sleep")
    assert (await served.stop(job, "Kill")).status_code == 200
    assert (await served.job(job))["State"] == "Running"


@pytest.mark.parametrize(("strategy", "state"), [("SoftStop", "Stopping"), ("Kill", "Terminating")])
async def test_a_program_that_is_not_told_of_its_stop(served: Served, strategy: str, state: str) -> None:
    await served.fault(on="StopJobs", fault="deaf_stop")
    job = await served.start_one("Sleep")
    await served.until(job, "Running")
    assert (await served.stop(job, strategy)).status_code == 200
    assert (await served.job(job))["State"] == state


async def test_a_job_that_no_robot_takes(served: Served) -> None:
    await served.fault(on="StartJobs", fault="stuck_pending", times=1)
    validate = "/odata/Jobs/UiPath.Server.Configuration.OData.ValidateDynamicJob"
    await served.http.post(validate, json={"startInfo": {"ReleaseName": "Echo"}})  # is no start
    stuck, other = await served.start_one("Echo"), await served.start_one("Echo")
    await served.until(other, "Successful")
    assert (await served.job(stuck))["State"] == "Pending"
    await served.stop(stuck, "SoftStop")
    assert (await served.job(stuck))["State"] == "Stopped"


async def test_the_edge_says_how_long_to_wait_in_the_body(served: Served) -> None:
    await served.fault(on="Jobs", fault="edge", retry_after=7)
    answer = await served.http.get("/odata/Jobs")
    assert (answer.status_code, answer.json()["retry_after"]) == (429, 7)
    assert "Retry-After" not in answer.headers
    assert "errorCode" not in answer.json()
    assert (await served.http.get("/odata/Jobs")).status_code == 200


async def test_a_wrong_fault_is_refused(served: Served) -> None:
    answer = await served.http.post(f"{served.root}/emulator/faults", json={"fault": "sometimes"})
    assert answer.status_code == 400
    assert "there are 400 to 599" in answer.json()["message"]
