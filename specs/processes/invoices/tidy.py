"""Remove the working files of a run. What was posted and reported stays."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run


def tidy(arguments: Arguments) -> dict[str, Any]:
    """Take in_WorkFolder; give Removed, the number of files. A folder that is not there is no mistake."""
    folder = Path(arguments["in_WorkFolder"])
    if "work" not in folder.parts or ".." in folder.parts:
        raise BusinessError(f"{folder} is not a working folder; nothing was removed.")
    if not folder.is_dir():
        return {"Removed": 0}
    removed = sum(path.is_file() for path in folder.rglob("*"))
    shutil.rmtree(folder)
    return {"Removed": removed}


if __name__ == "__main__":
    run(tidy)
