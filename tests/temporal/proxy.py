"""A way to a server that can be cut: whoever goes through it is then alone, and hears nothing, not even that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Proxy:
    """Carries bytes to a server on this machine and back. While it is cut they wait, and connections stay open."""

    def __init__(self, to: str) -> None:
        self._to = int(to.rpartition(":")[2])
        self._open = asyncio.Event()
        self._open.set()
        self._carrying: set[asyncio.Task[None]] = set()
        self._ends: list[asyncio.StreamWriter] = []
        self.address = ""

    def cut(self) -> None:
        """Let nothing through, in neither direction."""
        self._open.clear()

    def mend(self) -> None:
        """Let all through that waited, and what comes."""
        self._open.set()

    @classmethod
    @asynccontextmanager
    async def to(cls, address: str) -> AsyncIterator[Proxy]:
        """One that listens as long as the context lasts."""
        proxy = cls(address)
        server = await asyncio.start_server(proxy._meet, "127.0.0.1", 0)
        proxy.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield proxy
        finally:
            server.close()
            for task in proxy._carrying:
                task.cancel()
            await asyncio.gather(*proxy._carrying, return_exceptions=True)
            for end in proxy._ends:
                end.transport.abort()
            await asyncio.sleep(0)  # the loop lets go of them in its next turn

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.append(writer)
        await self._open.wait()
        with suppress(OSError):
            there = await asyncio.open_connection("127.0.0.1", self._to)
            self._ends.append(there[1])
            for one, other in ((reader, there[1]), (there[0], writer)):
                task = asyncio.create_task(self._carry(one, other))
                self._carrying.add(task)
                task.add_done_callback(self._carrying.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while part := await reader.read(1 << 16):
                await self._open.wait()
                writer.write(part)
                await writer.drain()
        writer.close()
