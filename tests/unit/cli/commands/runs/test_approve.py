"""`flowrun runs approve`: what it asks for, what it leaves in the journal, what it says."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest

from flowrun.cli.commands.runs import approve
from flowrun.cli.main import main
from flowrun.core.events import AttemptFinished, RunStarted
from flowrun.core.status import Succeeded
from flowrun.journal.sqlite import SqliteJournal
from tests.golden.reports.examples import ASKING, asked

RUN = "20260921-101320-kb"
INPUTS = {"Amount": {"type": "number", "description": "In euros"}}


@pytest.fixture
def asking(state: Path) -> Iterator[SqliteJournal]:
    """A run that asks, and whose process is gone. `sign_off` is late; `regions[EU]` is not."""
    with closing(SqliteJournal(state)) as journal:
        first, *rest = ASKING
        assert isinstance(first, RunStarted)
        journal.create(first)
        with journal.own(RUN, "a test") as ownership:
            journal.append(ownership, rest, 1)
        yield journal


@pytest.mark.parametrize("words", [["regions[EU]"], [RUN, "regions[EU]"], ["-o", "text", "regions", "--leg", "EU"]])
def test_it_leaves_an_answer_for_whoever_goes_on_with_the_run(
    asking: SqliteJournal, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", "approve", *words, "--by", "anna", "--comment", "fine"]) == 0
    said = capsys.readouterr().err
    assert f"regions[EU] of {RUN} is approved, by anna" in said
    assert f"the answer is kept: flowrun runs resume {RUN}" in said
    (event,) = [request.event for request in asking.requests(RUN)]
    assert isinstance(event, AttemptFinished)
    assert isinstance(event.outcome, Succeeded)
    assert (event.outcome.outputs["by"], event.outcome.outputs["comment"]) == ("anna", "fine")


@pytest.mark.usefixtures("asking")
def test_the_answer_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "approve", "regions[EU]", "-o", "json", "--by", "anna"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["run_id"], data["name"], data["decision"], data["taken"]) == (RUN, "regions[EU]", "approved", False)
    assert data["instructions"] == "OK for EU?"


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 3, "Missing argument"),
        (["a", "b", "c"], 3, "one too many: 'c'"),
        (["regions"], 3, "add --leg with one of EU"),
        (["sign_off"], 3, "its time was over at 2026-09-22T14:13:21Z"),
        (["pay"], 3, "pay is a job step, and asks nobody"),
        (["again"], 3, "again has not been reached yet"),
        (["regions[US]"], 7, "approved by bob"),
        (["", "regions[EU]"], 3, "the id of the run is empty"),
    ],
)
def test_what_cannot_be_answered_is_said(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", "approve", *words]) == code
    assert said in capsys.readouterr().err


@pytest.fixture
def wanting(state: Path) -> Iterator[SqliteJournal]:
    """A run that asks for an amount."""
    with closing(SqliteJournal(state)) as journal:
        first, begun, *_ = ASKING
        assert isinstance(first, RunStarted)
        journal.create(first)
        scheduled, started, progressed = asked("sign_off", 0, 1.0, "Pay?\nSoon?")
        started.handle["inputs"] = INPUTS  # type: ignore[union-attr]
        with journal.own(RUN, "a test") as ownership:
            journal.append(ownership, [begun, scheduled, started, progressed], 1)
        yield journal


def test_missing_inputs_come_with_what_is_asked(wanting: SqliteJournal, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "approve", "sign_off"]) == 3
    said = capsys.readouterr().err
    assert "sign_off asks:\n  Pay?\n  Soon?\n" in said
    assert "FR222 inputs.Amount: the input `Amount` is missing (number: In euros)" in said
    assert wanting.requests(RUN) == []


def test_a_terminal_is_asked_until_it_fits(
    wanting: SqliteJournal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["much", "12.5"])
    monkeypatch.setattr(approve, "is_terminal", lambda _: True)
    monkeypatch.setattr(click, "prompt", lambda text, **_: print(text) or next(typed))
    assert main(["runs", "approve", "sign_off"]) == 0
    seen = capsys.readouterr()
    assert seen.out.count("Amount (In euros, number)") == 2
    assert "not of type number" in seen.err
    (event,) = [request.event for request in wanting.requests(RUN)]
    assert isinstance(event, AttemptFinished)
    assert isinstance(event.outcome, Succeeded)
    assert event.outcome.outputs["Amount"] == 12.5


def test_nobody_is_asked_where_input_does_not_come_from_a_terminal(
    wanting: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("12.5\n"))
    assert main(["runs", "approve", "sign_off"]) == 3
    assert wanting.requests(RUN) == []
