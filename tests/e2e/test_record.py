"""A run on the emulator becomes a test that passes on the core alone."""

from __future__ import annotations

import pytest

from tests.e2e.harness import Desk


@pytest.mark.parametrize(
    ("spec", "inputs"),
    [("02-diamond", {"day": "2026-10-29"}), ("03-retry-and-finally", {"busy_visits": 9})],
)
def test_what_a_real_run_did_is_done_again_without_a_job(desk: Desk, spec: str, inputs: dict[str, object]) -> None:
    desk.run(spec, **inputs)
    started = sum(desk.starts().values())
    recorded = desk.flowrun("test", "--record", "latest", "--to", "specs/recorded.test.yaml")
    assert recorded.code == 0, recorded.err
    again = desk.flowrun("test", "specs/recorded.test.yaml")
    assert again.code == 0, again.err
    assert "1 passed, 0 failed" in again.err
    assert sum(desk.starts().values()) == started
