"""Files that are there whole or not at all: each is written beside its place, and then takes it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def beside(file: Path) -> Path:
    """Where this process writes what is to become that file."""
    return file.with_name(f".{file.name}.{os.getpid()}")


def put(file: Path, text: str, errors: str = "strict") -> None:
    """Make a file with this text, in the place of one that may be there. Raises OSError; then nothing has changed."""
    part = beside(file)
    try:
        part.write_text(text, encoding="utf-8", errors=errors)
        part.replace(file)
    finally:
        with suppress(OSError):
            part.unlink()
