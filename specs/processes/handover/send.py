"""Bring a file to a place, which may be out of reach."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run


def send(arguments: Arguments) -> dict[str, Any]:
    """Take in_File and in_To, a folder; give Receipt. With in_Make the folder is made where it is not there."""
    file, folder = Path(arguments["in_File"]), Path(arguments["in_To"])
    if arguments.get("in_Make"):
        folder.mkdir(parents=True, exist_ok=True)
    if not folder.is_dir():
        raise BusinessError(f"{folder} is out of reach.")
    return {"Receipt": Path(shutil.copy(file, folder)).as_posix()}


if __name__ == "__main__":
    run(send)
