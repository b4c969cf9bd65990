"""Runs that are done again: what succeeded is kept, and no Job of it is started a second time."""

from __future__ import annotations

import json

from tests.e2e.harness import Desk

FAN = """flowrun: 1
name: fan
steps:
  rates: {release: ReadRates, input_arguments: {in_File: data/rates/2026-10.csv}, outputs: {Day: {type: string}}}
  read:
    needs: rates
    fan_out: {matrix: {day: ['2026-10-29', '2026-10-30', '2026-10-31']}}
    release: ReadStatement
    input_arguments: {in_File: "data/bank/statement-${{ matrix.day }}.csv"}
    outputs: {HasForeign: {type: boolean}}
  last: {needs: read, release: ReadRates, input_arguments: {in_File: data/rates/2026-10.csv}}
outputs: {foreign: "${{ steps.read.outputs.HasForeign }}", day: "${{ steps.rates.outputs.Day }}"}
"""
"""There is no statement of the last of the three days."""


def began(desk: Desk) -> None:
    """A run in which one of three legs fails."""
    (desk.specs / "fan.yaml").write_text(FAN, encoding="utf-8")
    ended = desk.flowrun("run", "specs/fan.yaml", "-o", "json")
    assert ended.code == 1, ended.err
    assert desk.starts() == {"rates": 1, "read": 3}


def test_a_retry_does_the_leg_that_failed_and_what_stands_behind_it(desk: Desk) -> None:
    began(desk)
    foretold = desk.flowrun("runs", "retry", "--dry-run", "-o", "json")
    assert [(step["id"], step["why"]) for step in json.loads(foretold.out)["data"]["steps"]] == [
        ("rates", ""),
        ("read", "1 of 3 legs did not succeed"),
        ("last", "read is done again"),
    ]
    assert desk.starts() == {"rates": 1, "read": 3}
    statement = desk.specs / "data" / "bank" / "statement-2026-10-31.csv"
    statement.write_bytes((statement.parent / "statement-2026-10-29.csv").read_bytes())
    ended = desk.flowrun("runs", "retry", "-o", "json")
    assert ended.code == 0, ended.err
    assert desk.starts() == {"rates": 1, "read": 4, "last": 1}
    assert json.loads(ended.out)["data"]["outputs"] == {"foreign": [False, True, False], "day": "2026-10-30"}
    assert "a retry of" in ended.err


def test_a_step_alone_and_from_a_step_on(desk: Desk) -> None:
    assert desk.run("01-chain").code == 0
    nothing = desk.flowrun("runs", "retry")
    assert nothing.code == 3
    assert "there is nothing to do again" in nothing.err
    assert desk.flowrun("runs", "retry", "--only", "revalue").code == 0
    assert desk.starts() == {"rates": 1, "revalue": 2, "voucher": 1}
    assert desk.flowrun("runs", "outputs").code == 0
    listed = json.loads(desk.flowrun("runs", "list", "-o", "json").out)["data"]
    assert len(listed) == 2
    chosen = desk.flowrun("runs", "retry", listed[-1]["run_id"], "--from", "revalue")
    assert chosen.code == 0, chosen.err
    assert desk.starts() == {"rates": 1, "revalue": 3, "voucher": 2}


def test_a_rerun_does_everything_with_the_text_of_then_or_of_now(desk: Desk) -> None:
    assert desk.run("01-chain").code == 0
    file = desk.specs / "01-chain.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("id: voucher", "id: paper").replace("steps.voucher", "steps.paper"), encoding="utf-8")
    assert desk.flowrun("runs", "rerun").code == 0
    assert desk.starts() == {"rates": 2, "revalue": 2, "voucher": 2}
    current = desk.flowrun("runs", "rerun", "--spec", "current")
    assert current.code == 0, current.err
    assert "+  - id: paper" in current.err
    assert desk.starts() == {"rates": 3, "revalue": 3, "voucher": 2, "paper": 1}


def test_what_goes_wrong_is_said_and_starts_nothing(desk: Desk) -> None:
    assert desk.run("01-chain").code == 0
    for arguments, words in (
        (("--from", "vouchr"), "did you mean voucher?"),
        (("--from", "rates", "--only", "rates"), "one without the other"),
        (("nobody",), "there is no one run 'nobody'"),
    ):
        refused = desk.flowrun("runs", "retry", *arguments)
        assert refused.code == 3, refused.err
        assert words in refused.err
    assert desk.starts() == {"rates": 1, "revalue": 1, "voucher": 1}
