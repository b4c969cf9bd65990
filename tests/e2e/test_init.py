"""A new project runs on this machine as it is, whatever its template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowrun.api.beginning import TEMPLATES, begin
from tests.e2e.harness import Desk, wait_until

OUTPUTS: dict[str, dict[str, Any]] = {
    "chain": {"booked": 2, "balance": 300.5},
    "fan-out": {"invoices": 6, "total": 610.5},
    "approval": {"paid": 2, "approved_by": "anna"},
    "nightly": {"postings": 12},
    "empty": {},
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_it_runs_on_this_machine(template: str, tmp_path: Path) -> None:
    begun = begin(tmp_path / "new", template, "none")
    desk = Desk(tmp_path, begun.folder / "specs")
    try:
        running = desk.start("run", str(desk.specs / Path(begun.workflow).name), "-o", "json")
        if template == "approval":
            wait_until(lambda: "sign_off asks" in running.said() or not running.alive(), "the question")
            assert desk.flowrun("runs", "approve", "sign_off", "--by", "anna").code == 0
        ended = running.ended()
        assert ended.code == 0, ended.err
        assert ended.data["outputs"] == OUTPUTS[template]
    finally:
        desk.close()
