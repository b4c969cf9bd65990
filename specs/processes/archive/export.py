"""Copy documents to an old system, in one piece. It does not listen when it is asked to stop: only Kill ends it."""

from __future__ import annotations

import signal
import time
from typing import Any

from processes.job import Arguments, run

SECONDS_PER_DOCUMENT = 0.1


def export(arguments: Arguments) -> dict[str, Any]:
    """Take in_Documents, how many there are; give Exported."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for _document in range(arguments["in_Documents"]):
        time.sleep(SECONDS_PER_DOCUMENT)  # noqa: TID251 - the document's own time
    return {"Exported": arguments["in_Documents"]}


if __name__ == "__main__":
    run(export)
