"""Index documents one by one. Asked to stop, it finishes the document in hand and remembers where it was."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from types import FrameType
from typing import Any

from processes.job import Arguments, run

SECONDS_PER_DOCUMENT = 0.1


class Stop:
    """Whether somebody has asked this process to stop. A SoftStop arrives as SIGTERM."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


def reindex(arguments: Arguments) -> dict[str, Any]:
    """Take in_Documents, how many there are, and in_Bookmark, a file; give Indexed in all, and Complete."""
    stop = Stop()
    bookmark = Path(arguments["in_Bookmark"])
    indexed = int(bookmark.read_text(encoding="utf-8")) if bookmark.is_file() else 0
    while indexed < arguments["in_Documents"] and not stop.asked:
        time.sleep(SECONDS_PER_DOCUMENT)  # noqa: TID251 - the document's own time
        indexed += 1
    complete = indexed >= arguments["in_Documents"]
    bookmark.parent.mkdir(parents=True, exist_ok=True)
    bookmark.write_text("0" if complete else str(indexed), encoding="utf-8")
    return {"Indexed": indexed, "Complete": complete}


if __name__ == "__main__":
    run(reindex)
