"""Runs that ask a person: answers from another process, and runs that are killed while they wait."""

from __future__ import annotations

import csv
import signal
from pathlib import Path

import pytest

from tests.e2e.harness import Desk, Running, wait_until

NOBODY = """flowrun: 1
name: nobody
steps:
  ask: {approval: {instructions: Pay it, timeout: 1s, on_timeout: ON_TIMEOUT}}
outputs: {by: "${{ steps.ask.outputs.by }}"}
"""


@pytest.fixture
def asking(desk: Desk) -> Running:
    """`06-approval.yaml`, up to the moment in which it waits."""
    running = desk.begin("06-approval")
    wait_until(lambda: "sign_off asks" in running.said() or not running.alive(), "the question")
    assert running.alive(), running.said()
    return running


def days(path: Path) -> set[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["Day"] for row in csv.DictReader(file, delimiter=";")}


def test_what_is_approved_in_another_terminal_is_booked(desk: Desk, asking: Running) -> None:
    assert "Book 9 differences at the rates of 2026-10-30?" in asking.said()
    wrong = desk.flowrun("runs", "approve", "sign_off", "--input", "Day=tomorrow")
    assert wrong.code == 3
    assert "a date such as 2026-10-31" in wrong.err

    said = desk.flowrun("runs", "approve", "sign_off", "-i", "Day=2026-11-02", "--by", "anna", "--comment", "checked")
    assert said.code == 0, said.err
    assert "is approved, by anna" in said.err
    assert "resume" not in said.err
    ended = asking.ended()
    assert ended.code == 0, ended.err
    assert "sign_off approved by anna: checked" in ended.err
    assert days(desk.out / "signed-2026-10.csv") == {"2026-11-02"}
    late = desk.flowrun("runs", "reject", "sign_off")
    assert late.code == 7
    assert "has been answered: approved by anna" in late.err
    assert desk.starts() == {"rates": 1, "revalue": 1, "voucher": 1}


def test_what_is_rejected_is_not_booked(desk: Desk, asking: Running) -> None:
    said = desk.flowrun("runs", "reject", "sign_off", "--by", "bob", "--comment", "GBP looks wrong")
    assert said.code == 0, said.err
    ended = asking.ended()
    assert ended.code == 1, ended.err
    assert "sign_off failed: rejected: rejected by bob: GBP looks wrong" in ended.err
    assert desk.starts() == {"rates": 1, "revalue": 1}


def test_a_run_that_is_killed_while_it_waits_goes_on_with_the_answer(desk: Desk, asking: Running) -> None:
    asking.send(signal.SIGKILL)
    assert asking.ended().code == -signal.SIGKILL
    shown = desk.flowrun("runs", "show")
    assert "sign_off waits for an answer: flowrun runs approve" in shown.out

    said = desk.flowrun("runs", "approve", "sign_off", "--input", "Day=2026-10-31", "--by", "anna")
    assert said.code == 0, said.err
    assert "the answer is kept: flowrun runs resume" in said.err
    second = desk.flowrun("runs", "reject", "sign_off", "--by", "bob")
    assert second.code == 7
    assert "approved by anna" in second.err

    resumed = desk.flowrun("runs", "resume")
    assert resumed.code == 0, resumed.err
    assert desk.starts() == {"rates": 1, "revalue": 1, "voucher": 1}
    assert days(desk.out / "signed-2026-10.csv") == {"2026-10-31"}


def test_an_interrupt_ends_the_wait(desk: Desk, asking: Running) -> None:
    asking.send(signal.SIGINT)
    ended = asking.ended()
    assert ended.code == 130, ended.err
    late = desk.flowrun("runs", "approve", "sign_off")
    assert late.code in (3, 7), late.err


@pytest.mark.parametrize(("on_timeout", "code"), [("reject", 1), ("approve", 0)])
def test_nobody_answers(desk: Desk, on_timeout: str, code: int) -> None:
    (desk.specs / "nobody.yaml").write_text(NOBODY.replace("ON_TIMEOUT", on_timeout), encoding="utf-8")
    ended = desk.run("nobody")
    assert ended.code == code, ended.err
    assert "nobody answered within 1s" in ended.err
    if code == 0:
        assert ended.data["outputs"] == {"by": "timeout"}


def test_a_question_within_a_file_is_shown_by_the_run_and_answered_through_it(desk: Desk) -> None:
    (desk.specs / "outer.yaml").write_text("flowrun: 1\nname: outer\nsteps: {part: {workflow: inner.yaml}}\n", "utf-8")
    inner = "flowrun: 1\nname: inner\nsteps: {sign: {approval: {instructions: Pay it}}}\n"
    (desk.specs / "inner.yaml").write_text(inner, encoding="utf-8")
    running = desk.begin("outer")
    wait_until(lambda: "sign asks: flowrun runs approve" in running.said() or not running.alive(), "the question")
    assert "sign asks: flowrun runs approve" in desk.flowrun("runs", "show").out
    unknown = desk.flowrun("runs", "approve", "signed")
    assert unknown.code == 3
    assert "has no step 'signed'" in unknown.err
    said = desk.flowrun("runs", "approve", "sign", "--by", "anna")
    assert said.code == 0, said.err
    assert running.ended().code == 0
