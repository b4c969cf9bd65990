"""Empty the folder in which a robot keeps its temporary files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run


def clean(arguments: Arguments) -> dict[str, Any]:
    """Take in_Keep, a file that stands for what must not be touched; give Freed, in bytes."""
    if not Path(arguments["in_Keep"]).is_file():
        raise BusinessError(f"{arguments['in_Keep']} is not there: is this the right machine?")
    with tempfile.TemporaryDirectory() as folder:
        scrap = Path(folder) / "session.tmp"
        scrap.write_bytes(b"x" * 4096)
        return {"Freed": scrap.stat().st_size}


if __name__ == "__main__":
    run(clean)
