"""The emulator is held to the OpenAPI definition of UiPath.WebApi 20.0: each reply, and each call that is not built."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jsonschema

from flowrun.emulator import routes
from flowrun.emulator.server import Emulator

DEFINITION = json.loads((Path(__file__).parent / "definition" / "orchestrator-20.0.json").read_text())
LONG = "UiPath.Server.Configuration.OData"
CATALOG = """
robots: 2
releases:
  Echo: {builtin: echo, input: {in_Text: string}, output: {out_Text: string}, versions: {1.1.0: {}}}
  Wait: {builtin: suspend}
  Sleep: {builtin: sleep, seconds: 600}
  Fail: {builtin: fail}
"""
NAMELESS = "1b671a64-40d5-491e-99b0-da01ff1f3341"


def nullable(schema: Any) -> Any:
    """The same schema, with null allowed wherever a value is: the definition never says so, and the server does it."""
    if isinstance(schema, list):
        return [nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}]}
    changed = {name: value if name == "enum" else nullable(value) for name, value in schema.items()}
    if "properties" in schema:
        changed["properties"] = {name: nullable(value) for name, value in schema["properties"].items()}
    if isinstance(schema.get("type"), str):
        changed["type"] = [schema["type"], "null"]
    if "enum" in schema:
        changed["enum"] = [*schema["enum"], None]
    return changed


SCHEMAS = {"components": nullable(DEFINITION["components"])}
OPERATIONS = [(method.upper(), path) for path, methods in DEFINITION["paths"].items() for method in methods]


def filled(path: str) -> str:
    """A path with something in its gaps."""
    return (
        re.sub(r"\{(\w*[iI]d|key|skip|take)\}", "1", re.sub(r"\{(identifier|jobKey)\}", NAMELESS, path))
        .replace("{username}", "me")
        .replace("{includeInherited}", "true")
    )


def is_built(method: str, path: str) -> bool:
    route = routes.find(method, filled(path))
    return route is not None and route.handler is not None


class Checked:
    """A client that checks each answer against the definition."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.seen: set[tuple[str, str]] = set()

    async def call(self, method: str, template: str, body: Any = None, query: str = "", **gaps: Any) -> Any:
        """The body of an answer with a status of the definition, once it fits its schema."""
        path = template.format(**gaps)
        answer = await self.http.request(method, path + query, json=body)
        answers = DEFINITION["paths"][template][method.lower()]
        assert str(answer.status_code) in answers, (template, answer.status_code, answer.text)
        self.seen.add((method, template))
        schema = answers[str(answer.status_code)]
        if schema is None:
            return None
        value = answer.json()
        checker = jsonschema.FormatChecker()
        jsonschema.Draft202012Validator({**nullable(schema), **SCHEMAS}, format_checker=checker).validate(value)
        return value

    async def until(self, job: dict[str, Any], *states: str) -> dict[str, Any]:
        """A Job, once it is in one of these states."""
        async with asyncio.timeout(20):
            while True:
                found = await self.call("GET", "/odata/Jobs({key})", key=job["Id"])
                if found["State"] in states:
                    return dict(found)
                await asyncio.sleep(0.01)


@asynccontextmanager
async def emulator(folder: Path) -> AsyncIterator[Checked]:
    (folder / "emulator.yaml").write_text(CATALOG)
    async with Emulator(folder / "emulator.yaml") as served:
        headers = {"Authorization": f"Bearer {served.token}", "X-UIPATH-FolderPath": served.folder}
        base = f"{served.url}/orchestrator_"
        async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, verify=False, timeout=20) as http:
            yield Checked(http)


async def test_what_is_not_built_says_so_by_name(tmp_path: Path) -> None:
    missing = [one for one in OPERATIONS if not is_built(*one)]
    assert missing
    async with emulator(tmp_path) as checked:
        for method, path in missing:
            answer = await checked.http.request(method, filled(path))
            assert answer.status_code == 501, (method, path)
            bare = re.sub(r"\([^)]*\)", "", path)
            name = bare.rpartition("/")[2].rpartition(".")[2]
            assert f"does not build {name} (" in answer.json()["message"]


async def test_every_answer_fits_the_definition(tmp_path: Path) -> None:
    async with emulator(tmp_path) as checked:
        await reads(checked)
        await jobs(checked)
        await files(checked)
        await webhooks(checked)
    assert {one for one in OPERATIONS if is_built(*one)} == checked.seen


