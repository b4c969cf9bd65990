"""The robot service over HTTP, word for word as a robot speaks it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.emulator.conftest import Serve, Served, text_of

BASE = "/api/robotsservice"
CATALOG = "releases:\n  Coded: {package: demo}\n"
HOST = {"X-ROBOT-MACHINE": "host", "X-ROBOT-MACHINE-ENCODED": "aG9zdA=="}


class Wire:
    """A robot that has connected: it signs with its licence key alone."""

    def __init__(self, served: Served, license_key: str) -> None:
        self.headers = {**HOST, "X-ROBOT-LICENSE": license_key, "Authorization": ""}
        self._http = served.http

    async def post(self, call: str, body: Any = None, **more: str) -> httpx.Response:
        return await self._http.post(f"{BASE}/{call}", json={} if body is None else body, headers=self.headers | more)

    async def get(self, path: str) -> httpx.Response:
        return await self._http.get(path, headers=self.headers)

    async def commands(self) -> list[dict[str, Any]]:
        answer = await self.post("heartbeatv2", {"CommandState": "All", "Heartbeats": []})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["commands"]
        return found

    async def say(self, command: dict[str, Any], state: str, **more: Any) -> httpx.Response:
        data = command["data"]
        words = {"robotKey": command["robotKey"], "processKey": data["processKey"], "jobKey": data["jobKey"]}
        return await self.post("SubmitJobState", [{**words, "jobState": state, "robotState": "Busy", **more}])


@pytest.fixture
async def served(serve: Serve, tmp_path: Path) -> Served:
    place = tmp_path / "demo"
    place.mkdir()
    (place / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1.0.0"\n', encoding="utf-8")
    (place / "uipath.json").write_text('{"functions": {"main": "main.py:main"}}', encoding="utf-8")
    return await serve(CATALOG)


@pytest.fixture
async def wire(served: Served) -> Wire:
    answer = await served.http.get(f"{BASE}/getsharedconnectiondata", headers=HOST)
    assert answer.status_code == 200, answer.text
    return Wire(served, answer.json()["licenseKey"])


async def test_a_job_from_its_start_to_its_end(served: Served, wire: Wire) -> None:
    assert (await wire.post("startservice")).status_code == 200
    session = (await wire.post("BeginSession", {"userName": "dom\\ada"})).json()
    assert (session["robotName"], session["hasLicense"]) == ("ada", True)
    assert await wire.commands() == []

    job_id = await served.start_one("Coded", {"a": 1})
    (command,) = await wire.commands()
    data = command["data"]
    assert (command["robotKey"], data["type"], data["inputArguments"]) == (
        session["robotKey"],
        "StartProcess",
        '{"a": 1}',
    )
    assert (data["folderPath"], data["entryPointPath"], data["packageId"]) == ("Shared", "main", "demo")
    assert data["processKey"] != "00000000-0000-0000-0000-000000000000"

    key = f"{data['packageId']}:{data['packageVersion']}"
    package = await served.http.get(f"/odata/Processes/UiPath.Server.Configuration.OData.DownloadPackage(key='{key}')")
    assert package.status_code == 200
    assert "content/uipath.json" in zipfile.ZipFile(io.BytesIO(package.content)).namelist()

    assert (await wire.say(command, "Running")).status_code == 200
    assert (await served.job(job_id))["State"] == "Running"
    assert await wire.commands() == []
    await wire.say(command, "Successful", outputArguments='{"b": 42}')
    job = await served.job(job_id)
    assert (job["State"], job["OutputArguments"], job["HostMachineName"]) == ("Successful", '{"b": 42}', "host")


async def test_a_stop_reaches_the_robot(served: Served, wire: Wire) -> None:
    job_id = await served.start_one("Coded")
    (command,) = await wire.commands()
    await wire.say(command, "Running")
    assert (await served.stop(job_id, "SoftStop")).status_code == 200
    (stop,) = await wire.commands()
    assert (stop["data"]["type"], stop["data"]["jobKey"]) == ("StopProcess", command["data"]["jobKey"])
    await wire.say(command, "Stopped")
    assert (await served.job(job_id))["State"] == "Stopped"
    assert await wire.commands() == []


async def test_a_failure_has_a_code_and_a_reason(served: Served, wire: Wire) -> None:
    job_id = await served.start_one("Coded")
    (command,) = await wire.commands()
    await wire.say(command, "Faulted", error={"code": "PYTHON.X", "title": "It failed", "detail": "here"})
    job = await served.job(job_id)
    assert (job["State"], job["Info"], job["ErrorCode"]) == ("Faulted", "It failed\r\nhere", "PYTHON.X")


async def test_large_outputs_go_through_a_blob(served: Served, wire: Wire) -> None:
    job_id = await served.start_one("Coded")
    (command,) = await wire.commands()
    key = command["data"]["jobKey"]
    given = (await wire.get(f"{BASE}/GetOutputFileAccess?jobKey={key}&fileName=output.json")).json()
    access = given["blobFileAccess"]
    headers = dict(zip(access["headers"]["keys"], access["headers"]["values"], strict=True))
    async with httpx.AsyncClient(trust_env=False, verify=False) as stranger:
        answer = await stranger.request(access["verb"], access["uri"], headers=headers, content=b'{"b": 1}')
    assert answer.status_code == 201, answer.text
    await wire.say(command, "Successful", outputFile=given["id"])
    job = await served.job(job_id)
    assert (job["OutputArguments"], job["OutputFile"]) == (None, given["id"])


async def test_files_are_for_the_robot_that_has_the_job(served: Served, wire: Wire) -> None:
    await served.start_one("Coded")
    (command,) = await wire.commands()
    key = command["data"]["jobKey"]
    assert (await wire.get(f"{BASE}/GetInputFileAccess?jobKey={key}")).json()["errorCode"] == 1002
    assert (await wire.get(f"{BASE}/GetOutputFileAccess?jobKey=other")).status_code == 404


async def test_logs_are_kept(served: Served, wire: Wire) -> None:
    job_id = await served.start_one("Coded")
    (command,) = await wire.commands()
    entry = {
        "message": "hello",
        "level": "Info",
        "timeStamp": "2026-01-01T00:00:00Z",
        "jobId": command["data"]["jobKey"],
    }
    headers = wire.headers | {"Authorization": f"UiRobot {command['robotKey']}"}
    answer = await served.http.post("/api/Logs/SubmitLogs", json=[json.dumps(entry)], headers=headers)
    assert answer.status_code == 200, answer.text
    assert text_of(served.emulator.state / "logs" / f"{job_id}.log") == "2026-01-01T00:00:00Z Info hello\n"


async def test_nobody_speaks_for_a_robot_without_its_licence(served: Served, wire: Wire) -> None:
    stranger = Wire(served, "00000000-0000-0000-0000-000000000000")
    assert (await stranger.post("heartbeatv2")).status_code == 401
    answer = await served.http.get(f"{BASE}/getsharedconnectiondata", headers=wire.headers)
    assert answer.status_code == 401, "a licence is no token"
    assert (await wire.get("/odata/Jobs")).status_code == 401
    await served.start_one("Coded")
    (command,) = await wire.commands()
    key = f"{command['data']['packageId']}:{command['data']['packageVersion']}"
    path = f"/odata/Processes/UiPath.Server.Configuration.OData.DownloadPackage(key='{key}')"
    assert (await wire.get(path)).status_code == 401
    assert (await served.http.get(path.replace("demo", "other"))).status_code == 404


async def test_a_robot_that_said_goodbye_is_gone(served: Served, wire: Wire) -> None:
    state = await served.http.get(f"{served.root}/emulator/state")
    assert state.json()["connected_robots"] == 1
    assert (await wire.post("EndSession", {"robotKey": "x"})).status_code == 200
    assert (await wire.post("stopservice")).status_code == 200
    assert (await wire.post("heartbeatv2")).status_code == 401


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("BeginSession", {"userName": " "}),
        ("BeginSession", []),
        ("SubmitJobState", {}),
        ("SubmitJobState", ["Running"]),
        ("SubmitJobState", [{"jobKey": "x", "jobState": "Suspended"}]),
        ("../Logs/SubmitLogs", ["{"]),
        ("../Logs/SubmitLogs", [1]),
    ],
)
async def test_what_makes_no_sense_is_refused(wire: Wire, call: str, body: Any) -> None:
    answer = await wire.post(call, body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, 1000)


async def test_a_machine_name_that_cannot_be_read_is_refused(served: Served) -> None:
    answer = await served.http.get(f"{BASE}/getsharedconnectiondata", headers={"X-ROBOT-MACHINE-ENCODED": "%"})
    assert answer.status_code == 400


async def test_a_release_that_is_a_package_no_more_needs_no_robot(tmp_path: Path, served: Served) -> None:
    waiting = await served.start_one("Coded")
    (tmp_path / "emulator.yaml").write_text("releases:\n  Coded: {builtin: echo}\n", encoding="utf-8")
    assert (await served.http.post(f"{served.root}/emulator/reload")).status_code == 200
    assert (await served.until(waiting))["State"] == "Successful"


PERSISTENCE = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


async def suspend(wire: Wire, command: dict[str, Any], trigger: dict[str, Any], state: bytes) -> httpx.Response:
    """As a robot says it: a form with the state as a file."""
    words = {
        "robotKey": command["robotKey"],
        "jobId": command["data"]["jobKey"],
        "persistenceInstanceId": PERSISTENCE,
        "resumeVersion": command["data"]["resumeVersion"] or 0,
        "resumeTriggers": [trigger] if trigger else [],
    }
    form: dict[str, Any] = {
        "file": ("state.db", state, "application/octet-stream"),
        "suspendJobDto": (None, json.dumps(words), "text/plain"),
    }
    return await wire._http.post(f"{BASE}/SuspendPersistentJob", files=form, headers=wire.headers)


async def test_a_job_waits_without_its_robot_and_goes_on_with_its_state(served: Served, wire: Wire) -> None:
    state = b"\r\n--x\r\n\x00\xff" * 100_000
    job_id = await served.start_one("Coded", FpsProperties='{"a": 1}')
    (command,) = await wire.commands()
    assert (command["data"]["persistenceId"], command["data"]["fpsProperties"]) == (None, '{"a": 1}')
    await wire.say(command, "Running")
    inbox = {"triggerType": "Api", "apiResume": {"inboxId": "AB12", "request": {}}, "triggerMessage": "approve?"}
    assert (await suspend(wire, command, inbox, state)).status_code == 200
    job = await served.job(job_id)
    assert (job["State"], job["PersistenceId"], job["Info"]) == ("Suspended", PERSISTENCE, "approve?")
    other = await served.start_one("Coded")
    (second,) = await wire.commands()
    await wire.say(second, "Successful", outputArguments="{}")
    assert (await served.job(other))["State"] == "Successful"

    assert (await served.http.post("/api/JobTriggers/DeliverPayload/ab12", json={"payload": 7})).status_code == 202
    assert (await served.job(job_id))["State"] == "Resumed"
    (again,) = await wire.commands()
    data = again["data"]
    assert (data["jobKey"], data["persistenceId"], data["resumeVersion"]) == (job["Key"], PERSISTENCE, 1)
    asked = f"{BASE}/GetPersistentJob?persistenceId={PERSISTENCE}&resumeVersion"
    answer = await wire.get(f"{asked}=1")
    assert (answer.status_code, answer.content) == (200, state)
    assert (await wire.get(f"{asked}=2")).status_code == 404
    assert (await wire.get("/api/JobTriggers/GetPayload/AB12")).status_code == 401, "for the token, not for a licence"
    assert (await served.http.get("/api/JobTriggers/GetPayload/AB12")).json() == {"payload": 7}
    await wire.say(again, "Running")
    await wire.say(again, "Successful", outputArguments='{"b": 1}')
    assert (await served.job(job_id))["OutputArguments"] == '{"b": 1}'


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [
        ({"triggerType": "Timer", "resumeTime": "2020-01-01T00:00:00+00:00"}, "Timer"),
        ({"triggerType": "Task", "itemKey": "4711"}, "Task"),
        ({}, "Inbox"),
    ],
)
async def test_what_a_job_waits_for(served: Served, wire: Wire, trigger: dict[str, Any], kind: str) -> None:
    job_id = await served.start_one("Coded")
    (command,) = await wire.commands()
    assert (await suspend(wire, command, trigger, b"")).status_code == 200
    (shown,) = (await served.http.get(f"/odata/JobTriggers?$filter=JobId eq {job_id}")).json()["value"]
    assert shown["TriggerType"] == kind
    if kind != "Timer":
        body = {"jobKey": command["data"]["jobKey"]}
        resumed = await served.http.post("/odata/Jobs/UiPath.Server.Configuration.OData.ResumeJob", json=body)
        assert resumed.status_code == 200
    assert (await served.until(job_id, "Resumed"))["ResumeVersion"] == 1


async def test_a_job_that_is_to_end_does_not_wait(served: Served, wire: Wire) -> None:
    job_id = await served.start_one("Coded")
    (command,) = await wire.commands()
    await wire.say(command, "Running")
    await served.stop(job_id, "SoftStop")
    assert (await suspend(wire, command, {}, b"")).status_code == 200
    assert (await served.job(job_id))["State"] == "Stopped"
    assert await wire.commands() == []


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("persistenceInstanceId", "../../etc", 400),
        ("jobId", "1b671a64-40d5-491e-99b0-da01ff1f3341", 404),
        ("resumeTriggers", [{"triggerType": "Timer", "resumeTime": "soon"}], 400),
    ],
)
async def test_a_suspension_that_cannot_be(served: Served, wire: Wire, field: str, value: Any, status: int) -> None:
    job_id = await served.start_one("Coded")
    (command,) = await wire.commands()
    await wire.say(command, "Running")
    words = {"jobId": command["data"]["jobKey"], "persistenceInstanceId": PERSISTENCE, "resumeTriggers": []}
    form = {"suspendJobDto": (None, json.dumps(words | {field: value}), "text/plain")}
    answer = await wire._http.post(f"{BASE}/SuspendPersistentJob", files=form, headers=wire.headers)
    assert answer.status_code == status
    assert (await wire.post("SuspendPersistentJob", words)).status_code == 400
    assert (await served.job(job_id))["State"] == "Running"
