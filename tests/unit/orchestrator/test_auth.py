from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from flowrun.errors import NotSignedIn, Throttled, Unreachable
from flowrun.orchestrator.client import OrchestratorClient
from flowrun.orchestrator.transport import Limits
from flowrun.orchestrator.wire import StartInfo
from tests.unit.orchestrator.server import (
    FOLDER,
    Asked,
    Behaviour,
    Server,
    Settled,
    StillClock,
    job,
    reply,
    reset,
    rows,
)


def token(name: str, life: int = 3600) -> Behaviour:
    return reply(200, {"access_token": name, "expires_in": life, "token_type": "Bearer", "scope": "x"})


@pytest.fixture
async def application(server: Server, clock: StillClock, limits: Limits) -> AsyncIterator[OrchestratorClient]:
    connection = Settled(server.url, token=None, client_id="id", client_secret="s&cret")
    async with OrchestratorClient(connection, clock=clock, dice=lambda: 0.5, limits=limits) as made:
        yield made


def bearers(server: Server) -> list[str]:
    return [asked.headers["authorization"].removeprefix("Bearer ") for asked in server.asked if "odata" in asked.path]


async def test_a_given_token_is_sent(client: OrchestratorClient, server: Server) -> None:
    server.will(rows())
    await client.releases(FOLDER)
    assert bearers(server) == ["secret-token"]


async def test_an_application_signs_in_once(application: OrchestratorClient, server: Server) -> None:
    server.will(token("t1"), rows(), rows())
    await application.releases(FOLDER)
    await application.releases(FOLDER)
    assert bearers(server) == ["t1", "t1"]
    signing_in = server.asked[0]
    assert (signing_in.method, signing_in.path) == ("POST", "/identity_/connect/token")
    assert parse_qs(signing_in.body.decode()) == {
        "grant_type": ["client_credentials"], "client_id": ["id"], "client_secret": ["s&cret"], "scope": ["OR.Jobs"]
    }  # fmt: skip
    assert "authorization" not in signing_in.headers
    assert application.counts == {"token": 1, "releases": 2}


async def test_all_who_wait_share_one_sign_in(application: OrchestratorClient, server: Server) -> None:
    server.will(token("t1"))
    server.otherwise = rows()
    await asyncio.gather(*(application.releases(FOLDER) for _ in range(20)))
    assert application.counts["token"] == 1


@pytest.mark.parametrize(("life", "passed", "sign_ins"), [(3600, 3200, 1), (3600, 3301, 2), (10, 7, 1), (10, 9, 2)])
async def test_a_token_is_renewed_before_it_ends(
    application: OrchestratorClient, server: Server, clock: StillClock, life: Any, passed: Any, sign_ins: Any
) -> None:
    server.will(token("t1", life), rows(), *([token("t2")] if sign_ins == 2 else []), rows())
    await application.releases(FOLDER)
    clock.time += passed
    await application.releases(FOLDER)
    assert bearers(server) == ["t1", "t1" if sign_ins == 1 else "t2"]


async def test_after_a_401_the_token_is_renewed_once_and_the_start_repeated(
    application: OrchestratorClient, server: Server
) -> None:
    server.will(token("t1"), reply(401, {"message": "expired"}), token("t2"), reply(201, {"value": [job(1)]}))
    assert len(await application.start_jobs(FOLDER, StartInfo(release_key="k"))) == 1
    assert bearers(server) == ["t1", "t2"]


async def test_a_second_401_is_the_answer(application: OrchestratorClient, server: Server) -> None:
    server.will(token("t1"), reply(401), token("t2"), reply(401))
    with pytest.raises(NotSignedIn):
        await application.start_jobs(FOLDER, StartInfo(release_key="k"))
    assert application.counts == {"token": 2, "start_jobs": 2}


async def test_twenty_401s_renew_the_token_once(application: OrchestratorClient, server: Server) -> None:
    server.will(token("t1"))

    async def by_token(asked: Asked, writer: asyncio.StreamWriter) -> None:
        behaviour = (
            token("t2")
            if "identity" in asked.path
            else rows()
            if "t2" in asked.headers["authorization"]
            else reply(401)
        )
        await behaviour(asked, writer)

    server.otherwise = by_token
    await asyncio.gather(*(application.releases(FOLDER) for _ in range(20)))
    assert application.counts["token"] == 2


async def test_a_given_token_cannot_be_renewed(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(401, {"message": "You are not authenticated!", "errorCode": 0, "__abp": True}))
    with pytest.raises(NotSignedIn, match="not authenticated") as caught:
        await client.releases(FOLDER)
    assert "UIPATH_ACCESS_TOKEN" in (caught.value.hint or "")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (reply(400, {"error": "invalid_client"}), NotSignedIn),
        (reply(401), NotSignedIn),
        (reply(500), Unreachable),
        (reply(302, location="/login"), Unreachable),
        (reply(200, b"<html>"), Unreachable),
        (reply(200, {"token": 1}), Unreachable),
        (reply(429, retry_after="3"), Throttled),
        (reset, Unreachable),
    ],
)
async def test_a_start_that_could_not_sign_in_was_not_sent(
    application: OrchestratorClient, server: Server, behaviour: Behaviour, kind: Any
) -> None:
    server.will(behaviour)
    with pytest.raises(kind) as caught:
        await application.start_jobs(FOLDER, StartInfo(release_key="k"))
    assert type(caught.value) is kind
    assert "s&cret" not in f"{caught.value} {caught.value.hint}"
    assert application.counts == {"token": 1}