async def reads(checked: Checked) -> None:
    """Folders, robots, Releases, status."""
    call = checked.call
    (folder,) = (await call("GET", "/odata/Folders"))["value"]
    await call("GET", "/odata/Folders({key})", key=folder["Id"])
    await call("GET", f"/odata/Folders/{LONG}.GetByKey(identifier={{identifier}})", identifier=folder["Key"])
    await call("GET", "/api/FoldersNavigation/GetFoldersForCurrentUser")
    await call("GET", "/api/Folders/GetAllForCurrentUser")
    robot = (await call("GET", "/odata/Robots"))["value"][0]
    await call("GET", "/odata/Robots({key})", key=robot["Id"])
    await call("GET", f"/odata/Robots/{LONG}.GetRobotsFromFolder(folderId={{folderId}})", folderId=folder["Id"])
    release = (await call("GET", "/odata/Releases"))["value"][0]
    await call("GET", "/odata/Releases({key})", key=release["Id"], query="?$expand=CurrentVersion,ReleaseVersions")
    one, by_key = f"/odata/Releases({{key}})/{LONG}.", f"/odata/Releases/{LONG}."
    for name, body in (
        ("UpdateToSpecificPackageVersion", {"packageVersion": "1.1.0"}),
        ("RollbackToPreviousReleaseVersion", None),
        ("UpdateToLatestPackageVersion", None),
    ):
        await call("POST", one + name, body, key=release["Id"])
        await call("POST", f"{by_key}{name}ByKey(identifier={{identifier}})", body, identifier=release["Key"])
    await call("GET", "/api/Status/Get")


async def jobs(checked: Checked) -> None:
    """Jobs in every state that they can have, and what wakes them."""
    call = checked.call

    async def start(release: str, **more: Any) -> dict[str, Any]:
        body = {"startInfo": {"ReleaseName": release, **more}}
        await call("POST", f"/odata/Jobs/{LONG}.ValidateDynamicJob", body)
        (job,) = (await call("POST", f"/odata/Jobs/{LONG}.StartJobs", body))["value"]
        return dict(job)

    done = await checked.until(await start("Echo", Reference="r", JobPriority="High"), "Successful")
    await checked.until(await start("Fail"), "Faulted")
    again = await call("POST", f"/odata/Jobs/{LONG}.RestartJob", {"jobId": done["Id"]})
    await checked.until(again, "Successful")
    running = await checked.until(await start("Sleep", AlertRunningExpression="5"), "Running")
    await call("POST", f"/odata/Jobs({{key}})/{LONG}.StopJob", {"strategy": "Kill"}, key=running["Id"])
    await checked.until(running, "Stopped")
    await call("POST", f"/odata/Jobs/{LONG}.StopJobs", {"jobIds": [running["Id"]], "strategy": "1"})
    for way in ("resume", "deliver"):
        waiting = await checked.until(await start("Wait"), "Suspended")
        (trigger,) = (
            await call("GET", f"/odata/JobTriggers/{LONG}.GetByJobKey(jobKey={{jobKey}})", jobKey=waiting["Key"])
        )["value"]
        await call("GET", f"/odata/JobTriggers/{LONG}.GetWithWaitEvents(jobId={{jobId}})", jobId=waiting["Id"])
        inbox = "/api/JobTriggers/DeliverPayload/{inboxId}"
        if way == "resume":
            await call("POST", f"/odata/Jobs/{LONG}.ResumeJob", {"jobKey": waiting["Key"]})
        else:
            await call("POST", inbox, {"payload": {"a": 1}}, inboxId=trigger["ItemKey"])
            await call("GET", "/api/JobTriggers/GetPayload/{inboxId}", inboxId=trigger["ItemKey"])
        await call("POST", inbox, {"payload": {}}, inboxId=trigger["ItemKey"])
        await checked.until(waiting, "Successful")
    await call("GET", "/odata/JobTriggers")
    await call("GET", "/odata/Jobs", query="?$expand=Robot,Release,Machine&$count=true")


async def files(checked: Checked) -> None:
    """Exports and attachments."""
    call = checked.call
    export = await call("POST", f"/odata/Jobs/{LONG}.Export")
    async with asyncio.timeout(20):
        while True:
            found = await call("GET", "/odata/Exports({key})", key=export["Id"])
            if found["Status"] == "Completed":
                break
            await asyncio.sleep(0.01)
    await call("GET", f"/odata/Exports({{key}})/{LONG}.GetDownloadLink", key=export["Id"])
    attachment = await call("POST", "/odata/Attachments", {"Name": "a"})
    await call("GET", "/odata/Attachments")
    await call("GET", "/odata/Attachments({key})", key=attachment["Id"])
    await call("DELETE", "/odata/Attachments({key})", key=attachment["Id"])


async def webhooks(checked: Checked) -> None:
    """Webhooks."""
    call = checked.call
    words = {"Name": "a", "Url": "http://127.0.0.1:9/", "Events": [{"EventType": "job.created"}]}
    made = await call("POST", "/odata/Webhooks", words)
    await call("GET", "/odata/Webhooks")
    await call("GET", f"/odata/Webhooks/{LONG}.GetEventTypes")
    for method in ("GET", "PUT", "PATCH"):
        await call(method, "/odata/Webhooks({key})", words, key=made["Id"])
    await call("POST", f"/odata/Webhooks({{key}})/{LONG}.Ping", key=made["Id"])
    await call("DELETE", "/odata/Webhooks({key})", key=made["Id"])


def test_the_check_itself_can_fail() -> None:
    schema = {**nullable({"$ref": "#/components/schemas/JobDto"}), **SCHEMAS}
    check = jsonschema.Draft202012Validator(schema)
    assert check.is_valid({"Id": 1, "State": None})
    assert not check.is_valid({"Id": "1"})
    assert not check.is_valid({"State": "Sleeping"})
