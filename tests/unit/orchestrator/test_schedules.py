from __future__ import annotations

from typing import Any

import pytest

from flowrun.errors import NotSignedIn
from flowrun.orchestrator.client import OrchestratorClient
from tests.unit.orchestrator.server import FOLDER, Server, reply, rows

ROBOTS = "/ProcessSchedules/UiPath.Server.Configuration.OData.GetRobotIdsForSchedule(key=3)"


def trigger(**more: Any) -> dict[str, Any]:
    return {"Id": 3, "Name": "Night", "ReleaseName": "Load", "StartStrategy": 1, **more}


async def test_each_trigger_is_read_whole(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(trigger()), reply(200, trigger(InputArguments='{"a":1}', QueueDefinitionId=0)))
    (found,) = await client.triggers(FOLDER)
    assert (found.name, found.input_arguments, found.of_queue) == ("Night", '{"a":1}', False)
    assert [asked.path.rpartition("/odata")[2] for asked in server.asked] == [
        "/ProcessSchedules",
        "/ProcessSchedules(3)",
    ]
    assert server.asked[0].headers["x-uipath-organizationunitid"] == "7"


async def test_a_trigger_for_named_robots_is_asked_who_they_are(client: OrchestratorClient, server: Server) -> None:
    named = trigger(StartStrategy=0, ExecutorRobots=[])
    server.will(rows(named), reply(200, named), reply(200, {"value": [121, 122]}))
    (found,) = await client.triggers(FOLDER)
    assert [robot.id for robot in found.executor_robots or ()] == [121, 122]
    assert server.asked[-1].path.endswith(ROBOTS)


async def test_a_server_that_cannot_say_it_is_no_error(client: OrchestratorClient, server: Server) -> None:
    named = trigger(StartStrategy=0)
    server.will(rows(named), reply(200, named), reply(404))
    (found,) = await client.triggers(FOLDER)
    assert found.executor_robots is None


async def test_queues_want_a_scope_of_their_own(client: OrchestratorClient, server: Server) -> None:
    server.will(rows({"Id": 1, "Name": "Invoices"}), reply(403))
    assert [one.name for one in await client.queues(FOLDER)] == ["Invoices"]
    with pytest.raises(NotSignedIn) as caught:
        await client.queues(FOLDER)
    assert "OR.Queues.Read" in (caught.value.hint or "")
