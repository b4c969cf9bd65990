"""Who we are: a token that was given to us, or one that signing in gets and renews.

A token is renewed before it ends, and once after a 401, by one request for all who wait. Where that is refused, or a
given token is, the places that it came from are read again: somebody may have put a new one there.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from flowrun.errors import FlowrunError, NotSignedIn, OrchestratorError, UsageError
from flowrun.orchestrator.address import Address, address_of
from flowrun.orchestrator.connection import Connection
from flowrun.orchestrator.retry import Clock
from flowrun.orchestrator.sign_in import sign_in
from flowrun.orchestrator.transport import Send

logger = logging.getLogger(__name__)

_MARGIN = 300.0
"""Seconds before its end at which a token is renewed; at most a fifth of its life."""

_PAUSE = 10.0
"""Seconds between tries to renew a token that is still good."""


class Tokens(Protocol):
    """Where the Authorization header comes from."""

    hint: str
    """What to do about a 401 that stays."""

    async def token(self) -> str:
        """A token that should be valid. Raises Unreachable, Throttled, NotSignedIn: never Ambiguous."""
        ...

    async def renew(self, refused: str) -> bool:
        """After a 401 on this token: whether there is another one now."""
        ...


def tokens_of(connection: Connection, address: Address, send: Send, clock: Clock) -> Tokens:
    """By the way to sign in that the connection has. Raises UsageError for one that the address cannot have."""
    if connection.token is not None:
        return GivenToken(connection)
    if connection.client_id is None and not address.standalone:
        hint = "Register an external application, and set UIPATH_CLIENT_ID and UIPATH_CLIENT_SECRET."
        raise UsageError(f"{address.api} takes no user and password: only standalone servers do", hint=hint)
    return RenewedToken(connection, address, send, clock)


class GivenToken:
    """A token as it was given. It can be renewed only by whoever gave it."""

    hint = "The token is missing, wrong or expired: set UIPATH_ACCESS_TOKEN anew, or write its file anew."

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def token(self) -> str:
        """The token."""
        return self._connection.token or ""

    async def renew(self, refused: str) -> bool:
        """Look where it came from."""
        if self._connection.token == refused:
            self._connection = await reloaded(self._connection)
        return self._connection.token not in (None, refused)


class RenewedToken:
    """A token for a while, from signing in."""

    hint = (
        "Signing in worked, and the token that it gave is not accepted: does the application belong to this "
        "organization, and is UIPATH_URL the right one?"
    )

    def __init__(self, connection: Connection, address: Address, send: Send, clock: Clock) -> None:
        self._connection = connection
        self._address = address
        self._send = send
        self._clock = clock
        self._lock = asyncio.Lock()
        self._tries = 0
        self._error: OrchestratorError | None = None
        self._token = ""
        self._renew_at = 0.0
        self._ends_at = 0.0

    async def token(self) -> str:
        """The token, renewed where it is about to end. One that is still good outlasts a sign-in that fails."""
        tries = self._tries
        async with self._lock:
            if not self._token or self._clock.monotonic() >= self._renew_at:
                try:
                    await self._sign_in(tries)
                except OrchestratorError as error:
                    if not self._token or self._clock.monotonic() >= self._ends_at:
                        raise
                    logger.warning("the token could not be renewed and is still used: %s", error.message)
                    self._renew_at = self._clock.monotonic() + _PAUSE
            return self._token

    async def renew(self, refused: str) -> bool:
        """Sign in anew, unless another task has done so since."""
        tries = self._tries
        async with self._lock:
            if self._token == refused:
                self._ends_at = self._renew_at = 0.0
                await self._sign_in(tries)
            return True

    async def _sign_in(self, tries: int) -> None:
        """Once for all who wait: whoever came before the last try failed shares its error."""
        if tries != self._tries and self._error is not None:
            raise self._error
        self._tries += 1
        try:
            await self._exchange()
            self._error = None
        except OrchestratorError as error:
            self._error = error
            raise

    async def _exchange(self) -> None:
        began = self._clock.monotonic()
        try:
            grant = await sign_in(self._connection, self._address, self._send, self._clock.now())
        except NotSignedIn:
            before, self._connection = self._connection, await reloaded(self._connection)
            if self._connection == before:
                raise
            logger.warning("the credentials were exchanged since the last sign-in; signing in with the new ones")
            grant = await sign_in(self._connection, self._address, self._send, self._clock.now())
        self._token = grant.token
        self._ends_at = began + grant.seconds
        self._renew_at = self._ends_at - min(_MARGIN, grant.seconds / 5)


async def reloaded(connection: Connection) -> Connection:
    """The same places read again; the connection as it is where they name another Orchestrator, or no way to sign in.

    A credential goes to the host that it was configured for, and nowhere else.
    """
    if connection.reload is None:
        return connection
    try:
        found = await asyncio.to_thread(connection.reload)
        same = found is not None and address_of(found.url) == address_of(connection.url)
    except FlowrunError as error:
        logger.warning("the settings could not be read again: %s", error.message)
        return connection
    if found is None or not same or (found.token is None) != (connection.token is None):
        return connection
    return found
