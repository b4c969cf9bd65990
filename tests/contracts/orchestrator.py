"""What a Jobs API does, said in raw HTTP and JSON by an outsider: it knows nothing of our client, wire or emulator.

A subclass gives the fixture `target`. Each test names what the definition or the API guide says, and leaves behind no
Job that runs. A target without the Release that a test needs skips it.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

ODATA = "UiPath.Server.Configuration.OData"
FINAL = {"Successful", "Faulted", "Stopped"}
PATIENCE_S = 120


@dataclass(frozen=True)
class Target:
    """A server: the address before `/odata`, a token, a folder's path, and Releases of it.

    `quick` ends well in a moment and takes any of `arguments`; `slow` runs for a minute or more; `broken` faults.
    """

    url: str
    token: str
    folder: str
    quick: str
    arguments: str = "{}"
    slow: str = ""
    broken: str = ""
    pause_s: float = 2.0


class Server:
    """A client of the target."""

    def __init__(self, target: Target) -> None:
        self.target = target
        headers = {"Authorization": f"Bearer {target.token}", "X-UIPATH-FolderPath": target.folder}
        tls = target.url.startswith("https:")
        self.http = httpx.Client(base_url=target.url, headers=headers, timeout=60, trust_env=False, verify=tls)
        self.started: list[int] = []

    def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        """POST a JSON body."""
        return self.http.post(path, json=body, **options)

    def try_start(self, **info: Any) -> httpx.Response:
        """POST StartJobs with these fields of startInfo."""
        answer = self.post(f"/odata/Jobs/{ODATA}.StartJobs", {"startInfo": info})
        if answer.status_code == httpx.codes.CREATED:
            self.started += [job["Id"] for job in answer.json()["value"]]
        return answer

    def start(self, name: str, **info: Any) -> list[dict[str, Any]]:
        """The Jobs of a start that must work."""
        answer = self.try_start(ReleaseName=name, **info)
        assert answer.status_code == 201, answer.text
        return list(answer.json()["value"])

    def job(self, job_id: int) -> dict[str, Any]:
        """One Job."""
        answer = self.http.get(f"/odata/Jobs({job_id})")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def until(self, job_id: int, states: set[str]) -> dict[str, Any]:
        """The Job, once it is in one of the states."""
        deadline = time.monotonic() + PATIENCE_S
        while (job := self.job(job_id))["State"] not in states:
            assert time.monotonic() < deadline, job
            time.sleep(self.target.pause_s)  # noqa: TID251 - an outsider has no Clock of ours
        return job

    def listed(self, **options: str) -> dict[str, Any]:
        """The answer of a list of Jobs that must work."""
        answer = self.http.get("/odata/Jobs", params={f"${name}": value for name, value in options.items()})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def found(self, count: int, **options: str) -> list[dict[str, Any]]:
        """A list of Jobs once it has so many: it may lag some seconds behind."""
        deadline = time.monotonic() + 20
        while len(value := self.listed(**options)["value"]) != count:
            assert time.monotonic() < deadline, value
            time.sleep(self.target.pause_s)  # noqa: TID251 - the same
        return list(value)

    def stop(self, ids: list[int], strategy: str | int) -> httpx.Response:
        """POST StopJobs."""
        return self.post(f"/odata/Jobs/{ODATA}.StopJobs", {"jobIds": ids, "strategy": strategy})

    def tidy(self) -> None:
        """Kill what a test left running."""
        running = [job_id for job_id in self.started if self.job(job_id)["State"] not in FINAL]
        if running:
            self.stop(running, "Kill")
        self.http.close()


def refused(answer: httpx.Response, status: int, code: int | None = None) -> dict[str, Any]:
    """The body of an error in the API's form, its names in lower case."""
    assert answer.status_code == status, answer.text
    body = {name.lower(): value for name, value in answer.json().items()}
    assert isinstance(body["message"], str)
    assert body["message"]
    if code is not None:
        assert body["errorcode"] == code
    return body


