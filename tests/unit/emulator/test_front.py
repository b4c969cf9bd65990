from __future__ import annotations

import httpx
import pytest

from tests.unit.emulator.conftest import START, Served


@pytest.mark.parametrize(
    ("path", "method"), [("/odata/Jobs", "GET"), ("/nothing", "GET"), ("/emulator/ledger", "GET"), (START, "POST")]
)
async def test_nothing_is_answered_without_the_token(served: Served, path: str, method: str) -> None:
    for authorization in ({}, {"Authorization": "Bearer wrong"}):
        async with httpx.AsyncClient(
            base_url=served.root, headers=authorization, trust_env=False, verify=False
        ) as stranger:
            answer = await stranger.request(method, path)
        body = answer.json()
        assert (answer.status_code, body["unAuthorizedRequest"], body["__abp"]) == (401, True, True)
        assert body["error"]["message"] == "You are not authenticated!"


async def test_foreign_hosts_and_pages_are_refused_even_with_the_token(served: Served) -> None:
    assert (await served.http.get("/odata/Jobs", headers={"Host": "attacker.example"})).status_code == 403
    assert (await served.http.get("/odata/Jobs", headers={"Origin": "https://attacker.example"})).status_code == 403


async def test_bodies_have_a_limit(served: Served) -> None:
    assert (await served.http.post(START, content=b"x" * (1024 * 1024 + 1))).status_code == 413
    assert served.ledger("job_created") == []


async def test_what_is_not_built_answers_501_by_name(served: Served) -> None:
    answer = await served.http.get("/odata/QueueItems")
    assert answer.status_code == 501
    assert "QueueItems" in answer.json()["message"]
    assert (await served.http.get(f"{served.root}/favicon.ico")).status_code == 404


async def test_every_answer_names_the_versions_and_errors_a_trace(served: Served) -> None:
    answer = await served.http.get("/odata/Jobs(99)")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, 1002)
    assert answer.json()["traceId"].startswith("00-")
    assert answer.headers["api-supported-versions"].endswith("20.0")


async def test_the_ledger_has_every_request_and_the_body_of_starts_and_stops(served: Served) -> None:
    job = await served.start_one("Sleep", {"seconds": 60})
    await served.stop(job, "Kill")
    await served.http.get("/odata/Jobs?$top=1")
    await served.http.get("/nothing", headers={"Authorization": "Bearer wrong"})
    records = served.ledger("request")
    assert [(record["operation"], record["status"]) for record in records] == [
        ("StartJobs", 201),
        ("StopJobs", 200),
        ("Jobs", 200),
        ("", 401),
    ]
    assert records[0]["body"]["startInfo"]["ReleaseName"] == "Sleep"
    assert records[0]["folder"] == "Shared"
    assert records[2]["query"] == "$top=1"


async def test_a_handler_that_fails_is_a_500_in_the_apis_form(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(served.emulator.tenant.store, "jobs", None)
    answer = await served.http.get("/odata/Jobs")
    assert (answer.status_code, answer.json()["errorCode"]) == (500, 0)
    assert "failed" in caplog.text
