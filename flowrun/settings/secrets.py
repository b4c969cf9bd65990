"""Secrets that are not in the environment: in a file that is its owner's alone, or in the keyring of this machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from flowrun.errors import UsageError
from flowrun.private import is_anothers
from flowrun.settings.options import SETTINGS
from flowrun.settings.places import HIDDEN, Found, read

_LIMIT = 64 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_ELSEWHERE = "Put it into the environment, or into a file of mode 0600: docs/how-to/connect-to-a-tenant.md."
KEYRING_NAMES = {
    "access_token": "UIPATH_ACCESS_TOKEN",
    "client_id": "UIPATH_CLIENT_ID",
    "client_secret": "UIPATH_CLIENT_SECRET",
    "password": "UIPATH_PASSWORD",
}
"""What each is called in the keyring: as its variable, so that nobody has to learn another name."""


def secret(name: str, found: Mapping[str, Found]) -> Found:
    """The secret from the environment, else from its file, else from the keyring; not found where none has it.

    Raises UsageError for a file that others can read, and for a keyring that cannot be opened.
    """
    given, path, service = found[name], found.get(f"{name}_file"), found["keyring"]
    if given.value is not None:
        return given
    if path is not None and path.value is not None:
        return read(SETTINGS[name], of_file(path.value, path.source), f"{path.source} ({path.value})", Path())
    if service.value is not None:
        called = KEYRING_NAMES.get(name, SETTINGS[name].variables[0])
        text = of_keyring(service.value, called)
        if text:
            return read(SETTINGS[name], text, f"{called} of {service.value} in the keyring", Path())
    return given


def of_file(path: Path, source: str) -> str:
    """The text of a file that is its owner's alone. Raises UsageError."""
    try:
        with path.open(encoding="utf-8") as file:
            about = os.fstat(file.fileno())
            if is_anothers(about):
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
    text = _carried_out("read", f"keyring set {service} {name}", "get_password", service, name)
    return text if isinstance(text, str) else None


def keep(service: str, name: str, text: str) -> None:
    """Let the keyring of this machine keep it. Raises UsageError where it does not."""
    _carried_out("written", _ELSEWHERE, "set_password", service, name, text)


def forget(service: str, name: str) -> bool:
    """Take it out of the keyring again; whether it was there. Raises UsageError where the keyring cannot be opened."""
    if of_keyring(service, name) is None:
        return False
    _carried_out("written", f"keyring del {service} {name}", "delete_password", service, name)
    return True


def _carried_out(done: str, hint: str, call: str, *given: str) -> object:
    try:
        keyring = import_module("keyring")  # optional, so that no part of the package depends on it
    except ImportError:
        install = "pip install 'flowrun-rpa[keyring]', or leave the setting `keyring` (FLOWRUN_KEYRING) out."
        raise UsageError("a keyring is wanted, and the package keyring is not installed", hint=install) from None
    try:
        return getattr(keyring, call)(*given)
    except Exception as error:  # every backend has errors of its own
        if type(error).__name__ == "NoKeyringError":
            raise UsageError("this machine has no keyring that could be used", hint=_ELSEWHERE) from error
        raise UsageError(f"the keyring cannot be {done}: {error or type(error).__name__}", hint=hint) from error
