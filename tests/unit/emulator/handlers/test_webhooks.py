from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.emulator.webhooks import EVENTS
from tests.unit.emulator.conftest import Serve, Served

LONG = "UiPath.Server.Configuration.OData"
GOOD = {
    "Name": "mine",
    "Url": "http://127.0.0.1:1/hook",
    "Enabled": True,
    "Secret": "s",
    "SubscribeToAllEvents": False,
    "AllowInsecureSsl": False,
    "Events": [{"EventType": "job.completed"}],
}


async def test_a_webhook_is_made_changed_and_deleted(served: Served) -> None:
    made = await served.http.post("/odata/Webhooks", json=GOOD)
    assert made.status_code == 201
    words = made.json()
    assert {name: words[name] for name in GOOD} == GOOD
    place = f"/odata/Webhooks({words['Id']})"
    assert (await served.http.get(place)).json()["Key"] == words["Key"]
    patched = (await served.http.patch(place, json={"Enabled": False})).json()
    assert (patched["Enabled"], patched["Secret"], patched["Id"]) == (False, "s", words["Id"])
    put = (
        await served.http.put(place, json={"Name": "b", "Url": "http://[::1]:9/", "SubscribeToAllEvents": True})
    ).json()
    assert (put["Name"], put["Secret"], put["Enabled"], put["Events"]) == ("b", None, True, [])
    (listed,) = (await served.http.get("/odata/Webhooks?$filter=Name eq 'b'")).json()["value"]
    assert listed["Id"] == words["Id"]
    assert (await served.http.delete(place)).status_code == 204
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        gone = await served.http.request(method, place, json=GOOD)
        assert (gone.status_code, gone.json()["errorCode"]) == (404, 1002)


@pytest.mark.parametrize(
    "change",
    [
        {"Url": "https://example.com/hook"},
        {"Url": "http://127.0.0.1.example.com/"},
        {"Url": "http://me@127.0.0.1/"},
        {"Url": "file:///etc/passwd"},
        {"Url": "http://127.0.0.1:x/"},
        {"Url": None},
        {"Name": ""},
        {"Name": "x" * 129},
        {"Enabled": "yes"},
        {"Secret": "x" * 101},
        {"Events": ["job.created"]},
        {"Events": [{"EventType": "job.lost"}]},
    ],
)
async def test_what_is_no_webhook(served: Served, change: dict[str, object]) -> None:
    answer = await served.http.post("/odata/Webhooks", json={**GOOD, **change})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, 1000)


async def test_the_events_have_names(served: Served) -> None:
    value = (await served.http.get(f"/odata/Webhooks/{LONG}.GetEventTypes()")).json()["value"]
    assert [item["Name"] for item in value] == list(EVENTS)


async def test_webhooks_survive_a_restart_and_keep_their_secret_private(serve: Serve, tmp_path: Path) -> None:
    served = await serve(state=tmp_path / "state")
    made = (await served.http.post("/odata/Webhooks", json={**GOOD, "Secret": "unheard-of"})).json()
    await served.emulator.aclose()
    again = await serve(state=tmp_path / "state")
    assert (await again.http.get(f"/odata/Webhooks({made['Id']})")).json()["Secret"] == "unheard-of"
    assert "unheard-of" not in (tmp_path / "state" / "ledger.jsonl").read_text()
    assert (tmp_path / "state" / "webhooks.json").stat().st_mode & 0o077 == 0
