"""The HTTP server: Starlette and uvicorn around `front`, the parts put together, and their life.

`Emulator` lives inside another program (tests); `serve` is a program of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flowrun.emulator import connections, front, guard
from flowrun.emulator.assembly import LOGS, STATES, assemble
from flowrun.emulator.catalog import load_catalog
from flowrun.emulator.deployment import Deployment
from flowrun.emulator.env_file import check_replaceable, settings, write_private
from flowrun.emulator.ledger import Clock
from flowrun.emulator.locks import FileLock
from flowrun.emulator.query import warm_up
from flowrun.emulator.tenant import Tenant
from flowrun.errors import UsageError
from flowrun.private import make_folder

KEEP_ALIVE_S = 120
LEASE = "lease"
_TICK_S = 0.25
_ALWAYS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}


class Emulator:
    """A running emulator. `async with Emulator(path) as emulator:` serves until the block ends."""

    def __init__(
        self,
        catalog: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        state: Path | None = None,
        token: str | None = None,
        profile: str | None = None,
        clock: Clock = time.time,
    ) -> None:
        self.token = token or secrets.token_urlsafe(32)
        self.stopping = asyncio.Event()
        self.last_request = time.monotonic()
        self._catalog = catalog
        self._profile = profile
        self._address = (guard.check_loopback(host), port)
        self._given_state = state
        self._clock = clock
        self._parts: _Parts | None = None
        self._warming: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @property
    def url(self) -> str:
        """What `UIPATH_URL` is for it: `http://127.0.0.1:PORT/local/default`; without a path where it is standalone."""
        host, port = self._running.address
        return f"http://{f'[{host}]' if ':' in host else host}:{port}{self.tenant.profile.mount}"

    @property
    def folder(self) -> str:
        """The path of the catalog's first folder."""
        return self.tenant.store.folders[0].path

    @property
    def tenant(self) -> Tenant:
        """The parts behind the server, for tests that look at them."""
        return self._running.tenant

    @property
    def state(self) -> Path:
        """The folder of the ledger and of the Jobs' logs."""
        return self._running.state

    @property
    def _running(self) -> _Parts:
        if self._parts is None:
            raise RuntimeError("the emulator is not running")
        return self._parts

    async def start(self) -> None:
        """Read the catalog, rebuild the Jobs, and listen. Raises SpecError or UsageError."""
        deployment = self._deployment()
        with contextlib.ExitStack() as undo:
            state = _state_folder(self._given_state)
            if self._given_state is None:
                undo.callback(shutil.rmtree, state, ignore_errors=True)
            lock = FileLock(state / "lock")
            undo.callback(lock.release)
            if not lock.acquire():
                raise UsageError(f"another emulator is using {state}", hint="give this one a state folder of its own")
            listener = _listen(*self._address)
            undo.callback(listener.close)
            tenant = assemble(deployment, state, self.token, self._clock, (self._reload, self.stopping.set))
            undo.callback(tenant.ledger.close)
            host, port = listener.getsockname()[:2]
            server = _Server(_config(self._application(tenant, guard.hosts(host, port))))
            serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
            self._parts = _Parts(tenant, state, (host, port), server, serving, lock)
            while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn sets a plain attribute
                await asyncio.sleep(0.005)
            tenant.robots.go_on()
            self._warming = asyncio.create_task(asyncio.to_thread(warm_up))
            undo.pop_all()

    async def aclose(self) -> None:
        """Stop listening, end every process, close the ledger."""
        parts, self._parts = self._parts, None
        if parts is None:
            return
        parts.server.end()
        await parts.serving
        if self._warming is not None:
            await self._warming
        await parts.tenant.robots.aclose()
        parts.tenant.sessions.close()
        await parts.tenant.deliveries.aclose()
        parts.tenant.ledger.write("closed", pid=os.getpid())
        parts.tenant.ledger.close()
        parts.lock.release()
        if self._given_state is None:
            shutil.rmtree(parts.state, ignore_errors=True)

    def _deployment(self) -> Deployment:
        deployment = load_catalog(self._catalog)
        return replace(deployment, profile=deployment.profile.of(self._profile))

    def _reload(self) -> str:
        deployment = self._deployment()
        tenant = self.tenant
        if deployment.digest != tenant.deployment.digest:
            tenant.store.deploy(deployment.folders, deployment.robots, deployment.releases)
            tenant.deployment = deployment
            tenant.robots.large_outputs = tenant.profile.large_outputs
            tenant.ledger.write("reloaded", catalog=deployment.digest)
            tenant.robots.queue_anew()
        return deployment.digest

    def _application(self, tenant: Tenant, hosts: frozenset[str]) -> ASGIApp:
        async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive)
            self.last_request = time.monotonic()
            try:
                given = await front.answer(_head(request), _body(request), tenant, hosts)
            except ClientDisconnect:
                return
            self.last_request = time.monotonic()
            await _respond(given, tenant.profile.versions, scope, receive, send)

        return endpoint


