"""Find the invoice files of a folder and deal them into batches, one for each Job that will read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run

SUFFIXES = (".xml", ".csv")


def find(arguments: Arguments) -> dict[str, Any]:
    """Take in_Folder and in_BatchSize; give Count, and Batches as a list of {Name, Files}."""
    folder = Path(arguments["in_Folder"])
    size = arguments.get("in_BatchSize", 5)
    if not folder.is_dir():
        raise BusinessError(f"There is no folder {folder}.")
    files = sorted(path.as_posix() for path in folder.iterdir() if path.suffix in SUFFIXES)
    batches = [
        {"Name": f"batch-{number:02}", "Files": files[start : start + size]}
        for number, start in enumerate(range(0, len(files), size), start=1)
    ]
    return {"Count": len(files), "Batches": batches}


if __name__ == "__main__":
    run(find)
