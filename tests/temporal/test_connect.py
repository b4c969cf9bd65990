"""The way to a server: let in, or one sentence that says why not and leads to the right exit code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from flowrun.cli.exit import ExitCode, of_error
from flowrun.engines.temporal import attributes, connect
from flowrun.engines.temporal.connect import identity
from flowrun.engines.temporal.faults import answering, fault
from flowrun.errors import FlowrunError, TemporalDenied, TemporalError, TemporalUnreachable, UsageError
from flowrun.settings import Temporal, Tls
from tests.temporal.server import Server, free_port, serving
from tests.temporal.tls import Authority, authority, dropped, proxy
from tests.temporal.words import refusing, spelled

KEY = "tic-tac-toe".replace("-", "0")


def at(address: str, folder: Path, tls: Tls | None = None) -> Temporal:
    return Temporal(address, "default", "flowrun-tests", folder / "store", tls)


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return authority(tmp_path / "ours")


async def refusal(temporal: Temporal) -> tuple[FlowrunError, ExitCode]:
    with pytest.raises(FlowrunError) as caught:
        await connect.connect(temporal)
    assert "\n" not in caught.value.message
    return caught.value, of_error(caught.value)


async def test_a_server_lets_us_in_under_our_name(temporal: Server, tmp_path: Path) -> None:
    client = await connect.connect(at(temporal.address, tmp_path))
    assert client.identity == identity()
    assert identity().startswith("flowrun ")
    assert await attributes.missing(client) == ()


async def test_a_new_namespace_gets_our_search_attributes(tmp_path: Path) -> None:
    with serving(tmp_path, attributes=()) as bare:
        assert await attributes.missing(await connect.connect(at(bare.address, tmp_path))) == ()


async def test_nobody_listens(tmp_path: Path) -> None:
    error, code = await refusal(at(f"127.0.0.1:{free_port()}", tmp_path))
    assert "is not there: nobody listens at that port" in error.message
    assert "temporal server start-dev" in str(error.hint)
    assert (type(error), code) == (TemporalUnreachable, ExitCode.UNREACHABLE)


async def test_nobody_knows_the_host(tmp_path: Path) -> None:
    error, code = await refusal(at("nobody.invalid:7233", tmp_path))
    assert error.message == "Temporal at nobody.invalid:7233 is not found: nobody knows that host"
    assert code == ExitCode.UNREACHABLE


async def test_somebody_listens_and_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "PATIENCE", 0.2)
    async with listening(b"") as address:
        error, code = await refusal(at(address, tmp_path))
    assert error.message == f"Temporal at {address} did not answer within 0.2 seconds"
    assert code == ExitCode.UNREACHABLE


async def test_somebody_listens_who_is_no_temporal(tmp_path: Path) -> None:
    async with listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        error, code = await refusal(at(address, tmp_path))
    either = ("does not answer as a server of Temporal does: ", "hangs up at our first word")  # as who is quicker
    assert error.message.startswith(tuple(f"Temporal at {address} {one}" for one in either))
    assert code == ExitCode.UNREACHABLE


async def test_a_namespace_that_is_not_there(temporal: Server, tmp_path: Path) -> None:
    error, code = await refusal(replace(at(temporal.address, tmp_path), namespace="nope"))
    assert error.message == f"Temporal at {temporal.address} has no namespace nope"
    assert "--namespace nope" in str(error.hint)
    assert (type(error), code) == (TemporalDenied, ExitCode.NOT_SIGNED_IN)


async def test_tls(temporal: Server, tmp_path: Path, ours: Authority) -> None:
    async with proxy(temporal.address, ours.sign("host")) as safe:
        client = await connect.connect(at(safe.address, tmp_path, Tls(ours.path)))
        assert await attributes.missing(client) == ()
    async with proxy(temporal.address, ours.sign("inside", address=None)) as safe:
        await connect.connect(at(safe.address, tmp_path, Tls(ours.path, server_name="inside")))


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("another authority", "does not verify: nobody whom we trust has signed it"),
        ("the system's authorities", "does not verify: nobody whom we trust has signed it"),
        ("another name", "does not verify: it names another host"),
        ("expired", "does not verify: it has expired"),
        ("no tls", "hangs up at our first word"),
    ],
)
async def test_a_certificate_that_does_not_verify(
    temporal: Server, tmp_path: Path, ours: Authority, case: str, said: str
) -> None:
    other = authority(tmp_path / "other", "Others")
    tls = {
        "another authority": Tls(other.path),
        "the system's authorities": Tls(),
        "another name": Tls(ours.path, server_name="elsewhere"),
        "no tls": None,
    }.get(case, Tls(ours.path))
    async with proxy(temporal.address, ours.sign("host", days=-1 if case == "expired" else 1)) as safe:
        error, code = await refusal(at(safe.address, tmp_path, tls))
    assert said in error.message
    assert (type(error), code) == (TemporalUnreachable, ExitCode.UNREACHABLE)


async def test_tls_where_there_is_none(temporal: Server, tmp_path: Path) -> None:
    error, code = await refusal(at(temporal.address, tmp_path, Tls()))
    assert "does not speak TLS" in error.message
    assert code == ExitCode.UNREACHABLE


async def test_a_client_certificate_is_demanded(temporal: Server, tmp_path: Path, ours: Authority) -> None:
    foreign = authority(tmp_path / "other", "Others").sign("me")
    async with proxy(temporal.address, ours.sign("host"), clients_of=ours) as safe:
        for tls, said in ((Tls(ours.path), "wants a client"), (Tls(ours.path, *foreign), "does not accept our")):
            error, code = await refusal(at(safe.address, tmp_path, tls))
            assert said in error.message
            assert (type(error), code) == (TemporalDenied, ExitCode.NOT_SIGNED_IN)
        await connect.connect(at(safe.address, tmp_path, Tls(ours.path, *ours.sign("me"))))


async def test_files_that_cannot_be_used(temporal: Server, tmp_path: Path, ours: Authority) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    certificate, key = ours.sign("me")
    _, another = ours.sign("you")
    cases = [
        (Tls(tmp_path / "gone.pem"), r"gone.pem \(temporal_tls_ca\) cannot be read: No such file"),
        (Tls(junk), r"junk.pem \(temporal_tls_ca\) holds no certificate"),
        (Tls(None, junk, key), r"me.key \(temporal_tls_key\) is not the key of .*junk.pem"),
        (Tls(None, certificate, another), r"you.key \(temporal_tls_key\) is not the key of .*me.pem"),
        (Tls(None, certificate, junk), r"junk.pem \(temporal_tls_key\) is not the key of .*me.pem"),
    ]
    for tls, said in cases:
        with pytest.raises(UsageError, match=said):
            await connect.connect(at(temporal.address, tmp_path, tls))


async def test_the_api_key_goes_along(temporal: Server, tmp_path: Path, ours: Authority) -> None:
    async with proxy(temporal.address, ours.sign("host")) as safe:
        await connect.connect(at(safe.address, tmp_path, Tls(ours.path)))
        assert spelled(f"Bearer {KEY}") not in safe.sent
        await connect.connect(replace(at(safe.address, tmp_path, Tls(ours.path)), api_key=KEY))
        assert spelled(f"Bearer {KEY}") in safe.sent


@pytest.mark.parametrize(("status", "name"), [(16, "Unauthenticated"), (7, "PermissionDenied")])
async def test_an_api_key_is_refused(tmp_path: Path, status: int, name: str) -> None:
    async with refusing(status, "Request unauthorized.") as address:
        error, code = await refusal(replace(at(address, tmp_path), api_key=KEY))
    assert error.message == f"Temporal at {address} does not let us in: Request unauthorized.", name
    assert KEY not in f"{error.message}{error.hint}"
    assert (type(error), code) == (TemporalDenied, ExitCode.NOT_SIGNED_IN)


async def test_what_goes_wrong_later_is_said_as_well(tmp_path: Path) -> None:
    with serving(tmp_path) as short:
        client = await connect.connect(at(short.address, tmp_path))
        short.process.kill()
        short.process.wait()
        with pytest.raises(TemporalUnreachable, match=f"Temporal at {short.address} does not answer"):
            await attributes.missing(client)


async def test_search_attributes_that_are_not_there_are_said_where_they_are_used(tmp_path: Path) -> None:
    with serving(tmp_path, attributes=()) as bare:
        client = await Client.connect(bare.address)
        with pytest.raises(TemporalDenied, match="search attribute: FlowrunRun") as caught, answering(client):
            async for _ in client.list_workflows("FlowrunRun = 'x'"):
                pass
        assert "temporal operator search-attribute create" in str(caught.value.hint)
        assert of_error(caught.value) == ExitCode.NOT_SIGNED_IN
        assert isinstance(caught.value, TemporalError)


@asynccontextmanager
async def listening(answer: bytes) -> AsyncIterator[str]:
    """Somebody who takes connections, and says the same to everybody."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        writer.write(answer)
        await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await dropped(writers)


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (RPCStatusCode.UNKNOWN, "transport error", TemporalUnreachable),
        (RPCStatusCode.INTERNAL, "h2 protocol error: http2 error", TemporalUnreachable),
        (RPCStatusCode.RESOURCE_EXHAUSTED, "namespace rate limit exceeded", TemporalUnreachable),
        (RPCStatusCode.PERMISSION_DENIED, "Request unauthorized.", TemporalDenied),
        (RPCStatusCode.INVALID_ARGUMENT, "no such thing", TemporalError),
    ],
)
def test_a_refusal_is_what_it_means(status: RPCStatusCode, message: str, kind: type[TemporalError]) -> None:
    found = fault(RPCError(message, status, b""), "here:7233", "rpa")
    assert type(found) is kind
    assert message in found.message
