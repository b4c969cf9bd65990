"""What a client sees of a profile, over HTTP."""

from __future__ import annotations

import json
import time

import pytest

from tests.unit.emulator.conftest import BUILTINS, Serve

JOBS = "/odata/Jobs"


async def test_the_cloud_limits_list_calls_and_nothing_else(serve: Serve) -> None:
    served = await serve("orchestrator: {list_calls_per_minute: 3}\n" + BUILTINS, profile="cloud")
    job_id = await served.start_one("Echo")
    answers = [await served.http.get(JOBS) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["X-RateLimit-Remaining"] == "0"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert "errorCode" in answers[3].json()
    assert (await served.job(job_id))["Id"] == job_id
    assert [record["status"] for record in served.ledger("request") if record["operation"] == "Jobs"][-1] == 429


async def test_local_runs_are_not_throttled(serve: Serve) -> None:
    served = await serve()
    answers = [await served.http.get(JOBS) for _ in range(120)]
    assert {answer.status_code for answer in answers} == {200}
    assert "X-RateLimit-Remaining" not in answers[-1].headers


@pytest.mark.parametrize(
    ("profile", "url", "found"),
    [
        ("cloud", "/local/default", ["/local/default/orchestrator_", "/local/default"]),
        ("suite", "/local/default", ["/local/default/orchestrator_"]),
        ("standalone", "", [""]),
    ],
)
async def test_a_kind_answers_where_it_does(serve: Serve, profile: str, url: str, found: list[str]) -> None:
    served = await serve(f"orchestrator: {{profile: {profile}}}\n" + BUILTINS)
    root = served.emulator.url.removesuffix("/local/default")
    assert served.emulator.url == root + url
    answers = {
        mount: (await served.http.get(f"{root}{mount}{JOBS}")).status_code
        for mount in ("/local/default/orchestrator_", "/local/default", "/orchestrator_", "")
    }
    assert [mount for mount, status in answers.items() if status == 200] == found
    assert set(answers.values()) == {200, 404}
    assert (await served.http.get(f"{root}/emulator/state")).status_code == 200


async def test_a_standalone_server_is_an_older_one(serve: Serve) -> None:
    served = await serve(profile="standalone")
    root = served.emulator.url
    start = {"startInfo": {"ReleaseName": "Echo", "InputArguments": '{"a": 1}'}}
    created = await served.http.post(f"{root}/odata/Jobs/UiPath.Server.Configuration.OData.StartJobs", json=start)
    assert created.headers["api-supported-versions"].endswith("16.0")
    listed = (await served.http.get(f"{root}{JOBS}")).json()
    assert (listed["@odata.count"], listed["value"][0]["InputArguments"]) == (1, '{"a": 1}')
    assert (await served.http.get(f"{root}/api/Status/Version")).json() == {"version": "16.0"}
    login = {"tenancyName": "default", "usernameOrEmailAddress": "me", "password": served.emulator.token}
    assert (await served.http.post(f"{root}/api/Account/Authenticate", json=login)).status_code == 200
    assert (await served.http.post(f"{root}/identity_/connect/token", data={})).status_code == 404


async def test_a_cloud_has_no_login_with_a_password(serve: Serve) -> None:
    served = await serve(profile="cloud")
    assert (await served.http.post("/api/Account/Authenticate", json={"password": "x"})).status_code == 404
    listed = (await served.http.get(JOBS)).json()
    assert "@odata.count" not in listed


@pytest.mark.parametrize(("tags", "kept"), [("reference", ("mine", False)), ("none", (None, False))])
async def test_tags_that_are_not_kept(serve: Serve, tags: str, kept: tuple[str | None, bool]) -> None:
    served = await serve(f"orchestrator: {{tags: {tags}}}\n" + BUILTINS)
    batch = "1b671a64-40d5-491e-99b0-da01ff1f3341"
    (job,) = await served.start("Echo", Reference="mine", BatchExecutionKey=batch)
    assert (job["Reference"], job["BatchExecutionKey"] == batch) == kept


@pytest.mark.parametrize(
    ("text", "status"), [("Reference eq 'a'", 400), ("reference in ('a','b')", 400), ("State eq 'Running'", 200)]
)
async def test_what_a_filter_does_not_know(serve: Serve, text: str, status: int) -> None:
    served = await serve("orchestrator: {unfilterable: [Reference]}\n" + BUILTINS)
    answer = await served.http.get(JOBS, params={"$filter": text, "$select": "Reference"})
    assert answer.status_code == status
    assert status == 200 or answer.json()["errorCode"] == 1000


async def test_lists_may_lag(serve: Serve) -> None:
    class Hands:
        ahead = 0.0

        def __call__(self) -> float:
            return time.time() + self.ahead

    clock = Hands()
    served = await serve("orchestrator: {list_lag: 60}\n" + BUILTINS, clock=clock)
    job_id = await served.start_one("Echo")
    assert (await served.http.get(JOBS)).json()["value"] == []
    assert (await served.job(job_id))["Id"] == job_id
    clock.ahead = 61
    assert [job["Id"] for job in (await served.http.get(JOBS)).json()["value"]] == [job_id]


async def test_a_reload_keeps_the_kind_that_was_chosen(serve: Serve) -> None:
    served = await serve(profile="cloud")
    catalog = served.emulator._catalog
    catalog.write_text("orchestrator: {profile: standalone, exports_per_day: 3}\n" + BUILTINS, encoding="utf-8")
    assert (await served.http.post(f"{served.root}/emulator/reload")).status_code == 200
    profile = served.emulator.tenant.profile
    assert (profile.profile, profile.exports_per_day, profile.list_calls_per_minute) == ("cloud", 3, 100)
    assert json.dumps(profile.versions[-1]) == '"20.0"'
