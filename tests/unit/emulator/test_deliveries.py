"""Deliveries, received by a real server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from flowrun.emulator.deliveries import is_here, signature
from flowrun.emulator.profile import Signature
from tests.unit.emulator.conftest import BUILTINS, Serve, Served

SECRET = "correct horse"


@dataclass
class Receiver:
    """A server that keeps what it is sent, and answers with `status`."""

    url: str = ""
    status: int = 200
    location: str = "http://127.0.0.1:9/"
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}
        self.got.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(f"HTTP/1.1 {self.status} Said\r\nLocation: {self.location}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def events(self) -> list[dict[str, Any]]:
        """The bodies, without the pings."""
        return [event for _, body in self.got if (event := json.loads(body))["Type"] != "ping"]

    async def until(self, count: int) -> list[dict[str, Any]]:
        """The events, once there are so many."""
        deadline = time.monotonic() + 20
        while len(self.events()) < count:
            assert time.monotonic() < deadline, self.events()
            await asyncio.sleep(0.01)
        return self.events()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?a=b"
    async with server:
        yield receiver


async def hook(served: Served, receiver: Receiver, **more: Any) -> int:
    """The id of a new webhook, once its first ping has arrived or failed."""
    before = len(served.ledger("delivery"))
    words = {"Name": "mine", "Url": receiver.url, "Secret": SECRET, "SubscribeToAllEvents": True, **more}
    answer = await served.http.post("/odata/Webhooks", json=words)
    assert answer.status_code == 201, answer.text
    await recorded(served, before + 1)
    return int(answer.json()["Id"])


async def recorded(served: Served, count: int) -> list[dict[str, Any]]:
    """The ledger's deliveries, once there are so many."""
    deadline = time.monotonic() + 20
    while len(found := served.ledger("delivery")) < count:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.01)
    return found


async def test_the_life_of_a_job_is_told_in_order_and_signed(served: Served) -> None:
    async with receiving() as receiver:
        await hook(served, receiver)
        (job,) = await served.start("Echo", {"a": 1}, Reference="mine")
        events = await receiver.until(3)
        assert [event["Type"] for event in events] == ["job.created", "job.started", "job.completed"]
        created, _, completed = events
        assert created["Jobs"][0]["BatchExecutionKey"] == job["BatchExecutionKey"]
        assert (created["StartInfo"]["Source"], created["UserId"], "UserId" in completed) == (None, 1, False)
        told = completed["Job"]
        assert (told["Key"], told["State"], told["OutputArguments"]) == (job["Key"], "Successful", {"a": 1})
        assert not {"Reference", "BatchExecutionKey"} & told.keys()
        assert (completed["Name"], completed["EntityKey"]) == ("mine", job["Key"])
        for headers, body in receiver.got:
            expected = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
            assert headers["x-uipath-signature"] == expected


async def test_only_what_was_subscribed_to_is_told(served: Served) -> None:
    async with receiving() as receiver, receiving() as other:
        faults = [{"EventType": "job.faulted"}]
        await hook(served, receiver, SubscribeToAllEvents=False, Events=faults, Secret=None)
        await hook(served, other, Enabled=False)
        await served.run("Echo")
        await served.run("Fail")
        (event,) = await receiver.until(1)
        assert (event["Type"], event["Job"]["Error"]["Code"]) == ("job.faulted", "Robot")
        assert "x-uipath-signature" not in receiver.got[0][0]
        assert other.events() == []


async def test_a_failed_delivery_opens_the_breaker_and_loses_the_hour(serve: Serve) -> None:
    class Hands:
        ahead = 0.0

        def __call__(self) -> float:
            return time.time() + self.ahead

    clock = Hands()
    served = await serve(clock=clock)
    async with receiving() as receiver:
        await hook(served, receiver)
        receiver.status = 500
        await served.run("Echo")
        deliveries = await recorded(served, 4)
        assert [item["failure"] for item in deliveries][1] == "failed: 500"
        assert [item["failure"] for item in deliveries][2:] == ["lost: the breaker is open"] * 2
        receiver.status = 200
        clock.ahead = 3590
        await served.run("Echo")
        assert len(receiver.events()) == 1
        clock.ahead = 3620
        await served.run("Echo")
        assert [event["Type"] for event in await receiver.until(4)][1:] == [
            "job.created",
            "job.started",
            "job.completed",
        ]


