from __future__ import annotations

import asyncio
import csv
import io
import time
from pathlib import Path
from typing import Any

import httpx

from tests.unit.emulator.conftest import BUILTINS, Serve, Served

EXPORT = "/odata/Jobs/UiPath.Server.Configuration.OData.Export"
LINK = "UiPath.Server.Configuration.OData.GetDownloadLink"


class Hands:
    """A clock that may be set forward."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


async def rows(served: Served, query: str = "") -> list[dict[str, str]]:
    """The rows of an export, through all four calls."""
    export = (await served.http.post(EXPORT + query)).json()
    found = await ended(served, export["Id"])
    access = (await served.http.get(f"/odata/Exports({export['Id']})/{LINK}")).json()
    assert (access["Verb"], access["RequiresAuth"], access["Headers"]) == ("GET", False, {"Keys": [], "Values": []})
    async with httpx.AsyncClient(trust_env=False, verify=False) as stranger:
        answer = await stranger.get(access["Uri"])
    assert len(answer.content) == found["Size"]
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def ended(served: Served, number: int) -> dict[str, Any]:
    """An export, once it has ended."""
    while True:
        found = await one(served, number)
        if found["Status"] in {"Completed", "Failed"}:
            return found
        await asyncio.sleep(0.01)


async def one(served: Served, number: int) -> dict[str, Any]:
    """An export as it is now."""
    return dict((await served.http.get(f"/odata/Exports({number})")).json())


async def test_an_export_in_four_calls(serve: Serve) -> None:
    served = await serve("orchestrator: {export_seconds: 0.1}\n" + BUILTINS)
    good, bad = await served.run("Echo"), await served.run("Fail", {"message": 'no "total", really\nnone'})
    found = await rows(served, "?$filter=State eq 'Faulted'&$orderby=Id")
    assert [(row["Id"], row["Process"], row["State"]) for row in found] == [(str(bad["Id"]), "Fail", "Faulted")]
    assert found[0]["Info"] == bad["Info"]
    assert len(await rows(served)) == 2
    assert [row["Id"] for row in await rows(served, "?$orderby=Id desc&$skip=1&$top=5")] == [str(good["Id"])]


async def test_an_export_goes_through_its_states(serve: Serve) -> None:
    clock = Hands()
    served = await serve("orchestrator: {export_seconds: 1000}\n" + BUILTINS, clock=clock)
    export = (await served.http.post(EXPORT)).json()
    assert (export["Type"], export["Status"], export["Size"], export["ExecutedAt"]) == ("Jobs", "New", None, None)
    assert export["Name"].startswith("jobs-")
    early = await served.http.get(f"/odata/Exports({export['Id']})/{LINK}")
    assert (early.status_code, early.json()["errorCode"]) == (409, 1017)
    clock.ahead = 600
    assert (await one(served, export["Id"]))["Status"] == "InProgress"
    clock.ahead = 1100
    assert (await one(served, export["Id"]))["Status"] == "Completed"
    clock.ahead = 168 * 3600 + 60
    assert (await served.http.get(f"/odata/Exports({export['Id']})")).status_code == 404


async def test_a_day_has_so_many_exports(serve: Serve) -> None:
    clock = Hands()
    served = await serve("orchestrator: {exports_per_day: 2}\n" + BUILTINS, clock=clock)
    answers = [await served.http.post(EXPORT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert answers[2].json()["errorCode"] == 4502
    clock.ahead = 86_400
    assert (await served.http.post(EXPORT)).status_code == 200


async def test_an_export_can_fail(served: Served) -> None:
    await served.fault(on="Export", fault="failed_export", times=1)
    export = (await served.http.post(EXPORT)).json()
    found = await ended(served, export["Id"])
    assert (found["Status"], found["Size"]) == ("Failed", None)
    assert (await served.http.get(f"/odata/Exports({export['Id']})/{LINK}")).status_code == 409
    assert (await one(served, (await served.http.post(EXPORT)).json()["Id"]))["Status"] == "New"


async def test_a_query_that_cannot_be_read_and_an_export_that_is_not_there(served: Served) -> None:
    assert (await served.http.post(EXPORT + "?$filter=Nonsense eq 1")).json()["errorCode"] == 1000
    assert (await served.http.post(EXPORT + "?$select=Nonsense")).json()["errorCode"] == 1000
    assert (await served.http.get("/odata/Exports(99)")).json()["errorCode"] == 1002


async def test_exports_survive_a_restart(serve: Serve, tmp_path: Path) -> None:
    text = "orchestrator: {exports_per_day: 1, export_seconds: 0}\n" + BUILTINS
    served = await serve(text, state=tmp_path / "state")
    export = (await served.http.post(EXPORT)).json()
    await served.emulator.aclose()
    again = await serve(text, state=tmp_path / "state")
    assert (await one(again, export["Id"]))["Status"] == "Completed"
    assert (await again.http.post(EXPORT)).status_code == 409
