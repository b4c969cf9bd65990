from __future__ import annotations

from typing import Any

import pytest

from flowrun.errors import Ambiguous, NotSignedIn, OrchestratorError
from flowrun.orchestrator.advice import JOBS, ROBOTS
from flowrun.orchestrator.client import OrchestratorClient
from tests.unit.orchestrator.server import FOLDER, Behaviour, Server, reply, rows


@pytest.mark.parametrize(
    ("behaviour", "version"),
    [
        (reply(200, api_supported_versions="1.0, 2.0,20.0"), "20.0"),
        (reply(200, {"status": "ok"}), ""),
        (reply(401, {"message": "You are not authenticated!"}), ""),
        (reply(404, b"nothing", api_supported_versions="11.0"), "11.0"),
    ],
)
async def test_an_orchestrator_answers(
    client: OrchestratorClient, server: Server, behaviour: Behaviour, version: str
) -> None:
    server.will(behaviour)
    found = await client.inspection.server()
    assert (found.api, found.version) == (f"{server.url}/orchestrator_", version)
    assert "authorization" not in server.asked[0].headers


@pytest.mark.parametrize("behaviour", [reply(200, b"<html>"), reply(404, b"<html>"), reply(302), reply(503)])
async def test_something_else_answers(client: OrchestratorClient, server: Server, behaviour: Behaviour) -> None:
    server.will(behaviour)
    with pytest.raises(Ambiguous):
        await client.inspection.server()


async def test_a_given_token_that_is_opaque(client: OrchestratorClient) -> None:
    assert await client.inspection.signed_in() is None


@pytest.mark.parametrize(("call", "query"), [(JOBS, {"$top": "1"}), (ROBOTS, {})])
async def test_a_probe_reads(client: OrchestratorClient, server: Server, call: Any, query: dict[str, str]) -> None:
    server.will(rows())
    await client.inspection.probe(call, FOLDER)
    assert (server.asked[0].method, server.asked[0].query) == ("GET", query)


async def test_a_probe_raises_what_the_server_says(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(403))
    with pytest.raises(NotSignedIn) as caught:
        await client.inspection.probe(JOBS, FOLDER)
    assert isinstance(caught.value, OrchestratorError)
    assert "OR.Jobs.Read" in (caught.value.hint or "")


async def test_the_versions_of_a_release_by_their_ids(client: OrchestratorClient, server: Server) -> None:
    had = [{"Id": 3, "VersionNumber": "1.0.0"}, {"Id": 9, "VersionNumber": "1.1.0"}]
    server.will(
        rows({"Id": 1, "Key": "k", "Name": "Post", "ReleaseVersions": had}), rows({"Id": 1, "Key": "k", "Name": "P"})
    )
    assert await client.inspection.versions(FOLDER, "k") == {3: "1.0.0", 9: "1.1.0"}
    assert server.asked[0].query["$filter"] == "Key eq 'k'"
    assert server.asked[0].query["$expand"] == "ReleaseVersions"
    assert await client.inspection.versions(FOLDER, "k") == {}
