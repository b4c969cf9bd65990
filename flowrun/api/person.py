"""Who asks: the person at this keyboard, by name."""

from __future__ import annotations

import getpass
import os


def user() -> str:
    """The name of the user; a container may run as a user that has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
