from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.unit.emulator.conftest import START, STOP, Serve, Served

LONG = "UiPath.Server.Configuration.OData"
RESUME = f"/odata/Jobs/{LONG}.ResumeJob"
WAITS = """
import json, os, sys
given = json.load(sys.stdin)
resumed = json.loads(os.environ.get("UIPATH_RESUME", "null"))
if resumed is None:
    print(json.dumps({"$suspend": {"message": "approve?", "state": {"step": 2}}}))
else:
    print(json.dumps({"given": given, **resumed}))
"""
BUILTIN = "robots: 1\nreleases:\n  Wait: {builtin: suspend, message: approve}\n  Sleep: {builtin: sleep, seconds: 60}\n"


async def trigger_of(served: Served, job: dict[str, Any]) -> dict[str, Any]:
    """The one trigger of a Job."""
    answer = await served.http.get(f"/odata/JobTriggers/{LONG}.GetByJobKey(jobKey={job['Key']})")
    (trigger,) = answer.json()["value"]
    return dict(trigger)


async def test_a_program_is_suspended_and_goes_on_with_what_is_delivered(
    serve: Serve, program: Callable[[str], str]
) -> None:
    served = await serve(program(WAITS))
    job = await served.until(await served.start_one("Program", {"in_A": 1}), "Suspended")
    assert (job["Info"], job["EndTime"], job["OutputArguments"]) == ("approve?", None, None)
    assert (job["PersistenceId"] is not None, job["ResumeVersion"]) == (True, 1)
    trigger = await trigger_of(served, job)
    assert (trigger["TriggerType"], trigger["Status"], trigger["TriggerMessage"]) == ("Inbox", "New", "approve?")
    inbox = f"/api/JobTriggers/DeliverPayload/{trigger['ItemKey']}"
    assert (await served.http.get(f"/api/JobTriggers/GetPayload/{trigger['ItemKey']}")).status_code == 404
    assert (await served.http.post(inbox, json={"payload": {"yes": True}})).status_code == 202
    assert (await served.http.post(inbox, json={"payload": {"yes": False}})).status_code == 208
    done = await served.until(job["Id"])
    assert json.loads(done["OutputArguments"]) == {
        "given": {"in_A": 1},
        "state": {"step": 2},
        "payload": {"yes": True},
    }
    assert (done["State"], done["StartTime"], done["ResumeTime"] is not None) == ("Successful", job["StartTime"], True)
    delivered = await served.http.get(f"/api/JobTriggers/GetPayload/{trigger['ItemKey']}")
    assert delivered.json() == {"payload": {"yes": True}}
    assert (await trigger_of(served, job))["Status"] == "Fired"
    states = [record["state"] for record in served.ledger("job_state")]
    assert states == ["Running", "Suspended", "Resumed", "Running", "Successful"]


async def test_a_suspended_job_holds_no_robot(serve: Serve) -> None:
    served = await serve(BUILTIN)
    waiting = await served.until(await served.start_one("Wait"), "Suspended")
    other = await served.until(await served.start_one("Sleep"), "Running")
    trigger = await trigger_of(served, waiting)
    await served.http.post(f"/api/JobTriggers/DeliverPayload/{trigger['ItemKey']}", json={"payload": 1})
    assert (await served.job(waiting["Id"]))["State"] == "Resumed"
    await served.stop(other["Id"], "Kill")
    assert json.loads((await served.until(waiting["Id"]))["OutputArguments"]) == {"payload": 1}


async def test_resume_job_takes_new_arguments(serve: Serve, program: Callable[[str], str]) -> None:
    served = await serve(program(WAITS))
    job = await served.until(await served.start_one("Program", {"in_A": 1}), "Suspended")
    answer = await served.http.post(RESUME, json={"jobKey": job["Key"], "inputArguments": '{"in_A": 2}'})
    assert (answer.status_code, answer.json()["State"], answer.json()["Id"]) in [
        (200, "Resumed", job["Id"]),
        (200, "Running", job["Id"]),
    ]
    done = await served.until(job["Id"])
    assert json.loads(done["OutputArguments"]) == {"given": {"in_A": 2}, "state": {"step": 2}, "payload": None}
    again = await served.http.post(RESUME, json={"jobKey": job["Key"]})
    assert (again.status_code, again.json()["errorCode"]) == (409, 1017)
    nobody = await served.http.post(RESUME, json={"jobKey": "1b671a64-40d5-491e-99b0-da01ff1f3341"})
    assert (nobody.status_code, nobody.json()["errorCode"]) == (404, 1002)


