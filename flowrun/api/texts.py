"""The text of a file that somebody named."""

from __future__ import annotations

from pathlib import Path

from flowrun.errors import UsageError


def read_text(file: Path) -> str:
    """The text of a file. Bytes that are no UTF-8 stay visible as lone surrogates, for the loader to report.

    Raises UsageError.
    """
    try:
        return file.read_bytes().decode("utf-8", "surrogateescape")
    except IsADirectoryError as error:
        raise UsageError(f"{file} is a folder", hint="name the workflow's file") from error
    except FileNotFoundError as error:
        near = sorted(path.name for path in file.parent.glob("*.y*ml")) if file.parent.is_dir() else []
        hint = f"there is {', '.join(near[:5])}" if near else None
        raise UsageError(f"{file} does not exist", hint=hint) from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
