"""Blobs: the bytes of attachments and exports, at an address that Orchestrator gave and that is often a foreign one."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from flowrun.errors import OrchestratorError, Refused
from flowrun.orchestrator.address import is_loopback
from flowrun.orchestrator.advice import Call
from flowrun.orchestrator.connection import Connection
from flowrun.orchestrator.replies import Reply, error_of
from flowrun.orchestrator.requests import Requests
from flowrun.orchestrator.retry import Clock
from flowrun.orchestrator.transport import Limits, Request, Sink, Transport
from flowrun.orchestrator.wire import BlobAccess

_SLOWEST = 900.0
_LARGEST = 4 * 1024**3


class Blobs:
    """Reads and writes with the headers that came with the address.

    Our token goes along only where Orchestrator asks for it and the address is its own: a blob store is somebody else.
    """

    def __init__(self, requests: Requests, connection: Connection, clock: Clock, limits: Limits) -> None:
        self._requests = requests
        self._clock = clock
        self._limits = replace(limits, request_timeout=max(limits.request_timeout, _SLOWEST), max_body=_LARGEST)
        self._connection = connection
        self._transports: dict[bool, Transport] = {}

    async def close(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.close()

    async def put(self, call: Call, access: BlobAccess, data: bytes) -> None:
        """Write it, by one request. A second one with the same bytes would do no harm."""
        await self._send(call, "PUT", access, content=data)

    async def get(self, call: Call, access: BlobAccess, sink: Sink) -> None:
        """Read it, part by part, by one request. What came before a failure must be thrown away."""
        await self._send(call, "GET", access, sink=sink)

    async def _send(
        self, call: Call, verb: str, access: BlobAccess, *, content: bytes | None = None, sink: Sink | None = None
    ) -> Reply:
        secure = self._secure(call, access.uri)
        headers = {"Accept": "*/*", **access.header_map()}
        if access.requires_auth:
            own = await self._requests.own_headers(access.uri)
            if not own:
                raise Refused(
                    f"cannot {call.purpose}: {_place(access.uri)} wants our token, and is not Orchestrator",
                    hint="flowrun sends its token to no other server.",
                )
            headers.update(own)
        transport = self._transports.get(secure)
        if transport is None:
            ca_file, proxy = self._connection.ca_file, self._connection.proxy
            transport = self._transports[secure] = Transport(self._limits, ca_file, proxy=proxy, tls=secure)
        self._requests.counts[call.name] += 1
        # The query of such an address is a key to the blob: it must not get into a message.
        place = _place(access.uri)
        try:
            reply = await transport.send(Request(verb, access.uri, headers, content=content), sink)
        except OrchestratorError as error:
            error.url, error.message = place, error.message.replace(access.uri, place)
            error.args = (error.message,)
            raise
        if reply.succeeded:
            return reply
        raise error_of(replace(reply, url=place), call.purpose, self._clock.now())

    def _secure(self, call: Call, uri: str) -> bool:
        parts = urlsplit(uri)
        if parts.scheme == "https" and parts.hostname:
            return True
        if parts.scheme == "http" and is_loopback(parts.hostname):
            return False
        raise Refused(
            f"cannot {call.purpose}: Orchestrator names the address {_place(uri)}",
            hint="flowrun reads and writes such files over https:// only.",
        )


def _place(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
