from __future__ import annotations

from typing import Any

import pytest

from tests.unit.emulator.conftest import START, Serve, Served

FOLDERS = """
folders:
  Modern: {kind: modern, robots: [A, B], releases: {Echo: {builtin: echo}, Slow: {builtin: sleep, seconds: 60}}}
  Classic: {kind: classic, robots: [C, D], releases: {Echo: {builtin: echo}, Slow: {builtin: sleep, seconds: 60}}}
  Empty: {robots: [], releases: {Echo: {builtin: echo}}}
"""


async def start(served: Served, folder: str = "Shared", **info: Any) -> tuple[int, int | None, list[Any]]:
    """Status, errorCode and Jobs of a StartJobs."""
    headers = {"X-UIPATH-FolderPath": folder}
    answer = await served.http.post(START, json={"startInfo": {"ReleaseName": "Echo", **info}}, headers=headers)
    body = answer.json()
    return answer.status_code, body.get("errorCode"), body.get("value", [])


@pytest.mark.parametrize(
    ("info", "jobs"),
    [
        ({}, 1),
        ({"Strategy": "JobsCount", "JobsCount": 3}, 3),
        ({"Strategy": "ModernJobsCount"}, 1),
        ({"Strategy": "modernjobscount", "JobsCount": 2}, 2),
        ({"Strategy": 4, "JobsCount": 2}, 2),
        ({"Strategy": "All"}, 2),
        ({"Strategy": "0"}, 2),
        ({"Strategy": "Specific", "RobotIds": [1]}, 1),
        ({"Strategy": "Specific", "RobotIds": [1, 2, 1]}, 2),
        ({"Strategy": "RobotCount", "NoOfRobots": 2}, 2),
        ({"MachineRobots": [{"RobotId": 2}]}, 1),
    ],
)
async def test_strategies(served: Served, info: dict[str, Any], jobs: int) -> None:
    status, _, value = await start(served, **info)
    assert (status, len(value)) == (201, jobs)
    assert len({job["BatchExecutionKey"] for job in value}) == 1


@pytest.mark.parametrize(
    ("info", "status", "code"),
    [
        ({"Strategy": "Specific"}, 409, 1671),
        ({"Strategy": "Specific", "RobotIds": [99]}, 409, 1671),
        ({"MachineRobots": [{"RobotId": 99}]}, 409, 1671),
        ({"Strategy": "Specific", "RobotIds": "1"}, 400, 1000),
        ({"Strategy": True}, 400, 1000),
        ({"JobsCount": 0}, 400, 1000),
        ({"JobsCount": 10_001}, 400, 1000),
        ({"InputArguments": {"a": 1}}, 400, 1000),
        ({"InputArguments": "{'a': 1}"}, 400, 1000),
        ({"InputArguments": '{"in_Code": 0065}'}, 400, 1000),
        ({"BatchExecutionKey": "mine"}, 400, 1000),
        ({"JobPriority": "Urgent"}, 400, 1000),
        ({"SpecificPriorityValue": 101}, 400, 1000),
        ({"Reference": 5}, 400, 1000),
        ({"ReleaseName": "Nope"}, 404, 1002),
        ({"ReleaseName": None}, 400, 1000),
    ],
)
async def test_refusals_create_nothing(served: Served, info: dict[str, Any], status: int, code: int) -> None:
    assert (await start(served, **info))[:2] == (status, code)
    assert served.ledger("job_created") == []


async def test_arguments_are_counted_before_they_are_escaped(served: Served) -> None:
    fits = '{"t": "' + '"'.join(["é" * 9_990]) + '"}'
    assert len(fits) <= 10_000
    assert (await start(served, InputArguments=fits))[0] == 201
    assert (await start(served, InputArguments=fits + " " * 10))[0] == 400


async def test_folders_take_the_strategies_of_their_kind(serve: Serve) -> None:
    served = await serve(FOLDERS)
    assert (await start(served, "Modern", Strategy="All"))[:2] == (409, 2815)
    assert (await start(served, "Classic", Strategy="ModernJobsCount"))[:2] == (409, 2816)
    assert (await start(served, "Classic", Strategy="All"))[0] == 201
    assert (await start(served, "Empty"))[:2] == (409, 1671)


async def test_robots_with_a_pending_job_of_the_release_take_no_second(serve: Serve) -> None:
    served = await serve(FOLDERS)
    one = {"Strategy": "Specific", "RobotIds": [3], "ReleaseName": "Slow"}
    assert [(await start(served, "Classic", **one))[:2] for _ in range(3)] == [(201, None), (201, None), (409, 1670)]
    assert (await start(served, "Classic", **one | {"RobotIds": [3, 4]}))[0] == 201
    assert (await start(served, "Classic", **one | {"ReleaseName": "Echo"}))[0] == 201


async def test_what_travels_with_a_start_comes_back(served: Served) -> None:
    sent = {"Reference": "r", "JobPriority": "High", "RuntimeType": "NonProduction", "TraceId": "t", "Source": "Agent"}
    _, _, (job,) = await start(served, **sent)
    assert {name: job[name] for name in sent} == sent
    assert job["SpecificPriorityValue"] == 65


async def test_a_release_of_another_folder_is_not_found(serve: Serve) -> None:
    served = await serve(FOLDERS)
    modern = {"X-UIPATH-FolderPath": "Modern"}
    key = (await served.http.get("/odata/Releases", headers=modern)).json()["value"][0]["Key"]
    assert (await start(served, "Classic", ReleaseName=None, ReleaseKey=key))[:2] == (404, 1002)
    assert (await start(served, "Modern", ReleaseName=None, ReleaseKey=key.upper()))[0] == 201
