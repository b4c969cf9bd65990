"""Lock the archive, so that nobody files documents while it is worked on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run


def lock(arguments: Arguments) -> dict[str, Any]:
    """Take in_Lock, the file to make, and in_Owner, who locks; give Lock. Somebody else's lock is respected."""
    path = Path(arguments["in_Lock"])
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(arguments["in_Owner"])
    except FileExistsError:
        owner = path.read_text(encoding="utf-8")
        if owner != arguments["in_Owner"]:
            raise BusinessError(f"The archive is locked by {owner}.") from None
    return {"Lock": path.as_posix()}


if __name__ == "__main__":
    run(lock)
