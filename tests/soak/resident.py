"""A process that drives run after run by the library's own front door, and never ends by itself: what grows in it?

`python -m tests.soak.resident FOLDER PAUSE`, in the surroundings of the command line. Each run is a line on standard
output: its id and what it came to. A run that was left is gone on with before the next begins.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from flowrun import api
from flowrun.errors import FlowrunError
from flowrun.report.model import Report
from flowrun.settings import Settings

PLANS = ("chain", "fan", "undo", "family")


def main() -> None:
    """Until it is told to end."""
    folder, pause = Path(sys.argv[1]), float(sys.argv[2])
    settings = Settings.load(os.environ, folder)
    for plan in itertools.cycle(PLANS):
        report = asyncio.run(_ended(folder / "specs" / f"{plan}.yaml", settings, pause))
        print(report.run_id, report.status, flush=True)


async def _ended(file: Path, settings: Settings, pause: float) -> Report:
    began: list[str] = []

    def follow(_: api.Change, report: Report) -> None:
        began[:] = [report.run_id]

    while True:
        try:
            if began:
                return await api.resume(began[0], settings, follow=follow)
            return await api.run(file, api.Inputs(), settings, follow=follow)
        except FlowrunError as error:
            print(f"{began[0] if began else file.name}: {type(error).__name__}: {error.message}", file=sys.stderr)
        finally:
            await asyncio.sleep(pause)


if __name__ == "__main__":
    main()
