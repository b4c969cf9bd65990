"""Folders that only their owner can enter, and whose a file is."""

from __future__ import annotations

import os
from itertools import takewhile
from pathlib import Path

FOLDER = 0o700


def make_folder(folder: Path) -> tuple[Path, ...]:
    """Make it and each folder above it that is not there; gives those that are new, the outermost first.

    `Path.mkdir(parents=True)` gives the mode to the last one alone. What is there is left as it is. Raises OSError.
    """
    missing = tuple(takewhile(lambda one: not one.is_dir(), (folder, *folder.parents)))[::-1]
    for one in missing:
        one.mkdir(mode=FOLDER, exist_ok=True)
    return missing


def is_anothers(about: os.stat_result) -> bool:
    """Whether a file or a folder belongs to a user who is neither this one nor root.

    What root owns is nobody else's doing; and root, as in a container whose folders come from outside, may use all.
    """
    return os.name == "posix" and os.geteuid() != 0 and about.st_uid not in (0, os.geteuid())
