"""Connections: how many there may be, how long each may take to say something, and how long to listen.

uvicorn waits for ever for a request that has begun, and for a client that does not read. Whoever reaches the port
could hold everything that way, without a token. So a request has to be whole some time after it began, and an answer
has to be taken.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 256
"""Connections at one time. One more is closed at once."""

PATIENCE_S = 30.0
"""From the first byte of a request, or from the connection's begin, to the last byte of the body."""

STUCK_S = 60.0
"""How long an answer may wait for a client that does not read."""

_UNFINISHED = frozenset({"IDLE", "SEND_BODY"})
"""The states in which h11, behind uvicorn, waits for more of a request."""


class Protocol(H11Protocol):
    """One connection, with its limits. It also lets a fault reach the connection of its request."""

    _late: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as theirs
        """Take it, or close it where there are too many."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}
        if len(self.connections) > MOST:
            transport.abort()
            return
        self._late = self.loop.call_later(PATIENCE_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Go on with the request, and with the time that it has."""
        super().data_received(data)
        if self.conn.their_state.__name__ not in _UNFINISHED:
            self._late = self._ended(self._late)
        elif self._late is None and not self.transport.is_closing():
            self._late = self.loop.call_later(PATIENCE_S, self.transport.abort)

    def pause_writing(self) -> None:
        """The client does not read."""
        super().pause_writing()
        self._stuck = self.loop.call_later(STUCK_S, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self._stuck = self._ended(self._stuck)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        self._late, self._stuck = self._ended(self._late), self._ended(self._stuck)
        super().connection_lost(exc)

    @staticmethod
    def _ended(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
        """No timer any more."""
        if timer is not None:
            timer.cancel()
        return None
