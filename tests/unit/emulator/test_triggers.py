from __future__ import annotations

from pathlib import Path

from flowrun.emulator.entities import Folder, Job, Release
from flowrun.emulator.ledger import Ledger, read
from flowrun.emulator.triggers import Suspension, Triggers

FOLDER = Folder(1, "f", "Shared")
JOB = Job(7, "k", FOLDER, Release(1, "r", "R", "1", FOLDER, None), "b", 0.0, 0.0)


def test_triggers_are_known_again_from_the_ledger(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    triggers = Triggers(ledger)
    inbox = triggers.open(JOB, Suspension("approve?", None, {"step": 2}), 100.0)
    timer = triggers.open(JOB, Suspension(None, 5.0), 100.0)
    triggers.fire(inbox, {"payload": 1})
    ledger.close()
    again_ledger = Ledger(tmp_path / "ledger2")
    again = Triggers(again_ledger)
    again.restore(read(tmp_path / "ledger"))
    again_ledger.close()
    assert again.listed() == [inbox, timer]
    assert (again.of(JOB), again.find(inbox.inbox.upper())) == (timer, inbox)
    assert (inbox.type, inbox.delivered, timer.type, timer.timer) == ("Inbox", {"payload": 1}, "Timer", 105.0)
