"""Writes the newest golden journal and the database of the present layout anew, from the examples.

`python -m tests.golden.journals.write`, where an event has a new field in a version that no release has written yet.
"""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from flowrun.core.commands import Wish
from flowrun.core.events import AbortRequested, RunStarted
from flowrun.core.status import AbortLevel
from flowrun.journal.codec import dump
from flowrun.journal.protocol import Record
from flowrun.journal.sqlite import SqliteJournal
from tests.golden.journals.examples import BY_VERSION, EXAMPLES
from tests.unit.journal.filling import STARTED, progressed

HERE = Path(__file__).parent


def write(folder: Path = HERE) -> None:
    """Both, into this folder."""
    newest = max(BY_VERSION, key=lambda name: int(name[1:]))
    rows = [json.dumps(dump(Record(seq, 1, event))) for seq, event in enumerate(EXAMPLES, 1)]
    (folder / f"{newest}.jsonl").write_text("".join(f"{row}\n" for row in rows), encoding="ascii")
    first, *rest = EXAMPLES
    assert isinstance(first, RunStarted)
    with TemporaryDirectory() as made, closing(SqliteJournal(Path(made))) as journal:
        journal.create(first)
        with journal.own(first.run_id, "me") as ownership:
            journal.append(ownership, rest, 1)
        journal.create(STARTED)
        journal.request("r1", AbortRequested(5.0, AbortLevel.STOP, "anna"))
        with journal.own("r1", "me") as ownership:
            journal.append(ownership, [progressed(0)], 1)
            wishes = [Wish("extract", at, key, {"sap": 2}) for at, key in enumerate(("EU", "US"))]
            assert journal.take(ownership, {"sap": 3}, wishes, 2) == tuple(wishes[:1])
            shutil.copy(Path(made) / "journal.db", folder / "layout-2" / "journal.db")  # while it holds and waits


if __name__ == "__main__":
    write()
