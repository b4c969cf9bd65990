from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowrun.errors import Ambiguous, Unreachable, UsageError
from flowrun.orchestrator.replies import Outage, Unreadable
from flowrun.orchestrator.transport import Limits, Request, Transport
from tests.unit.orchestrator.server import Asked, Behaviour, Server, drip, raw, reply, reset, silent

CERTIFICATE = Path(__file__).with_name("localhost.pem")


@pytest.fixture
async def transport(limits: Limits) -> AsyncIterator[Transport]:
    made = Transport(replace(limits, max_body=10_000, max_connections=2))
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (reset, Outage),
        (silent, Outage),
        (drip, Outage),
        (raw(b""), Outage),
        (raw(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"), Outage),
        (raw(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), Outage),
        (raw(b"HTTP/1.1 201 Cre"), Outage),
        (raw(b"220 mail.acme.com ESMTP\r\n"), Outage),
        (reply(200, b"x" * 10_001), Unreadable),
        (reply(200, gzip.compress(b"0" * 100_000), content_encoding="gzip"), Unreadable),
    ],
)
async def test_what_was_sent_and_not_answered_whole_is_ambiguous(
    server: Server, transport: Transport, behaviour: Behaviour, kind: Any
) -> None:
    server.will(behaviour)
    with pytest.raises(Ambiguous) as caught:
        await transport.send(Request("POST", server.url, body={"a": 1}))
    assert type(caught.value) is kind
    assert len(server.asked) == 1
    assert transport._slots._value == 2


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/x",
        "https://127.0.0.1:{port}/x",
        "http://no-such-host.invalid/x",
        "gopher://127.0.0.1/x",
        "http://[/x",
        "http://127.0.0.1:99999/x",
    ],
)
async def test_what_cannot_be_sent_is_unreachable(url: str) -> None:
    transport = Transport(Limits(connect_timeout=0.3))  # where names are looked up in vain, that takes long
    with pytest.raises(Unreachable):
        await transport.send(Request("POST", url.format(port=free_port()), body={}))
    await transport.close()


async def test_a_header_that_cannot_be_sent_is_unreachable(transport: Transport, server: Server) -> None:
    with pytest.raises(Unreachable):
        await transport.send(Request("POST", server.url, {"Authorization": "Bearer é"}))
    assert server.asked == []


async def test_a_server_without_tls_is_unreachable(transport: Transport) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with listening:
        with pytest.raises(Unreachable):
            await transport.send(Request("POST", f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/x"))


async def test_a_server_that_never_accepts_is_unreachable() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        others = [socket.socket() for _ in range(3)]
        for other in others:
            other.settimeout(0)
            other.connect_ex(deaf.getsockname())
        transport = Transport(Limits(request_timeout=0.3, connect_timeout=0.2))
        with pytest.raises(Unreachable):
            await transport.send(Request("POST", f"http://127.0.0.1:{deaf.getsockname()[1]}/x", body={}))
        await transport.close()
        for other in others:
            other.close()


async def test_redirects_are_not_followed(transport: Transport, server: Server) -> None:
    server.will(reply(307, location=f"{server.url}/elsewhere"))
    assert (await transport.send(Request("POST", server.url, {"Authorization": "Bearer t"}, body={}))).status == 307
    assert len(server.asked) == 1


async def test_the_environment_is_not_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    transport = Transport(Limits(request_timeout=60))
    server.will(reply(200, {}))
    assert (await transport.send(Request("GET", server.url))).status == 200
    await transport.close()


async def test_no_more_connections_than_allowed_and_none_fails_for_waiting(
    transport: Transport, server: Server
) -> None:
    busy, most = 0, 0

    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.1)
        busy -= 1
        await reply(200, {})(asked, writer)

    server.otherwise = slow
    replies = await asyncio.gather(*(transport.send(Request("GET", server.url)) for _ in range(10)))
    assert [one.status for one in replies] == [200] * 10
    assert most == 2


async def test_a_cancelled_request_frees_its_place(transport: Transport, server: Server) -> None:
    server.will(silent, silent)
    tasks = [asyncio.create_task(transport.send(Request("GET", server.url))) for _ in range(2)]
    while len(server.asked) < 2:  # noqa: ASYNC110 - the server has no word for it
        await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    server.will(reply(200, {}))
    assert (await transport.send(Request("GET", server.url))).status == 200


async def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again(
    transport: Transport, server: Server
) -> None:
    server.will(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), reply(201, {}))
    assert (await transport.send(Request("GET", server.url))).status == 200
    await asyncio.sleep(0.02)
    assert (await transport.send(Request("POST", server.url, body={}))).status == 201


@pytest.fixture
async def tls_server() -> AsyncIterator[tuple[str, list[int]]]:
    """Its URL, and an entry for each connection that got as far as a request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    arrived: list[int] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.append(1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    listening = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/x", arrived
    listening.close()


@pytest.mark.parametrize("tls", [True, False])
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    tls_server: tuple[str, list[int]], *, tls: bool
) -> None:
    url, arrived = tls_server
    transport = Transport(Limits(request_timeout=60), tls=tls)
    with pytest.raises(Unreachable, match="certificate") as caught:
        await transport.send(Request("POST", url, body={}))
    await transport.close()
    assert arrived == []
    assert "FLOWRUN_CA_FILE" in (caught.value.hint or "")


async def test_an_authority_of_ones_own_may_vouch_for_it(tls_server: tuple[str, list[int]]) -> None:
    url, arrived = tls_server
    transport = Transport(Limits(request_timeout=60), CERTIFICATE)
    assert (await transport.send(Request("GET", url))).status == 200
    await transport.close()
    assert arrived == [1]


async def test_urls_are_not_logged(transport: Transport, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.will(reply(200, {}))
    with caplog.at_level(logging.INFO):
        await transport.send(Request("GET", server.url, query={"$filter": "secret"}))
    assert "secret" not in caplog.text


async def test_certificates_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nonsense")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(UsageError, match=name):
            Transport(Limits(), tmp_path / name)


async def test_a_proxy_is_asked_to_connect_and_sees_no_token(server: Server) -> None:
    server.will(reply(407))
    proxy = server.url.removesuffix("/acme/prod")
    transport = Transport(Limits(request_timeout=60), proxy=proxy)
    with pytest.raises(Unreachable) as caught:
        await transport.send(Request("GET", "https://orchestrator.example/odata/Jobs", {"Authorization": "Bearer t"}))
    await transport.close()
    assert server.asked[0].method == "CONNECT"
    assert "authorization" not in server.asked[0].headers
    assert "FLOWRUN_PROXY" in (caught.value.hint or "")