@dataclass(slots=True)
class _Parts:
    """What exists only while it runs."""

    tenant: Tenant
    state: Path
    address: tuple[str, int]
    server: _Server
    serving: asyncio.Task[None]
    lock: FileLock


class _Server(uvicorn.Server):
    """uvicorn, which leaves the signals to the program around it, and is told when to end."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ending = asyncio.Event()

    def end(self) -> None:
        """Serve no more."""
        self.should_exit = True
        self._ending.set()

    async def main_loop(self) -> None:
        """Theirs looks ten times a second whether it is to end; once is enough for the date in the answers."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), 1.0)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(  # noqa: PLR0913 - one keyword for each flag of `flowrun emulator`
    catalog: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    state: Path | None = None,
    env_file: Path | None = None,
    token: str | None = None,
    profile: str | None = None,
    linger: float | None = None,
    ready: Callable[[Emulator], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, or until nobody has needed it for `linger` seconds.

    `ready` is called once it answers. `env_file` is written with what a UiPath client needs to find it, and removed at
    the end. Raises SpecError for a wrong catalog, UsageError for an address, a state folder or an env file that it
    cannot have.
    """

    async def run(emulator: Emulator) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, emulator.stopping.set)
        async with emulator:
            if env_file is not None:
                write_private(env_file, settings(emulator.url, emulator.token, emulator.folder))
            if ready is not None:
                ready(emulator)
            await _until_done(emulator, linger)

    if env_file is not None:
        check_replaceable(env_file)
    try:
        asyncio.run(run(Emulator(catalog, host=host, port=port, state=state, token=token, profile=profile)))
    finally:
        if env_file is not None:
            env_file.unlink(missing_ok=True)


async def _until_done(emulator: Emulator, linger: float | None) -> None:
    """Wait for a signal, for a request to shut down, or for nobody to need it any more."""
    if linger is None:
        await emulator.stopping.wait()
        return
    lease = FileLock(emulator.state / LEASE)
    while not emulator.stopping.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(emulator.stopping.wait(), _TICK_S)
        if emulator.tenant.store.busy_jobs:
            emulator.last_request = time.monotonic()
        idle = time.monotonic() - emulator.last_request
        # The lease is kept to the end of the process: whoever wants the emulator now waits until this one is gone.
        if idle >= linger and lease.acquire():
            return


def _state_folder(given: Path | None) -> Path:
    if given is None:
        folder = Path(tempfile.mkdtemp(prefix="flowrun-emulator-"))
    else:
        folder = given
        make_folder(folder)
        folder.chmod(0o700)
    for name in (LOGS, STATES):
        make_folder(folder / name)
    return folder


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle off; without, every answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageError(f"port {port} of {host} cannot be used: {error.strerror}") from None
    return listener


def _config(application: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=connections.Protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
    )


def _head(request: Request) -> front.Request:
    headers = request.headers
    return front.Request(
        request.method,
        str(request.scope["path"]),
        dict(request.query_params),
        request.url.query,
        # Of a name that stands there twice, Starlette's own dictionary would keep one and hide the other.
        {name: ", ".join(headers.getlist(name)) for name in headers},
    )


def _body(request: Request) -> front.Body:
    async def read(limit: int) -> bytes | None:
        parts: list[bytes] = []
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                return None
            parts.append(chunk)
        return b"".join(parts)

    return read


async def _respond(given: front.Answer, versions: Sequence[str], scope: Scope, receive: Receive, send: Send) -> None:
    transport: asyncio.Transport = scope["state"]["transport"]
    if given.lost:
        transport.abort()
        return
    reply = given.reply
    text = reply.text
    if text is None:
        text = "" if reply.body is None else json.dumps(reply.body, ensure_ascii=False, separators=(",", ":"))
    content = text.encode("utf-8", errors="replace") if reply.content is None else reply.content
    headers = {**_ALWAYS, "api-supported-versions": ", ".join(versions), **reply.headers}
    media_type = reply.media_type if content else None
    response = Response(content, reply.status, headers, media_type)
    if not given.cut:
        await response(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": reply.status, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
    transport.close()
