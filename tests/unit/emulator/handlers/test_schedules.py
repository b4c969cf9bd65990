from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowrun.emulator.catalog import load_catalog
from flowrun.errors import SpecError
from tests.unit.emulator.conftest import Serve

LONG = "UiPath.Server.Configuration.OData"
CATALOG = """
robots: [DocBot, {name: MailBot, id: 749}]
releases:
  Load: {builtin: echo}
queues:
  Invoices: {description: to be posted, max_number_of_retries: 2}
triggers:
  Night: {release: Load, start_process_cron: "0 0 3 ? * MON-FRI *", time_zone_id: Asia/Tokyo, start_strategy: 2}
  Items: {release: Load, queue: Invoices, robots: [MailBot], items_activation_threshold: 5, input_arguments: {a: "é"}}
"""
TYPES: dict[str, Any] = {
    "Enabled": bool,
    "Name": str,
    "ReleaseId": int,
    "ReleaseKey": str,
    "ReleaseName": str,
    "StartProcessCron": str,
    "StartStrategy": int,
    "TimeZoneId": str,
    "InputArguments": str,
    "QueueDefinitionId": int,
    "QueueDefinitionName": str,
    "ItemsActivationThreshold": int,
    "ItemsPerJobActivationTarget": int,
    "MaxJobsForActivation": int,
    "ExecutorRobots": list,
    "Id": int,
}
"""What clients of the real one read of a trigger. Our extract of the definition does not have it."""


async def test_a_trigger_has_what_clients_of_the_real_one_read(serve: Serve) -> None:
    served = await serve(CATALOG)
    night, items = (await served.http.get("/odata/ProcessSchedules")).json()["value"]
    assert all(isinstance(items[name], kind) for name, kind in TYPES.items())
    assert json.loads(items["InputArguments"]) == {"a": "é"}
    assert (items["QueueDefinitionName"], items["ItemsActivationThreshold"]) == ("Invoices", 5)
    assert (night["StartStrategy"], night["StartProcessCron"]) == (2, "0 0 3 ? * MON-FRI *")
    assert (night["QueueDefinitionId"], night["ItemsActivationThreshold"]) == (None, None)
    single = (await served.http.get(f"/odata/ProcessSchedules({items['Id']})")).json()
    assert {**single, "@odata.context": ""} == {**items, "@odata.context": ""}


async def test_the_robots_of_a_trigger_are_told_by_a_call_of_their_own(serve: Serve) -> None:
    served = await serve(CATALOG)
    path = f"/odata/ProcessSchedules/{LONG}.GetRobotIdsForSchedule(key={{}})"
    assert (await served.http.get(path.format(2))).json()["value"] == [749]
    assert (await served.http.get(path.format(1))).json()["value"] == []
    for missing in (path.format(9), "/odata/ProcessSchedules(9)"):
        answer = await served.http.get(missing)
        assert (answer.status_code, answer.json()["errorCode"]) == (404, 1002)


async def test_queues_are_there_to_be_read(serve: Serve) -> None:
    served = await serve(CATALOG)
    (queue,) = (await served.http.get("/odata/QueueDefinitions", params={"$filter": "Name eq 'Invoices'"})).json()[
        "value"
    ]
    assert (queue["MaxNumberOfRetries"], queue["AcceptAutomaticallyRetry"]) == (2, True)
    assert (queue["Description"], queue["OrganizationUnitFullyQualifiedName"]) == ("to be posted", "Shared")
    assert (await served.http.post("/odata/QueueDefinitions", json={})).status_code == 501


@pytest.mark.parametrize(
    ("line", "code", "where"),
    [
        ("T: {release: Lod, queue: Q}", "FR905", "triggers.T.release"),
        ("T: {release: Load, queue: P}", "FR905", "triggers.T.queue"),
        ("T: {release: Load, queue: Q, robots: [Nobody]}", "FR905", "triggers.T.robots"),
        ("T: {release: Load}", "FR903", "triggers.T"),
        ("T: {queue: Q}", "FR904", "triggers.T"),
        ("T: {release: Load, queue: Q, cron: x}", "FR902", "triggers.T.cron"),
        ("T: {release: Load, queue: Q, robots: [Robot1], start_strategy: 2}", "FR903", "triggers.T"),
        ("{A: {release: Load, queue: Q, id: 4}, T: {release: Load, queue: Q, id: 4}}", "FR905", "triggers.T.id"),
    ],
)
def test_what_is_wrong_with_a_trigger_has_its_place(line: str, code: str, where: str, tmp_path: Path) -> None:
    path = tmp_path / "emulator.yaml"
    path.write_text(f"releases: {{Load: [load]}}\nqueues: {{Q: {{}}}}\ntriggers:\n  {line}\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_catalog(path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == (code, where)
