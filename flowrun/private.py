"""Folders that only their owner can enter."""

from __future__ import annotations

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
