"""Requests with our name on them: each gets a token and a folder, each refusal a sentence on what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError

from flowrun.orchestrator import odata
from flowrun.orchestrator.address import address_of
from flowrun.orchestrator.advice import TOKEN, Call, advise
from flowrun.orchestrator.auth import tokens_of
from flowrun.orchestrator.connection import Connection
from flowrun.orchestrator.replies import Reply, Unreadable, document, error_of, folded
from flowrun.orchestrator.retry import Clock, Patience
from flowrun.orchestrator.transport import Limits, Request, Transport
from flowrun.orchestrator.wire import Entity, Folder

E = TypeVar("E", bound=Entity)

_MOST_PAGES = 1_000
_UNAUTHORIZED = 401
_TENANT = "X-UIPATH-TenantName"


class Requests:
    """What the client sends through. `counts` says how many requests of each kind went out."""

    def __init__(self, connection: Connection, clock: Clock, dice: Callable[[], float], limits: Limits) -> None:
        address = address_of(connection.url)
        self.counts: Counter[str] = Counter()
        self._api = address.api
        self._clock = clock
        source = connection.federation.url if connection.federation else ""
        tls = any(url.startswith("https:") for url in (address.api, source))
        self._transport = Transport(limits, connection.ca_file, proxy=connection.proxy, tls=tls)
        self._patience = Patience(clock, dice, limits.patience)
        self._tokens = tokens_of(connection, address, self._send_sign_in, clock)
        self._always = {_TENANT: connection.tenant} if address.standalone and connection.tenant else {}

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    async def post(
        self, call: Call, path: str, folder: Folder | None, body: Any, query: Mapping[str, str] | None = None
    ) -> Reply:
        """One POST. Sent a second time in one case only: a 401, which says that nothing was done, and a new token."""
        return await self._send(call, "POST", path, folder, query=query, body=body)

    async def own_headers(self, url: str) -> dict[str, str]:
        """Our Authorization for an address of this very server; nothing for any other."""
        there, here = urlsplit(url), urlsplit(self._api)
        if (there.scheme, there.netloc) != (here.scheme, here.netloc):
            return {}
        return {"Authorization": f"Bearer {await self._tokens.token()}"}

    async def read(
        self, call: Call, path: str, folder: Folder | None = None, query: Mapping[str, str] | None = None
    ) -> Any:
        """The JSON of a GET, repeated while patience lasts."""

        async def once() -> Any:
            return document(await self._send(call, "GET", path, folder, query=query))

        return await self._patience.read(once)

    async def rows(
        self, call: Call, entity: type[E], path: str, folder: Folder | None = None, **options: str
    ) -> list[E]:
        """All rows of a list, page by page, each once: rows may move between pages while we read."""
        found: dict[Any, E] = {}
        for number in range(_MOST_PAGES):
            answer = folded(await self.read(call, path, folder, odata.page(number, **options)))
            rows = self.entities(entity, answer.get("value"), path)
            known = len(found)
            found.update({getattr(row, "id", known): row for row in rows})
            if len(found) == known or (len(rows) < odata.PAGE and "@odata.nextlink" not in answer):
                break
        return list(found.values())

    def entities(self, entity: type[E], value: Any, path: str) -> list[E]:
        """The `value` of a list. Unreadable where it is none, or where a row lacks what we need."""
        if not isinstance(value, list):
            raise Unreadable(f"the answer of {path} holds no list", url=self._api + path)
        return [self.entity(entity, row, path) for row in value]

    def entity(self, entity: type[E], value: Any, path: str) -> E:
        """One entity. Unreadable where it lacks what we need."""
        try:
            return entity.model_validate(value)
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(str(part) for part in fault["loc"])
            message = f"the answer of {path} holds no {entity.__name__}: {where}: {fault['msg']}"
            raise Unreadable(message, url=self._api + path) from error

    @property
    def api(self) -> str:
        """What the paths are appended to."""
        return self._api

    async def knock(self, path: str) -> Reply:
        """Whatever a GET without a token is answered, repeated while nothing answers."""

        async def once() -> Reply:
            self.counts["knock"] += 1
            return await self._transport.send(Request("GET", self._api + path))

        return await self._patience.read(once)

    async def token(self) -> str:
        """The token that requests are sent with. Raises OrchestratorError."""
        return await self._patience.read(self._tokens.token)

    async def _send(
        self,
        call: Call,
        method: str,
        path: str,
        folder: Folder | None,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Reply:
        for may_renew in (True, False):
            token = await self._tokens.token()
            headers = {"Authorization": f"Bearer {token}", **self._always}
            if folder is not None:
                headers["X-UIPATH-OrganizationUnitId"] = str(folder.id)
            self.counts[call.name] += 1
            reply = await self._transport.send(Request(method, self._api + path, headers, query, body))
            if reply.status != _UNAUTHORIZED or not may_renew or not await self._tokens.renew(token):
                break
        if reply.succeeded:
            return reply
        name = folder.fully_qualified_name or str(folder.id) if folder is not None else ""
        error = advise(error_of(reply, call.purpose, self._clock.now()), call, name)
        if reply.status == _UNAUTHORIZED:
            error.hint = self._tokens.hint
        raise error

    async def _send_sign_in(self, request: Request) -> Reply:
        self.counts[TOKEN.name] += 1
        return await self._transport.send(request)
