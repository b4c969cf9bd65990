from __future__ import annotations

from tests.unit.emulator.conftest import START, STOP, Serve, Served

TWO = """
folders:
  One: {releases: {Sleep: {builtin: sleep, seconds: 60}}}
  Two: {releases: {Sleep: {builtin: sleep, seconds: 60}}}
"""


async def test_a_list_without_a_folder_is_of_all(serve: Serve) -> None:
    served = await serve(TWO)
    for folder in ("One", "Two"):
        headers = {"X-UIPATH-FolderPath": folder}
        await served.http.post(START, json={"startInfo": {"ReleaseName": "Sleep"}}, headers=headers)
    assert len((await served.http.get("/odata/Jobs")).json()["value"]) == 1
    del served.http.headers["X-UIPATH-FolderPath"]
    assert len((await served.http.get("/odata/Jobs")).json()["value"]) == 2


async def test_a_job_of_another_folder_is_not_there(serve: Serve) -> None:
    served = await serve(TWO)
    job = await served.start_one("Sleep")
    other = {"X-UIPATH-FolderPath": "Two"}
    assert (await served.http.get(f"/odata/Jobs({job})", headers=other)).status_code == 404
    stop = await served.http.post(STOP, json={"jobIds": [job], "strategy": "Kill"}, headers=other)
    assert (stop.status_code, stop.json()["errorCode"]) == (404, 1002)
    assert (await served.job(job))["State"] == "Running"


async def test_actions_need_a_folder(served: Served) -> None:
    del served.http.headers["X-UIPATH-FolderPath"]
    answers = [
        await served.http.post(START, json={"startInfo": {"ReleaseName": "Echo"}}),
        await served.http.post(STOP, json={"jobIds": [1], "strategy": "Kill"}),
        await served.http.get("/odata/Releases"),
    ]
    assert [(answer.status_code, answer.json()["errorCode"]) for answer in answers] == [(400, 1101)] * 3


async def test_an_unknown_id_stops_nothing_and_final_ones_stay(served: Served) -> None:
    running, done = await served.start_one("Sleep"), (await served.run("Echo"))["Id"]
    mixed = await served.http.post(STOP, json={"jobIds": [running, 999], "strategy": "Kill"})
    assert mixed.status_code == 404
    assert (await served.job(running))["State"] == "Running"
    both = await served.http.post(STOP, json={"jobIds": [running, done], "strategy": 2})
    assert both.status_code == 200
    assert (await served.until(running))["State"] == "Stopped"
    assert (await served.job(done))["State"] == "Successful"


async def test_strategies_of_a_stop(served: Served) -> None:
    for strategy, status in (("0", 400), (3, 400), (None, 400), ("kill", 200), ("1", 200), ("SOFTSTOP", 200)):
        job = await served.start_one("Sleep")
        answer = await served.http.post(STOP, json={"jobIds": [job], "strategy": strategy})
        assert answer.status_code == status, strategy
        await served.stop(job, "Kill")


async def test_bodies_that_are_no_requests(served: Served) -> None:
    for path, body in ((START, b"{"), (START, b"[]"), (START, b"{}"), (STOP, b'{"jobIds": [true], "strategy": 1}')):
        answer = await served.http.post(path, content=body)
        assert (answer.status_code, answer.json()["errorCode"]) == (400, 1000)
    assert (await served.http.get("/odata/Jobs(abc)")).status_code == 400


async def test_only_a_final_job_is_restarted(served: Served) -> None:
    job = await served.start_one("Sleep")
    answer = await served.http.post("/odata/Jobs/RestartJob", json={"jobId": job})
    assert answer.status_code == 409
    assert (await served.http.post("/odata/Jobs/RestartJob", json={"jobId": 999})).status_code == 404


async def test_a_preflight_says_what_a_start_would(served: Served) -> None:
    path = "/odata/Jobs/UiPath.Server.Configuration.OData.ValidateDynamicJob"
    body = {"startInfo": {"ReleaseName": "Echo", "Strategy": "Specific", "RobotIds": [99]}}
    answer = (await served.http.post(path, json=body)).json()
    assert (answer["IsValid"], answer["ErrorCodes"]) == (False, ["RobotNotFound"])
    assert served.ledger("job_created") == []


async def test_many_jobs_are_found_through_an_index(served: Served) -> None:
    await served.start("Echo", Strategy="JobsCount", JobsCount=2000)
    answer = await served.http.get("/odata/Jobs", params={"$filter": "Id in (7,1999) and State ne 'Faulted'"})
    assert [job["Id"] for job in answer.json()["value"]] == [7, 1999]
