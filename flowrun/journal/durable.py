"""Durable: files and folders that are nobody else's, and on the disk before anybody relies on them."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path

from flowrun import private

FILE = 0o600


def make_folder(folder: Path) -> None:
    """Make it, and what is missing above it, for its owner only, unless it is there. Raises OSError."""
    for made in private.make_folder(folder):
        sync_folder(made.parent)


def beside(path: Path) -> Path:
    """The path of a new file in the same folder, to be filled before it takes the name."""
    return path.with_name(f"{path.name}.{uuid.uuid4().hex}.new")


def write_file(path: Path, content: bytes) -> None:
    """All of it, or nothing under this name; on the disk when this returns. Raises OSError."""
    new = beside(path)
    try:
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), FILE)
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(file)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    sync_folder(path.parent)


def publish(new: Path, path: Path) -> None:
    """Give a finished file its name, unless another process was first. `new` is gone afterwards. Raises OSError."""
    try:
        if sys.platform == "win32":
            new.rename(path)  # fails where there is such a file, as the link below does
        else:
            path.hardlink_to(new)  # unlike a rename, this never takes the place of another file
            sync_folder(path.parent)
    except FileExistsError:
        pass
    finally:
        new.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Put the names in it on the disk. Windows does so by itself."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
