"""Unlock the archive, if the lock is ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from processes.job import Arguments, run


def unlock(arguments: Arguments) -> dict[str, Any]:
    """Take in_Lock and in_Owner; give Unlocked, which is false if there was no lock of ours."""
    path = Path(arguments["in_Lock"])
    ours = path.is_file() and path.read_text(encoding="utf-8") == arguments["in_Owner"]
    if ours:
        path.unlink()
    return {"Unlocked": ours}


if __name__ == "__main__":
    run(unlock)
