"""Secrets that are not in the environment: in a file that is its owner's alone, or in the keyring of this machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from flowrun.errors import UsageError
from flowrun.settings.options import SETTINGS
from flowrun.settings.places import HIDDEN, Found, read

_LIMIT = 64 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
KEYRING_NAMES = {
    "access_token": "UIPATH_ACCESS_TOKEN",
    "client_secret": "UIPATH_CLIENT_SECRET",
    "password": "UIPATH_PASSWORD",
}
"""What each is called in the keyring: as its variable, so that nobody has to learn another name."""


def secret(name: str, found: Mapping[str, Found]) -> Found:
    """The secret from the environment, else from its file, else from the keyring; not found where none has it.

    Raises UsageError for a file that others can read, and for a keyring that cannot be opened.
    """
    given, path, service = found[name], found[f"{name}_file"], found["keyring"]
    if given.value is not None:
        return given
    if path.value is not None:
        return read(SETTINGS[name], of_file(path.value, path.source), f"{path.source} ({path.value})", Path())
    if service.value is not None:
        text = of_keyring(service.value, KEYRING_NAMES[name])
        if text:
            return read(SETTINGS[name], text, f"{KEYRING_NAMES[name]} of {service.value} in the keyring", Path())
    return given


def of_file(path: Path, source: str) -> str:
    """The text of a file that is its owner's alone. Raises UsageError."""
    try:
        with path.open(encoding="utf-8") as file:
            about = os.fstat(file.fileno())
            if os.name == "posix" and os.geteuid() and about.st_uid not in (0, os.geteuid()):
                raise UsageError(f"{path} ({source}) belongs to another user", hint="Use a file of your own.")
            if os.name == "posix" and about.st_mode & _OTHERS:
                mode = stat.S_IMODE(about.st_mode)
                raise UsageError(
                    f"{path} ({source}) can be read by others: its mode is {mode:04o}", hint=f"chmod 600 {path}"
                )
            text = file.read(_LIMIT)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(f"{path} ({source}) cannot be read: {reason}") from error
    if not text.strip():
        raise UsageError(f"{path} ({source}) is empty", hint=f"It takes what would be {HIDDEN} in the environment.")
    return text.strip()


def of_keyring(service: str, name: str) -> str | None:
    """What the keyring of this machine keeps under these two names. Raises UsageError where it cannot be read."""
    try:
        keyring = import_module("keyring")  # optional, so that no part of the package depends on it
    except ImportError:
        hint = "pip install 'flowrun-rpa[keyring]', or unset FLOWRUN_KEYRING."
        raise UsageError("FLOWRUN_KEYRING is set, and keyring is not installed", hint=hint) from None
    try:
        text = keyring.get_password(service, name)
    except Exception as error:  # every backend has errors of its own
        hint = f"keyring set {service} {name}"
        raise UsageError(f"the keyring cannot be read: {error or type(error).__name__}", hint=hint) from error
    return text if isinstance(text, str) else None
