"""What the port answers to whoever reaches it, byte by byte: sockets, no client library."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from flowrun.emulator import connections, guard
from flowrun.emulator.call import NESTING
from tests.unit.emulator.conftest import START, Served

JOBS = "GET /odata/Jobs HTTP/1.1"


@asynccontextmanager
async def connected(served: Served) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port(served))
    try:
        yield reader, writer
    finally:
        writer.close()


def port(served: Served) -> int:
    return int(served.root.rpartition(":")[2])


async def told(served: Served, data: bytes) -> bytes:
    """All that is answered, to the end of the connection; nothing where it is torn down."""
    async with connected(served) as (reader, writer):
        writer.write(data)
        try:
            return await asyncio.wait_for(reader.read(), 20)
        except ConnectionError:
            return b""


async def status(served: Served, data: bytes) -> int:
    """The status of the answer; 0 for none."""
    first = (await told(served, data)).split(b"\r\n")[0].split()
    return int(first[1]) if first else 0


def asked(served: Served, line: str = JOBS, *more: str, token: bool = True, host: str = "") -> bytes:
    """The head of a request that is good but for what is said."""
    own = [f"Authorization: Bearer {served.emulator.token}"] if token else []
    lines = [line, f"Host: {host or f'127.0.0.1:{port(served)}'}", "Connection: close", *own, *more]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - uvicorn's own set, which tells nobody
            await asyncio.sleep(0.01)


async def test_the_port_is_open_on_loopback_alone(served: Served) -> None:
    servers = served.emulator._running.server.servers
    assert {listener.getsockname()[0] for server in servers for listener in server.sockets} == {"127.0.0.1"}
    assert await status(served, asked(served)) == 200


async def test_a_name_that_was_bound_to_this_machine_is_not_ours(served: Served) -> None:
    here = port(served)
    for host in (
        f"attacker.example:{here}",
        "127.0.0.1",
        f"127.0.0.1:{here - 1}",
        f"127.0.0.1:{here}.attacker.example",
        f"127.0.0.1.attacker.example:{here}",
        f"attacker.example@127.0.0.1:{here}",
        f"127.1:{here}",
        f"[::1]:{here}",
        f"localhost.:{here}",
        f"0.0.0.0:{here}",
    ):
        assert await status(served, asked(served, host=host)) == 403, host
    assert await status(served, asked(served, host=f"localhost:{here}")) == 200


async def test_a_request_names_one_host(served: Served) -> None:
    assert await status(served, asked(served, JOBS, f"Host: 127.0.0.1:{port(served)}")) == 400
    assert await status(served, b"GET /odata/Jobs HTTP/1.1\r\n\r\n") == 400
    assert await status(served, b"GET /odata/Jobs HTTP/1.0\r\n\r\n") == 403
    whole = f"GET http://127.0.0.1:{port(served)}/odata/Jobs HTTP/1.1"
    assert await status(served, asked(served, whole, host="attacker.example")) == 403
    assert await status(served, asked(served, whole, token=False)) == 401


async def test_no_page_of_another_site_is_answered(served: Served) -> None:
    here = port(served)
    other = (
        "https://attacker.example",
        "null",
        "http://127.0.0.1",
        f"http://localhost:{here}",
        f"https://127.0.0.1:{here}",
    )
    for path in ("/odata/Jobs", "/identity_/connect/token", "/blobs/x", "/emulator/state"):
        for origin in other:
            given = asked(served, f"POST {path} HTTP/1.1", f"Origin: {origin}", "Content-Length: 0")
            assert await status(served, given) == 403, (path, origin)
    ours = f"Origin: http://127.0.0.1:{here}"
    assert await status(served, asked(served, JOBS, ours)) == 200
    assert await status(served, asked(served, JOBS, ours, "Origin: https://attacker.example")) == 403


async def test_a_page_is_told_nothing_that_would_let_it_in(served: Served) -> None:
    answer = await told(
        served, asked(served, "OPTIONS /odata/Jobs HTTP/1.1", "Access-Control-Request-Method: POST", token=False)
    )
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 401")
    assert b"access-control" not in head
    assert b"x-content-type-options: nosniff" in head


async def test_nothing_is_had_without_a_token(served: Served) -> None:
    package = "/odata/Processes/UiPath.Server.Configuration.OData.DownloadPackage(key='a:1')"
    answers = {
        line: await status(served, asked(served, f"{line} HTTP/1.1", "Content-Length: 0", token=False))
        for line in (
            *("GET /", "GET /favicon.ico", "GET /emulator/state", "GET /emulator/ledger", "POST /emulator/shutdown"),
            *("POST /emulator/tokens", "GET /odata/Webhooks", "POST /odata/Webhooks", "GET /odata/Attachments"),
            *(f"GET {package}", "GET /api/Status/Get", "GET /api/robotsservice/getsharedconnectiondata"),
            *(
                "POST /api/robotsservice/heartbeatv2",
                "POST /api/JobTriggers/DeliverPayload/x",
                "DELETE /blobs/export-1",
            ),
        )
    }
    assert set(answers.values()) == {401}, answers
    for method in ("GET", "PUT"):
        given = asked(served, f"{method} /blobs/export-1 HTTP/1.1", "Content-Length: 0", token=False)
        assert await status(served, given) == 403


async def test_what_is_no_token(served: Served) -> None:
    token = served.emulator.token
    for given in (
        *("Bearer \xff\xfe", "Bearer", "Bearer  ", f"Basic {token}", token, f"Bearer {token}x"),
        *(f"Bearer {token[:-1]}", f"Bearer {token}, Bearer x", f"Bearer {token.swapcase()}"),
    ):
        assert await status(served, asked(served, JOBS, f"Authorization: {given}", token=False)) == 401, given


async def test_no_address_leads_out_of_the_folder(served: Served) -> None:
    (served.emulator.state / "beside").write_text("of-the-folder")
    long = "/odata/Processes/UiPath.Server.Configuration.OData.DownloadPackage"
    for path in (
        *(
            "/blobs/../beside",
            "/blobs/..%2fbeside",
            "/blobs/%2e%2e%2fbeside",
            "/blobs/..%5cbeside",
            "/blobs//etc/passwd",
        ),
        *("/blobs/%2fetc%2fpasswd", "/blobs/export-1%00", "/odata/../blobs/export-1", "/emulator/../../etc/passwd"),
        *("/odata/Attachments('..%2f..%2fbeside')", f"{long}(key='..%2f..%2fbeside')"),
        "/api/robotsservice/GetInputFileAccess?fileName=..%2f..%2fbeside",
        "/api/robotsservice/GetPersistentJob?persistenceId=..%2f..%2fbeside&resumeVersion=1",
    ):
        answer = await told(served, asked(served, f"GET {path} HTTP/1.1"))
        assert int(answer.split()[1]) in {400, 401, 403, 404, 501}, path
        assert b"of-the-folder" not in answer
        assert b"root:" not in answer
    out = '{"startInfo": {"ReleaseName": "Echo", "InputFile": "../beside"}}'
    assert (await served.http.post(START, content=out)).status_code == 404


async def test_what_is_too_long_is_refused(served: Served) -> None:
    long = "x" * (guard.ADDRESS_LIMIT + 1)
    assert await status(served, asked(served, f"GET /odata/Jobs?$filter={long} HTTP/1.1")) == 414
    assert await status(served, asked(served, JOBS, f"X-Long: {'x' * guard.HEADERS_LIMIT}")) in {400, 431}
    assert await status(served, asked(served, JOBS, *(f"X-{number}: {'x' * 100}" for number in range(1_000)))) in {
        400,
        431,
    }
    assert await status(served, asked(served, JOBS, f"X-Long: {'x' * 10_000_000}")) in {0, 400}


async def test_a_body_without_end_is_answered_before_its_end(served: Served) -> None:
    """A terabyte is announced. Strangers are answered before any of it, others once it is more than allowed."""
    for line, token, refused in (
        (f"POST {START} HTTP/1.1", False, 401),
        ("PUT /blobs/export-1?sp=w&se=9999999999&sig=0 HTTP/1.1", False, 403),
        ("POST /nothing HTTP/1.1", False, 401),
        (f"POST {START} HTTP/1.1", True, 413),
        ("POST /identity_/connect/token HTTP/1.1", False, 413),
    ):
        async with connected(served) as (reader, writer):
            writer.write(asked(served, line, "Content-Length: 1000000000000", token=token))
            if refused == 413:
                writer.write(bytes(guard.BODY_LIMIT + 1))
            first = await asyncio.wait_for(reader.readline(), 20)
        assert int(first.split()[1]) == refused, line
    assert served.ledger("job_created") == []


async def test_a_body_has_one_length(served: Served) -> None:
    line = f"POST {START} HTTP/1.1"
    second = b"0\r\n\r\nGET /emulator/state HTTP/1.1\r\n\r\n"
    answer = await told(served, asked(served, line, "Content-Length: 4", "Transfer-Encoding: chunked") + second)
    assert answer.count(b"HTTP/1.1") == 1
    for lengths in (("Content-Length: 1", "Content-Length: 2"), ("Content-Length: -1",), ("Content-Length: 1e3",)):
        assert await status(served, asked(served, line, *lengths)) == 400


async def test_json_has_a_depth_and_numbers_a_length(served: Served) -> None:
    for inside in (*("[" * levels + "]" * levels for levels in (NESTING, 900, 100_000)), "9" * 100_000):
        answer = await served.http.post(START, content=f'{{"startInfo": {{"ReleaseName": "Echo", "x": {inside}}}}}')
        assert (answer.status_code, answer.json()["errorCode"]) == (400, 1000)
    assert served.ledger("job_created") == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE_S", 0.3)
    monkeypatch.setattr(connections, "STUCK_S", 0.3)


@pytest.mark.usefixtures("impatient")
async def test_a_request_that_never_ends_is_ended(served: Served) -> None:
    begun = [
        b"GET /odata/Jobs HTTP/1.1\r\nX-Slow: ",
        asked(served, f"POST {START} HTTP/1.1", "Content-Length: 100000"),
        asked(served, f"POST {START} HTTP/1.1", "Content-Length: 100000", token=False),
        asked(served, f"POST {START} HTTP/1.1", "Transfer-Encoding: chunked"),
        asked(served, "PUT /blobs/x HTTP/1.1", "Content-Length: 100000", token=False),
    ]

    async def last(data: bytes, *, dripping: bool) -> None:
        async with connected(served) as (reader, writer):
            writer.write(data)
            ended = asyncio.create_task(reader.read())
            while not (await asyncio.wait([ended], timeout=0.02))[0]:
                if dripping:
                    writer.write(b"1")
            await asyncio.gather(ended, return_exceptions=True)

    async with asyncio.timeout(20):
        await asyncio.gather(*(last(data, dripping=drip) for data in (b"", *begun) for drip in (True, False)))
    assert (await served.http.get("/odata/Jobs")).status_code == 200
    assert served.ledger("job_created") == []


@pytest.mark.usefixtures("impatient")
async def test_a_connection_that_is_kept_has_the_same_patience_with_the_next_request(served: Served) -> None:
    async with connected(served) as (reader, writer):
        good = asked(served).replace(b"Connection: close\r\n", b"")
        writer.write(good)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
        await asyncio.sleep(0.5)
        writer.write(good[:20])
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await asyncio.wait_for(reader.readuntil(b"\r\n"), 20)


@pytest.mark.usefixtures("impatient")
async def test_a_client_that_does_not_read_is_let_go(served: Served) -> None:
    files = served.emulator.tenant.files
    address = files.blobs.address(files.attach("a", bytes(32 * 1024 * 1024)).id, "r")
    held = served.emulator._running.server.server_state.connections
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.settimeout(0)
        await asyncio.get_running_loop().sock_connect(deaf, ("127.0.0.1", port(served)))
        deaf.send(asked(served, f"GET {address} HTTP/1.1", token=False))
        await until(lambda: len(held) == 1)
        await until(lambda: not held)


async def test_there_are_only_so_many_connections(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 3)
    counted = served.emulator._running.server.server_state.connections
    held = [await asyncio.open_connection("127.0.0.1", port(served)) for _ in range(3)]
    await until(lambda: len(counted) == 3)
    assert await status(served, asked(served)) == 0
    held[0][1].close()
    await until(lambda: len(counted) < 3)
    assert await status(served, asked(served)) == 200
    for _, writer in held:
        writer.close()


async def test_the_ledger_has_no_address_of_a_blob_and_no_digest_of_a_secret(served: Served) -> None:
    made = (await served.http.post("/odata/Attachments", json={"Name": "a"})).json()
    address = urlsplit(made["BlobFileAccess"]["Uri"])
    await status(served, asked(served, f"GET {address.path}?{address.query} HTTP/1.1", token=False))
    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": served.emulator.token}
    assert (await served.http.post(f"{served.root}/identity_/connect/token", data=form)).status_code == 200
    records = served.ledger("request")
    assert [record["operation"] for record in records] == ["CreateAttachment", "Blob", "Token"]
    assert "sig=" not in json.dumps(records)
    assert "body_sha256" not in records[2]