class OrchestratorContract:
    """The tests."""

    @pytest.fixture
    def server(self, target: Target) -> Iterator[Server]:
        server = Server(target)
        yield server
        server.tidy()

    def test_a_start_answers_201_with_one_job_for_each_created(self, server: Server, target: Target) -> None:
        batch = str(uuid.uuid4())
        jobs = server.start(
            target.quick,
            Strategy="ModernJobsCount",
            JobsCount=2,
            InputArguments=target.arguments,
            Reference="contract:1",
            BatchExecutionKey=batch,
        )
        assert len(jobs) == 2
        assert len({job["Id"] for job in jobs}) == len({job["Key"] for job in jobs}) == 2
        for job in jobs:
            assert job["State"] in {"Pending", "Running", "Successful"}
            assert (job["Reference"], job["BatchExecutionKey"].lower()) == ("contract:1", batch)
            assert job["ReleaseName"] == target.quick

    def test_a_server_made_batch_key_is_shared_by_the_jobs_of_a_start(self, server: Server, target: Target) -> None:
        jobs = server.start(target.quick, JobsCount=2, Strategy="JobsCount", InputArguments=target.arguments)
        (key,) = {job["BatchExecutionKey"] for job in jobs}
        uuid.UUID(key)

    def test_a_finished_job_read_alone_is_whole_and_in_a_list_without_arguments(
        self, server: Server, target: Target
    ) -> None:
        (job,) = server.start(target.quick, InputArguments=target.arguments)
        whole = server.until(job["Id"], FINAL)
        assert whole["State"] == "Successful"
        assert json.loads(whole["InputArguments"]) == json.loads(target.arguments)
        assert isinstance(json.loads(whole["OutputArguments"]), dict)
        assert whole["EndTime"] >= whole["StartTime"]
        (listed,) = server.found(1, filter=f"Id in ({job['Id']})")
        assert (listed["InputArguments"], listed["OutputArguments"]) == (None, None)
        assert (listed["State"], listed["Key"], listed["EndTime"]) == ("Successful", job["Key"], whole["EndTime"])

    def test_a_job_by_its_key(self, server: Server, target: Target) -> None:
        (job,) = server.start(target.quick, InputArguments=target.arguments)
        answer = server.http.get(f"/odata/Jobs/{ODATA}.GetByKey(identifier={job['Key']})")
        assert (answer.status_code, answer.json()["Id"]) == (200, job["Id"])

    def test_lists_by_batch_key_by_ids_and_by_keys(self, server: Server, target: Target) -> None:
        batch = str(uuid.uuid4())
        jobs = server.start(
            target.quick, Strategy="JobsCount", JobsCount=3, InputArguments=target.arguments, BatchExecutionKey=batch
        )
        ids = sorted(job["Id"] for job in jobs)
        keys = ",".join(f"'{job['Key']}'" for job in jobs)
        for text in (
            f"BatchExecutionKey eq {batch}",
            f"Id in ({','.join(map(str, ids))})",
            f"(Id eq {ids[0]} or Id eq {ids[1]} or Id eq {ids[2]})",
            f"Key in ({keys})",
        ):
            assert sorted(job["Id"] for job in server.found(3, filter=text)) == ids

    def test_order_top_skip_select_and_count(self, server: Server, target: Target) -> None:
        batch = str(uuid.uuid4())
        jobs = server.start(
            target.quick, Strategy="JobsCount", JobsCount=3, InputArguments=target.arguments, BatchExecutionKey=batch
        )
        text = f"BatchExecutionKey eq {batch}"
        server.found(3, filter=text)
        answer = server.listed(filter=text, orderby="Id desc", top="1", skip="1", select="Id,Key", count="true")
        (only,) = answer["value"]
        assert (only["Id"], set(only)) == (sorted(job["Id"] for job in jobs)[1], {"Id", "Key"})
        assert answer["@odata.count"] == 3
        assert "@odata.count" not in server.listed(filter=text)

    def test_robot_and_release_only_when_expanded(self, server: Server, target: Target) -> None:
        (job,) = server.start(target.quick, InputArguments=target.arguments)
        server.until(job["Id"], FINAL)
        text = f"Id eq {job['Id']}"
        (plain,) = server.found(1, filter=text)
        assert plain.get("Release") is None
        (expanded,) = server.found(1, filter=text, expand="Robot,Release")
        assert expanded["Release"]["Name"] == target.quick

    @pytest.mark.parametrize("text", ["Nope eq 1", "State eq", "State eq 'Finished'"])
    def test_a_filter_that_makes_no_sense_is_refused(self, server: Server, text: str) -> None:
        refused(server.http.get("/odata/Jobs", params={"$filter": text}), 400)

    def test_names_are_taken_in_any_case(self, server: Server, target: Target) -> None:
        info = {"releasename": target.quick, "INPUTARGUMENTS": target.arguments}
        answer = server.post(f"/odata/Jobs/{ODATA}.StartJobs", {"StartInfo": info})
        assert answer.status_code == 201
        server.started += [answer.json()["value"][0]["Id"]]

    def test_a_start_by_release_key(self, server: Server, target: Target) -> None:
        text = f"Name eq '{target.quick}'"
        (release,) = server.http.get("/odata/Releases", params={"$filter": text}).json()["value"]
        answer = server.try_start(ReleaseKey=release["Key"], InputArguments=target.arguments)
        assert answer.status_code == 201

    def test_refusals_of_a_start(self, server: Server, target: Target) -> None:
        refused(server.try_start(ReleaseKey=str(uuid.uuid4())), 404, 1002)
        refused(server.try_start(ReleaseName=target.quick, InputArguments="[1]"), 400)
        refused(server.try_start(ReleaseName=target.quick, Reference="x" * 129), 400)
        too_long = json.dumps({"in_Text": "x" * 10_000})
        refused(server.try_start(ReleaseName=target.quick, InputArguments=too_long), 400)
        refused(server.try_start(ReleaseName=target.quick, Strategy="Sometimes"), 400)

    def test_a_folder_that_does_not_exist(self, server: Server, target: Target) -> None:
        answer = server.post(
            f"/odata/Jobs/{ODATA}.StartJobs",
            {"startInfo": {"ReleaseName": target.quick}},
            headers={"X-UIPATH-FolderPath": "No/Such/Folder"},
        )
        refused(answer, 400, 1100)

    def test_the_folder_by_id_key_and_encoded_path(self, server: Server, target: Target) -> None:
        text = f"FullyQualifiedName eq '{target.folder}'"
        (folder,) = server.http.get("/odata/Folders", params={"$filter": text, "$top": "1"}).json()["value"]
        encoded = base64.b64encode(target.folder.encode("utf-16-le")).decode()
        del server.http.headers["X-UIPATH-FolderPath"]
        for header, value in (
            ("X-UIPATH-OrganizationUnitId", str(folder["Id"])),
            ("X-UIPATH-FolderKey", folder["Key"]),
            ("X-UIPATH-FolderPath-Encoded", encoded),
        ):
            answer = server.http.get("/odata/Releases", headers={header: value})
            assert target.quick in {release["Name"] for release in answer.json()["value"]}
        server.http.headers["X-UIPATH-FolderPath"] = target.folder

    def test_an_unknown_job(self, server: Server) -> None:
        refused(server.http.get("/odata/Jobs(999999999999)"), 404, 1002)
        refused(server.http.get(f"/odata/Jobs/{ODATA}.GetByKey(identifier={uuid.uuid4()})"), 404, 1002)

    def test_without_a_token_nothing_is_told(self, target: Target) -> None:
        answer = httpx.get(f"{target.url}/odata/Jobs", trust_env=False)
        assert answer.status_code == 401

    def test_robots_have_names_and_ids(self, server: Server) -> None:
        for robot in server.http.get("/odata/Robots").json()["value"]:
            assert isinstance(robot["Id"], int)
            assert robot["Name"]

    @pytest.mark.parametrize("strategy", ["Kill", "2"])
    def test_kill_stops_a_job_and_answers_nothing(self, server: Server, target: Target, strategy: str) -> None:
        if not target.slow:
            pytest.skip("the target has no slow Release")
        (job,) = server.start(target.slow)
        server.until(job["Id"], {"Running"})
        answer = server.stop([job["Id"]], strategy)
        assert (answer.status_code, answer.content) == (200, b"")
        assert server.until(job["Id"], FINAL)["State"] == "Stopped"

    def test_softstop_of_one_job(self, server: Server, target: Target) -> None:
        if not target.slow:
            pytest.skip("the target has no slow Release")
        (job,) = server.start(target.slow)
        server.until(job["Id"], {"Running"})
        answer = server.post(f"/odata/Jobs({job['Id']})/{ODATA}.StopJob", {"strategy": "SoftStop"})
        assert (answer.status_code, answer.content) == (200, b"")
        assert server.until(job["Id"], FINAL | {"Stopping"})["StopStrategy"] == "SoftStop"

    def test_a_stop_without_a_strategy_is_refused(self, server: Server) -> None:
        refused(server.post(f"/odata/Jobs/{ODATA}.StopJobs", {"jobIds": [1]}), 400)

    def test_a_faulted_job_says_why(self, server: Server, target: Target) -> None:
        if not target.broken:
            pytest.skip("the target has no broken Release")
        (job,) = server.start(target.broken)
        ended = server.until(job["Id"], FINAL)
        assert (ended["State"], bool(ended["Info"])) == ("Faulted", True)
        (found,) = server.found(1, filter=f"State eq 'Faulted' and Id eq {job['Id']}")
        assert found["Info"] == ended["Info"]

    def test_a_restart_is_a_new_job(self, server: Server, target: Target) -> None:
        (job,) = server.start(target.quick, InputArguments=target.arguments)
        server.until(job["Id"], FINAL)
        answer = server.post(f"/odata/Jobs/{ODATA}.RestartJob", {"jobId": job["Id"]})
        assert answer.status_code == 200
        again = answer.json()
        assert (again["Id"] != job["Id"], again["Key"] != job["Key"]) == (True, True)
        assert server.until(again["Id"], FINAL)["State"] == "Successful"

    def test_a_preflight(self, server: Server, target: Target) -> None:
        path = f"/odata/Jobs/{ODATA}.ValidateDynamicJob"
        answer = server.post(path, {"startInfo": {"ReleaseName": target.quick}})
        assert (answer.status_code, answer.json()["IsValid"]) == (200, True)
