"""Servers that flowrun is not told of but by their URLs: an Orchestrator as a tenant would be, and what is none."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from flowrun.emulator.server import Emulator


class Elsewhere:
    """An emulator that flowrun is not told of but by its URL, as a tenant would be."""

    def __init__(self, folder: Path, catalog: str) -> None:
        self._folder = folder
        self._text = catalog
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._emulator: Emulator | None = None
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        self._thread.start()
        assert self._ready.wait(20)

    @property
    def emulator(self) -> Emulator:
        assert self._emulator is not None
        return self._emulator

    @property
    def environment(self) -> dict[str, str]:
        return {"UIPATH_URL": self.emulator.url, "UIPATH_FOLDER_PATH": "Shared", "FLOWRUN_PATIENCE": "3"}

    @property
    def origin(self) -> str:
        return self.emulator.url.removesuffix("/local/default")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.origin + path, data, {"Authorization": f"Bearer {self.emulator.token}"}, method=method)
        with urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def issued(self) -> str:
        """A token for ten minutes."""
        return str(self.ask("POST", "/emulator/tokens", {"lifetime": 600})["access_token"])

    def requests(self, operation: str) -> list[dict[str, Any]]:
        path = self.emulator.state / "ledger.jsonl"
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [one for one in records if one["type"] == "request" and one["operation"] == operation]

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self.emulator.stopping.set)
        self._thread.join(20)
        self._loop.close()

    async def _serve(self) -> None:
        catalog = self._folder / "elsewhere.yaml"
        catalog.write_text(self._text, encoding="utf-8")
        async with Emulator(catalog, state=self._folder / "elsewhere") as self._emulator:
            self._ready.set()
            await self._emulator.stopping.wait()


@contextlib.contextmanager
def answering(behave: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, list[str]]]:
    """A server that is no Orchestrator; the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            behave(self)

        do_POST = do_GET  # noqa: N815 - the name that the library looks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/acme/prod", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200) -> None:
    """Send this, whole."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