async def test_a_change_closes_the_breaker(served: Served) -> None:
    async with receiving() as receiver:
        receiver.status = 302
        number = await hook(served, receiver)
        assert served.ledger("delivery")[0]["failure"] == "failed: 302"
        receiver.status = 202
        await served.http.patch(f"/odata/Webhooks({number})", json={"Name": "other"})
        await served.run("Echo")
        assert [event["Name"] for event in await receiver.until(3)] == ["other"] * 3


async def test_nobody_listens(served: Served) -> None:
    async with receiving() as receiver:
        pass
    number = await hook(served, receiver)
    assert served.ledger("delivery")[0]["failure"].startswith("failed: ")
    answer = await served.http.post(f"/odata/Webhooks({number})/Ping")
    assert (answer.status_code, answer.json()["Type"]) == (202, "ping")
    assert (await recorded(served, 2))[1]["failure"] == "lost: the breaker is open"
    assert (await served.run("Echo"))["State"] == "Successful"


async def test_the_other_form_of_the_signature(serve: Serve) -> None:
    served = await serve("orchestrator: {webhook_signature: sha256}\n" + BUILTINS)
    async with receiving() as receiver:
        await hook(served, receiver)
        headers, body = receiver.got[0]
        assert headers["x-uipath-signature"] == signature(SECRET, body, Signature.SHA256)
        assert headers["x-uipath-signature"] == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


async def test_no_answer_of_a_receiver_ends_the_deliveries(serve: Serve) -> None:
    """An endless line, a line that is no status, nothing at all: each is a failure, and the next event is sent."""
    served = await serve("orchestrator: {breaker_seconds: 0}\n" + BUILTINS)
    said = [b"HTTP/1.1 " + b"2" * 200_000, b"\r\n", b"", b"HTTP/1.1 two\r\n", b"\xff\xfe\r\n", b"HTTP/1.1 200 Fine\r\n"]

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said.pop(0) if said else b"HTTP/1.1 200 Fine\r\n")
        writer.close()

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    async with server:
        words = {"Name": "mine", "Url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", "Enabled": True}
        made = (await served.http.post("/odata/Webhooks", json={**words, "SubscribeToAllEvents": True})).json()
        for number in range(5):
            await recorded(served, number + 1)
            await served.http.post(f"/odata/Webhooks({made['Id']})/Ping")
        failures = [one["failure"] is None for one in await recorded(served, 6)]
    assert failures == [False] * 5 + [True]


async def test_a_redirection_is_not_followed(served: Served) -> None:
    async with receiving() as receiver, receiving() as elsewhere:
        receiver.status = 307
        receiver.location = elsewhere.url
        await hook(served, receiver)
        assert served.ledger("delivery")[0]["failure"] == "failed: 307"
        assert (len(receiver.got), elsewhere.got) == (1, [])


async def test_a_name_that_means_another_machine_by_now_gets_nothing() -> None:
    assert is_here(("127.0.0.1", 80))
    assert is_here(("::1", 80))
    for peer in (("192.168.1.5", 80), ("169.254.169.254", 80), ("::ffff:10.0.0.1", 80), None):
        assert not is_here(peer)


async def test_outputs_at_every_depth_are_told_or_the_job_is_faulted(
    serve: Serve, program: Callable[[str], str]
) -> None:
    text = "import json, sys\nn = json.load(sys.stdin)['n']\nprint('{\"a\": ' + '[' * n + ']' * n + '}')\n"
    served = await serve(program(text))
    async with receiving() as receiver:
        await hook(served, receiver)
        states = [(await served.run("Program", {"n": levels}))["State"] for levels in (400, 600, 950, 100_000)]
        assert states == ["Successful", "Faulted", "Faulted", "Faulted"]
        assert len(await receiver.until(12)) == 12
