"""Blobs: bytes behind signed addresses of this server, as a cloud's blob store gives them.

An address is `/blobs/NAME?sp=w&se=1735689600&sig=…`: what it allows, until when, and a signature that nobody can
guess. It takes no token, and refuses one that is sent along: a client that sends it would send it to a stranger.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from urllib.parse import urlencode

from flowrun.emulator.ledger import Clock
from flowrun.private import make_folder

LIFETIME_S = 3600
LIMIT = 64 * 1024 * 1024
"""Bytes that one blob may have."""
READ, WRITE = "r", "w"


class Blobs:
    """The files of a folder, and their addresses. The key is made at each start, so addresses end with the server."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        make_folder(folder)
        self._folder = folder
        self._clock = clock
        self._key = secrets.token_bytes(32)

    def address(self, name: str, may: str) -> str:
        """The path and query that allow to READ or WRITE one blob, for LIFETIME_S seconds."""
        end = str(int(self._clock()) + LIFETIME_S)
        return f"/blobs/{name}?" + urlencode({"sp": may, "se": end, "sig": self._signature(name, may, end)})

    def allows(self, name: str, may: str, end: str, signature: str) -> bool:
        """Whether an address is one of ours, for this, and not too old."""
        good = hmac.compare_digest(signature.encode(), self._signature(name, may, end).encode())
        return good and int(end) > self._clock()

    def write(self, name: str, data: bytes) -> None:
        """Write one whole."""
        place = self._folder / name
        part = place.with_suffix(".part")
        file = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(file, "wb") as out:
            out.write(data)
        part.replace(place)

    def read(self, name: str) -> bytes | None:
        """The bytes of one; None where nothing was written."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, name: str) -> None:
        """Forget one."""
        (self._folder / name).unlink(missing_ok=True)

    def _signature(self, name: str, may: str, end: str) -> str:
        return hmac.new(self._key, f"{may} {end} {name}".encode(), hashlib.sha256).hexdigest()
