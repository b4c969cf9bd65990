"""UiPath's own Python SDK, as published, against the emulator: what it sends is answered so that it is content."""

from __future__ import annotations

import json

import pytest

from tests.real.conftest import Serve

pytest.importorskip("uipath.platform", reason="the package uipath is not installed: pip install -e '.[dev]'")

CATALOG = """
folders:
  Shared:
    robots: 4
    releases:
      Echo: {builtin: echo}
      Sleep: {builtin: sleep, seconds: 60}
      Fail: {builtin: fail, message: The invoice is unreadable.}
      Approve: {builtin: suspend, message: Waits for an approval.}
  Shared/Ünï:
    releases:
      Echo: {builtin: echo}
"""
WAIT = """
import time

def final(key, folder="Shared", states=("Successful", "Faulted", "Stopped")):
    for _ in range(200):
        job = sdk.jobs.retrieve(key, folder_path=folder)
        if job.state in states:
            return job
        time.sleep(0.05)
    raise AssertionError(job)
"""
COUNTED_WORKFLOW = """
flowrun: 1
name: once
steps:
  - id: echo
    release: Echo
    input_arguments: {a: 1}
"""


def test_jobs_are_started_found_and_read(world_of: Serve) -> None:
    world = world_of(CATALOG)
    told = world.sdk(
        WAIT
        + """
job = sdk.processes.invoke("Echo", {"a": 1, "s": "é"}, folder_path="Shared")
told["started"] = job.state
told["ended"] = (ended := final(job.key)).state
told["output"] = json.loads(sdk.jobs.extract_output(ended))
told["bare"] = final(sdk.processes.invoke("Echo").key).output_arguments
failed = final(sdk.processes.invoke("Fail").key)
told["failed"] = [failed.state, failed.info]
keys = (job.key, "00000000-0000-4000-8000-000000000000")
told["exists"] = [sdk.jobs.exists(key, folder_path="Shared") for key in keys]
page = sdk.jobs.list(filter="State eq 'Successful'", orderby="CreationTime desc", top=1, folder_path="Shared")
told["listed"] = [[item.state for item in page.items], page.has_more]
try:
    sdk.jobs.retrieve("00000000-0000-4000-8000-000000000000", folder_path="Shared")
except LookupError as error:
    told["missing"] = str(error)
"""
    )
    assert told["started"] == "Pending"
    assert (told["ended"], told["output"], told["bare"]) == ("Successful", {"a": 1, "s": "é"}, "{}")
    assert told["failed"] == ["Faulted", "The invoice is unreadable."]
    assert told["exists"] == [True, False]
    assert told["listed"] == [["Successful"], True]
    assert "00000000-0000-4000-8000-000000000000" in told["missing"]
    body = world.requests("StartJobs")[0]["body"]
    assert body["startInfo"]["InputArguments"] == '{"a": 1, "s": "\\u00e9"}'


def test_jobs_are_stopped_and_started_again(world_of: Serve) -> None:
    world = world_of(CATALOG)
    told = world.sdk(
        WAIT
        + """
soft, hard = (sdk.processes.invoke("Sleep").key for _ in range(2))
final(soft, states=("Running",)), final(hard, states=("Running",))
sdk.jobs.stop(job_keys=[soft], strategy="SoftStop", folder_path="Shared")
sdk.jobs.stop(job_keys=[hard], strategy="Kill", folder_path="Shared")
told["stopped"] = [final(soft).state, final(hard).state]
again = sdk.jobs.restart(job_key=soft, folder_path="Shared")
told["again"] = [again.state, again.key != soft]
sdk.jobs.stop(job_keys=[again.key, hard], strategy="Kill", folder_path="Shared")
told["again_stopped"] = final(again.key).state
"""
    )
    assert told == {"stopped": ["Stopped", "Stopped"], "again": ["Pending", True], "again_stopped": "Stopped"}
    assert [job.states[-2:] for job in world.jobs()[:2]] == [["Stopping", "Stopped"], ["Terminating", "Stopped"]]