async def test_a_timer_wakes_a_job(serve: Serve) -> None:
    served = await serve(BUILTIN)
    job_id = await served.start_one("Wait", {"seconds": 0.3})
    job = await served.until(job_id, "Suspended")
    trigger = await trigger_of(served, job)
    assert (trigger["TriggerType"], trigger["Timer"] is not None) == ("Timer", True)
    refused = await served.http.post(f"/api/JobTriggers/DeliverPayload/{trigger['ItemKey']}", json={})
    assert refused.status_code == 404
    assert (await served.until(job_id))["State"] == "Successful"


async def test_a_builtin_without_a_message_says_that_it_is_suspended(serve: Serve) -> None:
    served = await serve("robots: 1\nreleases:\n  Ask: {builtin: suspend}\n")
    job = await served.until(await served.start_one("Ask"), "Suspended")
    assert job["Info"] == "Job suspended"


async def test_a_suspended_job_can_be_stopped(serve: Serve) -> None:
    served = await serve(BUILTIN)
    job = await served.until(await served.start_one("Wait"), "Suspended")
    assert (await served.http.post(STOP, json={"jobIds": [job["Id"]], "strategy": "SoftStop"})).status_code == 200
    stopped = await served.job(job["Id"])
    assert (stopped["State"], stopped["Info"]) == ("Stopped", "The Job was stopped while it was suspended.")
    trigger = await trigger_of(served, job)
    answer = await served.http.post(f"/api/JobTriggers/DeliverPayload/{trigger['ItemKey']}", json={"payload": 1})
    assert answer.status_code == 404


async def test_what_is_suspended_survives_a_restart(serve: Serve, tmp_path: Path) -> None:
    served = await serve(BUILTIN, state=tmp_path / "state")
    job = await served.until(await served.start_one("Wait"), "Suspended")
    timed = await served.until(await served.start_one("Wait", {"seconds": 0.5}), "Suspended")
    await served.emulator.aclose()
    again = await serve(BUILTIN, state=tmp_path / "state")
    assert (await again.job(job["Id"]))["State"] == "Suspended"
    assert (await again.until(timed["Id"]))["State"] == "Successful"
    trigger = await trigger_of(again, job)
    await again.http.post(f"/api/JobTriggers/DeliverPayload/{trigger['ItemKey']}", json={"payload": 5})
    assert json.loads((await again.until(job["Id"]))["OutputArguments"]) == {"payload": 5}


async def test_triggers_are_listed_by_folder_and_job(serve: Serve) -> None:
    served = await serve(BUILTIN)
    first = await served.until(await served.start_one("Wait"), "Suspended")
    second = await served.until(await served.start_one("Wait"), "Suspended")
    listed = (await served.http.get("/odata/JobTriggers?$filter=Status eq 'New'&$count=true")).json()
    assert (listed["@odata.count"], [item["JobId"] for item in listed["value"]]) == (2, [first["Id"], second["Id"]])
    of_one = await served.http.get(f"/odata/JobTriggers/{LONG}.GetWithWaitEvents(jobId={second['Id']})")
    assert [item["JobId"] for item in of_one.json()["value"]] == [second["Id"]]
    unknown = await served.http.get(f"/odata/JobTriggers/{LONG}.GetByJobKey(jobKey=1b671a64)")
    assert unknown.status_code == 404


async def test_a_wrong_wish_faults_the_job(serve: Serve, program: Callable[[str], str]) -> None:
    served = await serve(program("""print('{"$suspend": {"second": 1}}')"""))
    job = await served.run("Program")
    assert (job["State"], "asked to be suspended" in job["Info"]) == ("Faulted", True)
    answer = await served.http.post(START, json={"startInfo": {"ReleaseName": "Program", "StopStrategy": "Never"}})
    assert answer.status_code == 400
