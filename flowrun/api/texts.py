"""The text of a file that somebody named."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from flowrun import whole
from flowrun.errors import UsageError


def read_text(file: Path) -> str:
    """The text of a file. Bytes that are no UTF-8 stay visible as lone surrogates, for the loader to report.

    Raises UsageError.
    """
    try:
        return file.read_bytes().decode("utf-8", "surrogateescape")
    except IsADirectoryError as error:
        raise UsageError(f"{file} is a folder, and a file is wanted here") from error
    except FileNotFoundError as error:
        near = sorted(path.name for path in file.parent.glob("*.y*ml")) if file.parent.is_dir() else []
        hint = f"there is {', '.join(near[:5])}" if near else None
        raise UsageError(f"{file} does not exist", hint=hint) from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


def put_text(file: Path, text: str) -> None:
    """Make a file with this text, in the place of one that may be there: whole, or not at all. Raises UsageError."""
    try:
        whole.put(file, text)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error


def new_text(file: Path, text: str, hint: str) -> None:
    """Put a text into a file that is not there yet. Raises UsageError, with `hint` where it is."""
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError(f"{file} is there already", hint=hint) from error
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error


def write_text(file: Path, text: str) -> None:
    """Put another text into a file that is there: all of it or nothing, with the mode that it has. Raises UsageError.

    A link stays a link; what it leads to is written. Lone surrogates become the bytes that they stand for.
    """
    target = file.resolve()
    written = None
    try:
        mode = target.stat().st_mode
        number, written = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(number, "wb") as stream:
            stream.write(text.encode("utf-8", "surrogateescape"))
            os.fchmod(stream.fileno(), mode & 0o7777)
            stream.flush()
            os.fsync(stream.fileno())
        Path(written).replace(target)
    except OSError as error:
        if written is not None:
            with suppress(OSError):
                Path(written).unlink()
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
