"""HTTP/2 by hand, as little as tests need: how a header's value is spelled, and a server that refuses everybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.temporal.tls import dropped

_FIVE_BITS = "012aceiost"
"""The characters whose codes are the numbers from 0 in five bits (RFC 7541, appendix B)."""
_OTHERS = {"B": "1011101", "r": "101100", " ": "010100"}
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _SETTINGS, _PING = 0, 1, 4, 6
_ACK, _END_OF_ALL = 0x1, 0x5


def spelled(text: str) -> bytes:
    """The value of a header as it stands on the wire, but for an end that does not fill a byte."""
    bits = "".join(_OTHERS.get(one) or f"{_FIVE_BITS.index(one):05b}" for one in text)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))


@asynccontextmanager
async def refusing(status: int, message: str) -> AsyncIterator[str]:
    """A gateway that answers each gRPC call with this status; where it listens."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await _serve(reader, writer, status, message)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await dropped(writers)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int, message: str) -> None:
    fields = {"content-type": "application/grpc", "grpc-status": str(status), "grpc-message": message}
    refusal = b"\x88" + b"".join(b"\x00" + _string(name) + _string(value) for name, value in fields.items())
    try:
        await reader.readexactly(len(_PREFACE))
        writer.write(_frame(_SETTINGS, 0, 0, b""))
        while True:
            head = await reader.readexactly(9)
            length, kind, flags = int.from_bytes(head[:3]), head[3], head[4]
            body = await reader.readexactly(length)
            if kind == _SETTINGS and not flags & _ACK:
                writer.write(_frame(_SETTINGS, _ACK, 0, b""))
            elif kind == _PING and not flags & _ACK:
                writer.write(_frame(_PING, _ACK, 0, body))
            elif kind == _HEADERS:
                writer.write(_frame(_HEADERS, _END_OF_ALL, int.from_bytes(head[5:]), refusal))
            await writer.drain()
    except (asyncio.IncompleteReadError, OSError):
        return


def _frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return len(body).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + body


def _string(text: str) -> bytes:
    """A literal, which fits into one byte of length."""
    return bytes((len(text),)) + text.encode("ascii")