def test_a_job_that_waits_for_a_person_goes_on(world_of: Serve) -> None:
    world = world_of(CATALOG)
    told = world.sdk(
        WAIT
        + """
job = final(sdk.processes.invoke("Approve", {"order": 7}).key, states=("Suspended",))
told["waits"] = job.info
sdk.jobs.resume(job_id=job.id, payload={"approved": True}, folder_path="Shared")
told["state"] = (ended := final(job.key)).state
told["output"] = json.loads(ended.output_arguments)
"""
    )
    assert (told["waits"], told["state"]) == ("Waits for an approval.", "Successful")
    assert told["output"] == {"payload": {"approved": True}}
    assert [state for state in world.jobs()[0].states if state != "Running"] == [
        "Pending", "Suspended", "Resumed", "Successful",
    ]  # fmt: skip


def test_folders_are_found_whatever_their_letters(world_of: Serve) -> None:
    world = world_of(CATALOG)
    told = world.sdk(
        WAIT
        + """
told["keys"] = [sdk.folders.retrieve_key(folder_path=path) for path in ("Shared", "Shared/Ünï", "Nowhere")]
told["by_path"] = final(sdk.processes.invoke("Echo", {"a": 1}, folder_path="Shared/Ünï").key, "Shared/Ünï").folder_key
told["by_key"] = sdk.processes.invoke("Echo", {"a": 2}, folder_key=told["keys"][1]).folder_key
""",
        UIPATH_FOLDER_PATH="",  # else it is sent beside the key, and goes first
    )
    shared, inner, nowhere = told["keys"]
    assert shared
    assert inner not in {shared, None}
    assert nowhere is None
    assert told["by_path"] == told["by_key"] == inner


def test_refusals_are_read_with_their_codes(world_of: Serve) -> None:
    world = world_of(CATALOG)
    told = world.sdk(
        """
def refused(**how):
    try:
        sdk.processes.invoke(**how)
    except Exception as error:
        return [type(error).__name__, str(error)]

told["process"] = refused(name="Nothing", folder_path="Shared")
told["folder"] = refused(name="Echo", folder_path="Nowhere")
"""
    )
    assert told["process"][0] == told["folder"][0] == "EnrichedException"
    assert "404" in told["process"][1]
    assert "1002" in told["process"][1]
    assert "400" in told["folder"][1]
    assert "1100" in told["folder"][1]
    assert world.jobs() == []


def test_large_arguments_and_outputs_travel_as_attachments(world_of: Serve) -> None:
    world = world_of(CATALOG)
    told = world.sdk(
        WAIT
        + """
job = sdk.processes.invoke("Echo", {"text": "x" * 20_000}, folder_path="Shared")
ended = final(job.key)
told["job"] = [ended.state, ended.input_arguments, ended.input_file is not None]
told["output"] = len(json.loads(sdk.jobs.extract_output(ended))["text"])
told["by_file"] = ended.output_file is not None
key = sdk.attachments.upload(name="note.txt", content="kept")
told["name"] = sdk.attachments.download(key=key, destination_path="note.txt")
told["note"] = open("note.txt").read()
sdk.attachments.delete(key=key)
"""
    )
    assert told["job"] == ["Successful", None, True]
    assert (told["output"], told["by_file"]) == (20_000, True)
    assert (told["name"], told["note"]) == ("note.txt", "kept")
    assert "InputArguments" not in world.requests("StartJobs")[0]["body"]["startInfo"]


def test_a_lost_answer_makes_the_sdk_start_twice_and_flowrun_once(world_of: Serve) -> None:
    """StartJobs is carried out and answered with 503: the counter-example of docs/explanation/starting-once.md."""
    world = world_of(CATALOG)
    world.fault(on="StartJobs", fault="503_after_commit")
    world.sdk('sdk.processes.invoke("Echo", {"a": 1}, folder_path="Shared")')
    assert (world.count("StartJobs"), len(world.jobs())) == (2, 2)

    world.fault(on="StartJobs", fault="503_after_commit")
    (world.folder / "once.yaml").write_text(COUNTED_WORKFLOW, encoding="utf-8")
    ended = world.desk.flowrun("run", "once.yaml", environment=world.environment)
    assert ended.code == 0, ended.err
    assert (world.count("StartJobs"), len(world.jobs())) == (3, 3)
    assert json.loads(world.jobs()[-1].output or "") == {"a": 1}
