from __future__ import annotations

import json

from tests.unit.emulator.conftest import Serve

CATALOG = """
releases:
  Extract:
    builtin: echo
    version: 2.1.0
    description: Reads an invoice.
    input: {in_Path: {type: string, required: true}, in_Pages: {type: integer, default: 1}}
    output: {Total: number}
  Plain: {builtin: echo}
"""


async def test_a_release_publishes_its_arguments(serve: Serve) -> None:
    served = await serve(CATALOG)
    text = {"$filter": "Name eq 'Extract'"}
    (release,) = (await served.http.get("/odata/Releases", params=text)).json()["value"]
    assert (release["ProcessVersion"], release["Description"]) == ("2.1.0", "Reads an invoice.")
    names = [item["name"] for item in json.loads(release["Arguments"]["Input"])]
    assert names == ["in_Path", "in_Pages"]
    assert json.loads(release["Arguments"]["Output"])[0]["type"].startswith("System.Double")
    assert json.loads(release["InputArguments"]) == {"in_Pages": 1}
    single = (await served.http.get(f"/odata/Releases({release['Id']})")).json()
    assert single["Key"] == release["Key"]
    assert (await served.http.get("/odata/Releases(99)")).json()["errorCode"] == 1002


async def test_without_a_schema_there_are_no_arguments(serve: Serve) -> None:
    served = await serve(CATALOG)
    path = "/odata/Releases/UiPath.Server.Configuration.OData.ListReleases"
    answer = await served.http.get(path, params={"$filter": "ProcessKey eq 'Plain'", "$select": "Id,Key,Arguments"})
    assert answer.json()["value"][0]["Arguments"] is None


async def test_wrong_arguments_fault_the_job_when_it_runs(serve: Serve) -> None:
    served = await serve(CATALOG)
    job = await served.run("Extract", {"in_Path": 5})
    assert (job["State"], job["Info"]) == (
        "Faulted",
        "The input argument in_Path is declared as string, and got integer.",
    )
    done = await served.run("Extract", {"in_Path": "a"})
    assert json.loads(done["OutputArguments"]) == {"in_Path": "a", "in_Pages": 1}


MOVABLE = """
releases:
  Extract:
    builtin: echo
    version: 1.9.0
    versions:
      1.10.0: {input: {in_Path: {type: string, required: true}}}
      2.0.0-rc.1: {}
"""
LONG = "UiPath.Server.Configuration.OData"


async def test_a_release_is_moved_and_its_jobs_say_what_they_ran(serve: Serve) -> None:
    served = await serve(MOVABLE)

    async def seen() -> tuple[str, bool, list[str], int]:
        query = {"$expand": "CurrentVersion,ReleaseVersions"}
        release = (await served.http.get("/odata/Releases(1)", params=query)).json()
        numbers = [one["VersionNumber"] for one in release["ReleaseVersions"]]
        assert release["CurrentVersion"]["VersionNumber"] == release["ProcessVersion"]
        return release["ProcessVersion"], release["IsLatestVersion"], numbers, release["CurrentVersion"]["Id"]

    async def move(call: str, body: dict[str, str] | None = None) -> int:
        return (await served.http.post(f"/odata/Releases(1)/{LONG}.{call}", json=body)).status_code

    before = await seen()
    assert before[:3] == ("1.9.0", False, ["1.9.0"])
    assert (await served.run("Extract", {}))["ReleaseVersionId"] == before[3]
    assert await move("UpdateToSpecificPackageVersion", {"packageVersion": "1.10.0"}) == 200
    after = await seen()
    assert after[:3] == ("1.10.0", False, ["1.9.0", "1.10.0"])
    assert after[3] != before[3]
    ran = await served.run("Extract", {"in_Path": "a"})
    assert (ran["State"], ran["ReleaseVersionId"]) == ("Successful", after[3])
    assert (await served.run("Extract", {}))["State"] == "Faulted"
    assert await move("RollbackToPreviousReleaseVersion") == 200
    assert (await seen())[:3] == ("1.9.0", False, ["1.9.0", "1.10.0", "1.9.0"])
    assert await move("UpdateToLatestPackageVersion") == 200
    assert (await seen())[:2] == ("2.0.0-rc.1", True)


async def test_a_version_that_the_package_lacks_is_refused(serve: Serve) -> None:
    served = await serve(MOVABLE)
    path = f"/odata/Releases(1)/{LONG}."
    unknown = await served.http.post(f"{path}UpdateToSpecificPackageVersion", json={"packageVersion": "3.0.0"})
    assert (unknown.status_code, unknown.json()["errorCode"]) == (404, 1002)
    wrong = await served.http.post(f"{path}UpdateToSpecificPackageVersion", json={})
    assert (wrong.status_code, wrong.json()["errorCode"]) == (400, 1000)
    first = await served.http.post(f"{path}RollbackToPreviousReleaseVersion")
    assert (first.status_code, first.json()["errorCode"]) == (409, 1017)
    other = await served.http.post(f"/odata/Releases(9)/{LONG}.UpdateToLatestPackageVersion")
    assert (other.status_code, other.json()["errorCode"]) == (404, 1002)
