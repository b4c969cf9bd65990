from __future__ import annotations

import resource
import stat
from pathlib import Path

import pytest

from flowrun.emulator.ledger import Ledger, read


def test_records_are_numbered_and_there_at_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl", clock=lambda: 0.5)
    ledger.write("request", path="/ü")
    ledger.write("closed")
    first, second = read(ledger.path)
    assert first == {"seq": 1, "at": "1970-01-01T00:00:00.500000Z", "type": "request", "path": "/ü"}
    assert second["seq"] == 2
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600
    ledger.close()
    ledger.close()


def test_time_never_goes_back(tmp_path: Path) -> None:
    times = iter([5.0, 3.0, 6.0])
    ledger = Ledger(tmp_path / "ledger.jsonl", clock=lambda: next(times))
    for _ in range(3):
        ledger.write("x")
    ledger.close()
    again = Ledger(tmp_path / "ledger.jsonl", clock=lambda: 1.0)
    again.write("x")
    again.close()
    assert [record["at"][17:19] for record in read(ledger.path)] == ["05", "05", "06", "06"]


def test_a_cut_last_line_is_left_out_and_the_numbers_go_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.write("whole")
    ledger.close()
    with path.open("a") as file:
        file.write('{"seq":2,"at":"20')
    assert [record["type"] for record in read(path)] == ["whole"]
    again = Ledger(path)
    again.write("next")
    again.close()
    assert [(record["seq"], record["type"]) for record in read(path)] == [(1, "whole"), (2, "next")]


def test_a_text_that_is_not_unicode_does_not_stop_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.write("request", path="\udcff")
    ledger.close()
    assert next(read(ledger.path))["path"] == "\udcff"


def test_no_file_no_records(tmp_path: Path) -> None:
    assert list(read(tmp_path / "none")) == []


def test_what_a_full_disk_takes_half_of_is_taken_back(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.write("whole")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ledger.path.stat().st_size + 40, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            ledger.write("request", path="/" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    ledger.write("next")
    ledger.close()
    assert [(record["seq"], record["type"]) for record in read(ledger.path)] == [(1, "whole"), (2, "next")]
