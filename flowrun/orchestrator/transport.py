"""One request, one reply: httpx with a deadline, a limit on the body and an answer to whether anything was sent."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from flowrun.errors import OrchestratorError, Unreachable, UsageError
from flowrun.orchestrator.replies import Outage, Reply, Unreadable
from flowrun.version import VERSION

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # they would log every URL, filters included

_KEEP_ALIVE = 3.0
"""Seconds after which an idle connection is not used again: servers close theirs after five, and a request that meets
the closing would have an unknown outcome."""

Sink = Callable[[bytes], object]

_SENDING = "send_request_headers.started"
_TUNNEL = b"CONNECT"
"""What a proxy is asked before anything of the request itself leaves."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`request_timeout` is from connecting to the last byte, in seconds; `patience` bounds the repetition of reads."""

    request_timeout: float = 30.0
    connect_timeout: float = 10.0
    patience: float = 60.0
    max_connections: int = 20
    max_body: int = 16 * 1024 * 1024


@dataclass(slots=True)
class _Trace:
    """Whether the first byte of the request may have left, which decides between Unreachable and Ambiguous."""

    sent: bool = False

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(_SENDING) and info["request"].method != _TUNNEL:
            self.sent = True


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out. `form` is for the token endpoint, `content` for blobs, `body` is JSON for everything else."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] | None = None
    body: Any = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)


Send: TypeAlias = Callable[[Request], Awaitable[Reply]]


class Transport:
    """The connections to one Orchestrator. Follows no redirects and reads nothing from the environment."""

    def __init__(
        self, limits: Limits, ca_file: Path | None = None, *, proxy: str | None = None, tls: bool = True
    ) -> None:
        self._limits = limits
        self._proxy = proxy
        self._slots = asyncio.Semaphore(limits.max_connections)
        self._client = httpx.AsyncClient(
            verify=_trust(ca_file) if tls else _trusts_nobody(),
            trust_env=False,
            proxy=proxy,
            follow_redirects=False,
            timeout=httpx.Timeout(limits.request_timeout, connect=limits.connect_timeout),
            limits=httpx.Limits(
                max_connections=limits.max_connections,
                max_keepalive_connections=limits.max_connections,
                keepalive_expiry=_KEEP_ALIVE,
            ),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": f"flowrun/{VERSION}"},
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def send(self, request: Request, sink: Sink | None = None) -> Reply:
        """Send it once. Raises Unreachable if nothing was sent, Ambiguous if the reply did not come whole.

        `sink` is given the body of a success, part by part; the reply has none then.
        """
        async with self._slots:
            trace = _Trace()
            try:
                async with asyncio.timeout(self._limits.request_timeout):
                    return await self._exchange(request, trace, sink)
            except TimeoutError:
                reason = f"no answer within {self._limits.request_timeout:g} s"
                raise self._failure(request, trace, reason) from None
            except OrchestratorError:
                raise
            except Exception as error:
                # Whatever a library raised: what counts is whether the request had left.
                raise self._failure(request, trace, _reason(error), error) from error

    async def _exchange(self, request: Request, trace: _Trace, sink: Sink | None) -> Reply:
        async with self._client.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            params=request.query,
            json=request.body,
            data=request.form,
            content=request.content,
            extensions={"trace": trace},
        ) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = await self._body(request, response, sink if response.is_success else None)
            return Reply(request.method, request.url, response.status_code, headers, body)

    async def _body(self, request: Request, response: httpx.Response, sink: Sink | None) -> bytes:
        """The body as it came. Nothing is unpacked: we asked for no compression, and a bomb must not be opened."""
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise self._unreadable(request, response, "compressed, which it was not asked to be")
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_raw():
            size += len(part)
            if size > self._limits.max_body:
                raise self._unreadable(request, response, f"larger than {self._limits.max_body} bytes")
            (sink or parts.append)(part)
        return b"".join(parts)

    def _unreadable(self, request: Request, response: httpx.Response, how: str) -> OrchestratorError:
        message = f"the answer to {request.method} {request.url} is {how}"
        return Unreadable(message, method=request.method, url=request.url, status=response.status_code)

    def _failure(
        self, request: Request, trace: _Trace, reason: str, error: Exception | None = None
    ) -> OrchestratorError:
        where = httpx.URL(request.url).netloc.decode()
        if trace.sent:
            message = f"Orchestrator at {where} did not answer: {reason}"
            return Outage(message, method=request.method, url=request.url)
        message = f"Orchestrator at {where} cannot be reached: {reason}"
        hint = _certificate_hint(error, where) or "Check UIPATH_URL, and whether this machine reaches it."
        if self._proxy:
            hint += f" The proxy {httpx.URL(self._proxy).netloc.decode()} is in between (FLOWRUN_PROXY)."
        return Unreachable(message, hint=hint, method=request.method, url=request.url)


def _reason(error: Exception) -> str:
    """In words even where the exception has none."""
    return str(error) or type(error).__name__


def _certificate_hint(error: BaseException | None, where: str) -> str:
    """What to do where the cause is a certificate that does not verify; empty where it is another one."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    if error is None:
        return ""
    return (
        f"The certificate of {where} is not one that this machine trusts. Where your organization has an authority of "
        "its own, or a proxy that looks into TLS, put its certificate into the store of the system, or name it as "
        "PEM in FLOWRUN_CA_FILE."
    )


def _trusts_nobody() -> ssl.SSLContext:
    """For plain HTTP on this machine: reading all certificates takes longer than the requests of a small run."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """The well-known authorities and those of the system, where companies put their own; or those of the file alone."""
    if ca_file is None:
        context = httpx.create_ssl_context(trust_env=False)
        context.load_default_certs()
        return context
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        hint = "It takes certificates in PEM form."
        raise UsageError(f"the certificates in {ca_file} cannot be read: {error}", hint=hint) from error
