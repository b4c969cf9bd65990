"""The report of a bug in flowrun: a traceback and versions, in a file of the state folder, without secrets."""

from __future__ import annotations

import os
import platform
import re
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from flowrun.private import make_folder
from flowrun.version import VERSION

_LIBRARIES = ("click", "rich", "httpx", "pydantic", "jinja2", "networkx", "ruamel.yaml", "starlette", "uvicorn")
_SECRET_NAME = re.compile("token|secret|password|passwd|credential|api_?key|private", re.IGNORECASE)
_SECRET_TEXT = re.compile(r"(?i:bearer)\s+\S+|eyJ[\w-]{8,}\.[\w-]+\.?[\w-]*|://[^/\s:@]+:[^/\s@]+@")
_SHORTEST_SECRET = 4


def write_report(error: BaseException, arguments: Sequence[str]) -> Path | None:
    """Write it with the rights of its owner alone; where it lies, or None where nothing can be written."""
    folder = Path(os.environ.get("FLOWRUN_STATE_DIR") or ".flowrun")
    file = folder / f"bug-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.txt"
    try:
        make_folder(folder)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as out:  # noqa: PTH123 - a descriptor
            out.write(redacted(_text(error, arguments), os.environ))
    except OSError:
        return None
    return file


def redacted(text: str, environment: Mapping[str, str]) -> str:
    """The text without the values of variables whose names sound secret, and without what looks like a token."""
    for name, value in environment.items():
        if _SECRET_NAME.search(name) and len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "***")
    return _SECRET_TEXT.sub("***", text)


def _text(error: BaseException, arguments: Sequence[str]) -> str:
    """Flags and commands are named; values are not, for an input may be anybody's business."""
    words = [word.partition("=")[0] if word.startswith("-") else word for word in arguments]
    shown = [word for place, word in enumerate(words) if place == 0 or word.startswith("-")]
    return "\n".join(
        [
            f"flowrun {VERSION}, Python {sys.version.split()[0]}, {platform.platform()}",
            f"libraries: {', '.join(f'{name} {_version(name)}' for name in _LIBRARIES)}",
            f"command: flowrun {' '.join(shown)}",
            "",
            *traceback.format_exception(error),
        ]
    )


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"
