from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from flowrun.errors import NotSignedIn, Unreachable, UsageError
from flowrun.orchestrator.client import OrchestratorClient
from flowrun.orchestrator.sign_in import ASSERTION_TYPE
from flowrun.orchestrator.transport import Limits
from tests.unit.orchestrator.server import FOLDER, Behaviour, Federated, Server, Settled, StillClock, reply, rows

Signed = Callable[[Settled], Awaitable[OrchestratorClient]]


def token(name: str, life: Any = 3600) -> Behaviour:
    return reply(200, {"access_token": name, "expires_in": life})


def application(server: Server, **more: Any) -> Settled:
    return Settled(server.url, token=None, client_id="id", client_secret="old", **more)


def bearers(server: Server) -> list[str]:
    return [asked.headers["authorization"].removeprefix("Bearer ") for asked in server.asked if "odata" in asked.path]


@pytest.fixture
async def signed(clock: StillClock, limits: Limits) -> AsyncIterator[Signed]:
    async with AsyncExitStack() as stack:

        async def make(connection: Settled) -> OrchestratorClient:
            client = OrchestratorClient(connection, clock=clock, dice=lambda: 0.5, limits=limits)
            return await stack.enter_async_context(client)

        yield make


async def test_a_ci_token_stands_in_for_the_secret(server: Server, signed: Signed) -> None:
    server.will(token("t1"), rows())
    client = await signed(Settled(server.url, token=None, client_id="id", federation=Federated("token", token="a.b.c")))
    await client.releases(FOLDER)
    assert parse_qs(server.asked[0].body.decode()) == {
        "grant_type": ["client_credentials"], "client_id": ["id"], "scope": ["OR.Jobs"],
        "client_assertion_type": [ASSERTION_TYPE], "client_assertion": ["a.b.c"],
    }  # fmt: skip


async def test_a_user_signs_in_at_a_standalone_server(server: Server, clock: StillClock, signed: Signed) -> None:
    origin = server.url.removesuffix("/acme/prod")
    answer = reply(200, {"result": "t1", "success": True})
    server.will(answer, rows(), rows(), reply(200, {"result": "t2", "success": True}), rows())
    client = await signed(Settled(origin, token=None, username="me", password="p&w", tenant="acme"))
    await client.releases(FOLDER)
    signing_in, listing = server.asked
    assert signing_in.path == "/api/Account/Authenticate"
    assert signing_in.json == {"tenancyName": "acme", "usernameOrEmailAddress": "me", "password": "p&w"}
    assert listing.headers["x-uipath-tenantname"] == "acme"
    await client.releases(FOLDER)
    clock.time += 1600
    await client.releases(FOLDER)
    assert bearers(server) == ["t1", "t1", "t2"]


@pytest.mark.parametrize(
    "behaviour",
    [reply(401, {"message": "Invalid"}), reply(200, {"success": False, "error": {"message": "Invalid"}})],
)
async def test_a_wrong_password(server: Server, signed: Signed, behaviour: Behaviour) -> None:
    server.will(behaviour)
    client = await signed(Settled(server.url.removesuffix("/acme/prod"), token=None, username="me", password="p&w"))
    with pytest.raises(NotSignedIn, match="Invalid") as caught:
        await client.releases(FOLDER)
    assert "UIPATH_PASSWORD" in (caught.value.hint or "")
    assert "p&w" not in f"{caught.value} {caught.value.hint}"


async def test_a_password_is_for_standalone_servers_alone(signed: Signed) -> None:
    with pytest.raises(UsageError, match="only standalone"):
        await signed(Settled("https://cloud.uipath.com/a/b", token=None, username="me", password="pw"))


async def test_a_page_at_the_token_endpoint_is_named(server: Server, signed: Signed) -> None:
    server.will(reply(200, b"<html>"))
    with pytest.raises(Unreachable, match="HTML") as caught:
        await (await signed(application(server))).releases(FOLDER)
    assert "proxy" in (caught.value.hint or "")


async def test_a_secret_that_was_exchanged_is_looked_for(server: Server, signed: Signed) -> None:
    new = replace(application(server), client_secret="new")
    server.will(reply(400, {"error": "invalid_client"}), token("t1"), rows())
    await (await signed(application(server, reload=lambda: new))).releases(FOLDER)
    secrets = [parse_qs(asked.body.decode())["client_secret"] for asked in server.asked[:2]]
    assert secrets == [["old"], ["new"]]


@pytest.mark.parametrize("url", ["https://elsewhere.example/acme/prod", "not a url"])
async def test_a_secret_for_another_host_is_not_taken(server: Server, signed: Signed, url: str) -> None:
    server.will(reply(400, {"error": "invalid_client"}))
    other = replace(application(server), url=url, client_secret="new")
    with pytest.raises(NotSignedIn):
        await (await signed(application(server, reload=lambda: other))).releases(FOLDER)
    assert len(server.asked) == 1


async def test_settings_that_are_being_written_change_nothing(server: Server, signed: Signed) -> None:
    def broken() -> Settled:
        raise UsageError("half a file")

    server.will(reply(400, {"error": "invalid_client"}))
    with pytest.raises(NotSignedIn):
        await (await signed(application(server, reload=broken))).releases(FOLDER)


async def test_a_given_token_is_looked_for_anew_after_a_401(server: Server, signed: Signed) -> None:
    new = Settled(server.url, token="new")
    server.will(reply(401), rows(), rows())
    client = await signed(Settled(server.url, token="old", reload=lambda: new))
    await client.releases(FOLDER)
    await client.releases(FOLDER)
    assert bearers(server) == ["old", "new", "new"]


async def test_a_token_that_is_still_good_outlasts_an_outage_of_identity(
    server: Server, clock: StillClock, signed: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    server.will(token("t1", 100), rows(), reply(503), rows(), rows(), token("t2"), rows())
    client = await signed(application(server))
    await client.releases(FOLDER)
    clock.time += 85
    with caplog.at_level(logging.WARNING):
        await client.releases(FOLDER)
        await client.releases(FOLDER)
    assert "still used" in caplog.text
    clock.time += 11
    await client.releases(FOLDER)
    assert bearers(server) == ["t1", "t1", "t1", "t2"]
    assert client.counts["token"] == 3


async def test_a_401_on_a_fresh_token_says_what_that_means(server: Server, signed: Signed) -> None:
    server.will(token("t1"), reply(401), token("t2"), reply(401))
    with pytest.raises(NotSignedIn) as caught:
        await (await signed(application(server))).releases(FOLDER)
    assert "Signing in worked" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "behaviour", [reply(200, b"<html>"), reply(200, {"token": "t"}), reply(302, location="/login")]
)
async def test_what_is_no_identity_server_is_not_asked_for_long(
    server: Server, clock: StillClock, behaviour: Behaviour
) -> None:
    server.otherwise = behaviour
    limits = Limits(request_timeout=60, patience=600)
    async with OrchestratorClient(application(server), clock=clock, dice=lambda: 0.5, limits=limits) as client:
        with pytest.raises(Unreachable):
            await client.releases(FOLDER)
    assert len(server.asked) == 3
