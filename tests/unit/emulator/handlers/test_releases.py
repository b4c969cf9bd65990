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
