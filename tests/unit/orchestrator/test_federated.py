from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowrun.emulator.jwt import signed
from flowrun.errors import NotSignedIn, OrchestratorError, Unreachable
from flowrun.orchestrator.federated import assertion, misfit
from flowrun.orchestrator.transport import Limits, Transport
from tests.unit.orchestrator.server import Behaviour, Federated, Server, reply, reset


async def asked(federation: Federated) -> str:
    transport = Transport(Limits(request_timeout=60), tls=False)
    try:
        return await assertion(federation, transport.send)
    finally:
        await transport.close()


async def test_github_is_asked_with_the_bearer_of_the_job(server: Server) -> None:
    server.will(reply(200, {"value": "a.b.c", "count": 5}))
    url = f"{server.url}?api-version=2.0"
    assert await asked(Federated("github", url, "runner", "uipath")) == "a.b.c"
    request = server.asked[0]
    assert (request.method, request.query) == ("GET", {"api-version": "2.0", "audience": "uipath"})
    assert request.headers["authorization"] == "Bearer runner"


async def test_azure_is_asked_by_a_post(server: Server) -> None:
    server.will(reply(200, {"oidcToken": "a.b.c"}))
    assert await asked(Federated("azure", server.url, "system")) == "a.b.c"
    request = server.asked[0]
    assert (request.method, request.query) == ("POST", {"api-version": "7.1"})
    assert request.headers["authorization"] == "Bearer system"
    assert request.headers["content-type"] == "application/json"
    server.will(reply(200, {"oidcToken": "d.e.f"}))
    assert await asked(Federated("azure", f"{server.url}?serviceConnectionId=1-2", "system")) == "d.e.f"
    assert server.asked[1].query == {"serviceConnectionId": "1-2", "api-version": "7.1"}


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (reply(403, {"message": "no"}), NotSignedIn),
        (reply(200, {"value": ""}), NotSignedIn),
        (reply(200, {"other": "a.b.c"}), NotSignedIn),
        (reply(200, b"<html>"), Unreachable),
        (reply(500), Unreachable),
        (reset, Unreachable),
    ],
)
async def test_what_is_no_token(server: Server, behaviour: Behaviour, kind: type[OrchestratorError]) -> None:
    server.will(behaviour)
    with pytest.raises(kind, match="CI system") as caught:
        await asked(Federated("github", server.url, "runner"))
    assert type(caught.value) is kind


async def test_a_refusal_says_what_the_job_needs(server: Server) -> None:
    for source, words in (("github", "id-token: write"), ("azure", "SYSTEM_ACCESSTOKEN")):
        server.will(reply(401))
        with pytest.raises(NotSignedIn) as caught:
            await asked(Federated(source, server.url, "runner"))
        assert words in (caught.value.hint or "")


async def test_a_file_is_read_each_time(tmp_path: Path) -> None:
    federation = Federated("file", file=tmp_path / "token")
    with pytest.raises(NotSignedIn, match="cannot be read"):
        await asked(federation)
    for text in ("a.b.c\n", "d.e.f"):
        (tmp_path / "token").write_text(text)
        assert await asked(federation) == text.strip()
    (tmp_path / "token").write_text("two words")
    with pytest.raises(NotSignedIn, match="none in"):
        await asked(federation)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"iss": "https://i", "sub": "s", "aud": ["a", "b"]}, ("issuer https://i", "subject s", "audience a and b")),
        ({}, ("issuer none", "subject none", "audience none")),
        ({"exp": 1_700_000_000}, ("ended at 2023-11-14 22:13:20 UTC",)),
        (None, ("no JWT",)),
    ],
)
def test_what_a_person_must_compare(claims: Any, words: tuple[str, ...]) -> None:
    token = "opaque" if claims is None else signed(claims, b"a key that nobody is shown")
    said = misfit(token, 1_800_000_000.0)
    assert [word for word in words if word not in said] == []
    assert token not in said


@pytest.mark.parametrize(("text", "good"), [("a.b.c", True), ("", False)])
async def test_a_token_in_hand(text: str, good: Any) -> None:
    if good:
        assert await asked(Federated("token", token=text)) == text
    else:
        with pytest.raises(NotSignedIn):
            await asked(Federated("token", token=text))
