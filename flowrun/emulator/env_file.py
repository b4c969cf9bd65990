"""The env file: how clients and robots find an emulator. It is replaced at the start and removed at the end."""

from __future__ import annotations

import os
import re
import tempfile
import uuid
from pathlib import Path

from flowrun.emulator.deployment import NAMESPACE
from flowrun.errors import UsageError

_OURS = re.compile(r"^UIPATH_URL=http://(127[.\d]+|\[::1\]):\d+(/local/default)?$", re.MULTILINE)


def settings(url: str, token: str, folder: str) -> str:
    """Its lines: what clients and robots of UiPath's read, with what they would send elsewhere turned off."""
    pairs = {
        "UIPATH_URL": url,
        "UIPATH_ACCESS_TOKEN": token,
        "UIPATH_FOLDER_PATH": folder,
        "UIPATH_ORGANIZATION_ID": str(uuid.uuid5(NAMESPACE, "local")),
        "UIPATH_TENANT_ID": str(uuid.uuid5(NAMESPACE, "local/default")),
        "UIPATH_ROBOT_USERNAME": "robot",
        "UIPATH_TRACING_ENABLED": "false",
        "UIPATH_TELEMETRY_ENABLED": "false",
    }
    return "".join(f"{name}={value}\n" for name, value in pairs.items())


def check_replaceable(path: Path) -> None:
    """Raise UsageError for a file that somebody else has written: it would be lost."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"{path} cannot be the env file: {error.strerror}") from None
    if text.strip() and not _OURS.search(text):
        raise UsageError(
            f"{path} exists and was not written by an emulator",
            hint="the env file is replaced at the start and removed at the end; name another one",
        )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, in one move."""
    file, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
