"""A real server on 127.0.0.1 that does what it is told, right or wrong, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from flowrun.orchestrator.wire import Folder


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; `query` and header names are decoded."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Behaviour = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def reply(status: int, body: Any = b"", **headers: str) -> Behaviour:
    """A whole reply. What is not bytes is sent as JSON; `content_type` is the header Content-Type."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in named.items())]
        if "content-length" not in named and "transfer-encoding" not in named:
            lines.append(f"Content-Length: {len(content)}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        await writer.drain()

    return behave


def rows(*items: dict[str, Any], **more: Any) -> Behaviour:
    return reply(200, {"value": list(items), **more})


def raw(data: bytes) -> Behaviour:
    """These bytes, and then the connection is closed."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return behave


async def reset(_: Asked, writer: asyncio.StreamWriter) -> None:
    """The connection is torn down, after the request was read."""
    endpoint = writer.get_extra_info("socket")
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def silent(_: Asked, __: asyncio.StreamWriter) -> None:
    """No answer, for ever."""
    await asyncio.Event().wait()


async def drip(_: Asked, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, so that no read ever times out."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


@dataclass
class Server:
    """Answers with the behaviours of `script` in order, then with `otherwise`."""

    url: str = ""
    script: deque[Behaviour] = field(default_factory=deque)
    otherwise: Behaviour = field(default_factory=lambda: reply(500, {"message": "not scripted"}))
    asked: list[Asked] = field(default_factory=list)

    def will(self, *behaviours: Behaviour) -> None:
        self.script.extend(behaviours)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                asked = await _read(reader)
                self.asked.append(asked)
                await (self.script.popleft() if self.script else self.otherwise)(asked, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Asked(method, unquote(parts.path), query, headers, body)


@dataclass(frozen=True)
class Federated:
    """A federation as `settings.Federation` has it."""

    source: str
    url: str = ""
    bearer: str = ""
    audience: str = ""
    file: Path | None = None
    token: str = ""


@dataclass
class Settled:
    """A connection as `settings.Connection` has it."""

    url: str
    folder: str | None = "Shared"
    token: str | None = "secret-token"
    client_id: str | None = None
    client_secret: str | None = None
    scope: str = "OR.Jobs"
    ca_file: Path | None = None
    tenant: str | None = None
    federation: Federated | None = None
    username: str | None = None
    password: str | None = None
    proxy: str | None = None
    reload: Callable[[], Settled | None] | None = None


@dataclass
class StillClock:
    """Time that passes only by being slept through; `slept` is each sleep."""

    time: float = 1_700_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


FOLDER = Folder(id=7, fully_qualified_name="Shared")


def job(number: int, **more: Any) -> dict[str, Any]:
    return {"Id": number, "Key": f"key-{number}", "State": "Pending", **more}
