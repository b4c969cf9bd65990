"""Canary: what a test's processes knew and may have written nowhere, and how it is looked for in all that they wrote.

There are two: a secret that stands in the environment of each command and of which no workflow speaks, and the token
of the emulator that the test used.
"""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

VALUE = 'wh1stle-Ä+/"blower\\9'
VARIABLE = {"FLOWRUN_SECRET_CANARY": VALUE}
_TOKEN_LINE = "UIPATH_ACCESS_TOKEN="


def forms(value: str) -> set[bytes]:
    """The ways in which programs write it down, in lower case."""
    data = value.encode()
    aligned = (base64.b64encode(b"\0" * before + data)[4 if before else 0 : -4] for before in range(3))
    texts = {value}
    for _ in range(2):
        texts |= {json.dumps(text, ensure_ascii=plain)[1:-1] for text in texts for plain in (True, False)}
    written = {*aligned, data.hex().encode(), quote(value, safe="").encode(), data[::-1]}
    return {form.lower() for form in (*written, *(text.encode() for text in texts))}


def tokens(state: Path) -> set[str]:
    """The tokens of the emulators that run there."""
    return {json.loads(path.read_text(encoding="utf-8"))["token"] for path in state.rglob("endpoint.json")}


def leaks(folder: Path, secrets: set[str]) -> list[str]:
    """The files below with one of these in the name or inside, but for those that are there to hold a token."""
    wanted = {form for secret in secrets for form in forms(secret)}
    return sorted(str(path.relative_to(folder)) for path in _written(folder) if _holds(path, wanted))


def exposed(state: Path) -> list[str]:
    """What in the state folder somebody else could read, write or enter."""
    if not state.exists():
        return []
    return sorted(str(path) for path in (state, *state.rglob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077)


def _written(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not _is_for_tokens(path))


def _is_for_tokens(path: Path) -> bool:
    return path.name == "endpoint.json" or _TOKEN_LINE.encode() in path.read_bytes()[:4_096]


def _holds(path: Path, wanted: set[bytes]) -> bool:
    inside = path.read_bytes().lower()
    return any(form in inside or form in path.name.encode().lower() for form in wanted)
