"""Who we are: a token that was given to us, or one that client credentials get and renew.

Source: the API facts, 1.2. A token of client credentials lives for an hour; it is renewed before it ends, and once
after a 401, by one request for all who wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from flowrun.errors import Ambiguous, NotSignedIn, Refused, Unreachable
from flowrun.orchestrator import advice
from flowrun.orchestrator.replies import Reply, document, error_of, folded
from flowrun.orchestrator.retry import Clock
from flowrun.orchestrator.transport import Request

_MARGIN = 300.0
"""Seconds before its end at which a token is renewed; at most a fifth of its life."""

_LIFE = 3_600.0

Send = Callable[[Request], Awaitable[Reply]]


class Connection(Protocol):
    """What the client must know, as `settings.Connection` has it: a token, or the id and secret of an application."""

    @property
    def url(self) -> str:
        """The Orchestrator, in any form that `address` reads."""
        ...

    @property
    def folder(self) -> str | None:
        """The folder of those who name none: path, key or id."""
        ...

    @property
    def token(self) -> str | None:
        """A bearer token."""
        ...

    @property
    def client_id(self) -> str | None:
        """The id of an external application."""
        ...

    @property
    def client_secret(self) -> str | None:
        """Its secret."""
        ...

    @property
    def scope(self) -> str:
        """The scopes that it asks for."""
        ...

    @property
    def ca_file(self) -> Path | None:
        """Certificates to trust instead of the well-known ones."""
        ...


class Tokens(Protocol):
    """Where the Authorization header comes from."""

    async def token(self) -> str:
        """A token that should be valid. Raises Unreachable, Throttled, NotSignedIn: never Ambiguous."""
        ...

    async def renew(self, refused: str) -> bool:
        """After a 401 on this token: whether there is another one now."""
        ...


class StaticToken:
    """A token as it was given. Nothing can renew it."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self) -> str:
        """The token."""
        return self._token

    async def renew(self, refused: str) -> bool:  # noqa: ARG002 - nothing can renew it
        """Never."""
        return False


class ClientCredentials:
    """An external application, which signs in by its id and secret."""

    def __init__(self, connection: Connection, url: str, send: Send, clock: Clock) -> None:
        self._form = {
            "grant_type": "client_credentials",
            "client_id": connection.client_id or "",
            "client_secret": connection.client_secret or "",
            "scope": connection.scope,
        }
        self._url = url
        self._send = send
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._renew_at = 0.0

    async def token(self) -> str:
        """The token, renewed where it is about to end."""
        async with self._lock:
            if not self._token or self._clock.now() >= self._renew_at:
                await self._sign_in()
            return self._token

    async def renew(self, refused: str) -> bool:
        """Sign in anew, unless another task has done so since."""
        async with self._lock:
            if self._token == refused:
                await self._sign_in()
            return True

    async def _sign_in(self) -> None:
        """Whatever fails here fails before the request proper: nothing of that was sent."""
        request = Request("POST", self._url, form=self._form)
        try:
            reply = await self._send(request)
            if not reply.succeeded:
                raise error_of(reply, advice.TOKEN.purpose, self._clock.now())
            answer = folded(document(reply))
        except Ambiguous as error:
            raise Unreachable(f"signing in failed: {error.message}", method="POST", url=self._url) from error
        except (NotSignedIn, Refused) as error:
            hint = "Check UIPATH_CLIENT_ID and UIPATH_CLIENT_SECRET, and the application's scopes against UIPATH_SCOPE."
            raise NotSignedIn(
                error.message, hint=hint, method="POST", url=self._url, status=error.status, trace_id=error.trace_id
            ) from error
        token, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token:
            raise Unreachable("signing in gave no token", method="POST", url=self._url, status=reply.status)
        seconds = float(life) if isinstance(life, int | float) and life > 0 else _LIFE
        self._token = token
        self._renew_at = self._clock.now() + seconds - min(_MARGIN, seconds / 5)
