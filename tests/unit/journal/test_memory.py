from __future__ import annotations

from flowrun.core.events import RunStarted
from flowrun.core.plan import Plan
from flowrun.journal.memory import MemoryJournal


def test_two_journals_share_nothing() -> None:
    one, two = MemoryJournal(), MemoryJournal()
    one.create(RunStarted(1.0, "r1", Plan("w", ())))
    assert [row.run_id for row in one.runs()] == ["r1"]
    assert two.runs() == []
