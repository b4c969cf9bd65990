"""A run is shown, ended by signals and answered for, with a use case made of plain values."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from flowrun.cli.console import Console
from flowrun.cli.drive import Driven, answer_of, carried_out, drive, row_of, write_reports
from flowrun.cli.exit import ExitCode
from flowrun.core.events import Event
from flowrun.errors import EngineError, Unreachable
from flowrun.report.fold import Fold, fold
from flowrun.report.model import Change, Report
from flowrun.settings import Settings
from tests.golden.reports.examples import DOUBT, FAILED, RUNNING, SUCCEEDED, T

Follow = Callable[[Change, Report], None]
UseCase = Callable[[Follow, Any], Awaitable[Report]]

SETTINGS = Settings(project=Path("nowhere"), state_dir=Path("nowhere"))
"""There is no journal: what is asked here has no runs for steps."""


def played(events: list[Event], follow: Follow) -> Report:
    total = Fold()
    for event in events:
        change = total.add(event)
        if change is not None:
            follow(change, total.report())
    return total.report()


class Engine:
    """Lets itself be left."""

    def __init__(self) -> None:
        self.left = asyncio.Event()

    def abort(self, level: str, by: str) -> None:
        pass

    def detach(self) -> None:
        self.left.set()


async def to_the_end(follow: Follow, _: object) -> Report:
    return played(SUCCEEDED, follow)


async def left_in_the_middle(follow: Follow, hold: Callable[[Engine], None]) -> Report:
    engine = Engine()
    hold(engine)
    played(RUNNING, follow)
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0)
    await engine.left.wait()
    raise EngineError("detached")


async def interrupted_early(_: Follow, __: object) -> Report:
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(5)
    raise AssertionError


async def refused(_: Follow, __: object) -> Report:
    raise Unreachable("nobody listens")


async def broken(_: Follow, hold: Callable[[Engine], None]) -> Report:
    hold(Engine())
    raise EngineError("the disk is gone")


def test_a_run_is_followed_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    driven = drive(Console(), to_the_end)
    assert driven == Driven(fold(SUCCEEDED), left=False)
    out, err = capsys.readouterr()
    assert out == ""
    assert "post[EU] succeeded in 38s" in err


def test_with_jsonl_each_change_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    drive(Console("jsonl"), to_the_end)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[2] == {"at": T + 1.5, "step": "list", "leg": None, "state": "started", "detail": "Job 101"}
    assert rows[-1]["state"] == "succeeded"


def test_the_third_ctrl_c_leaves_with_the_jobs_that_may_still_run(capsys: pytest.CaptureFixture[str]) -> None:
    driven = drive(Console(), left_in_the_middle)
    assert driven == Driven(fold(RUNNING), left=True)
    answer = answer_of(driven, SETTINGS)
    assert answer.code is ExitCode.IN_DOUBT
    talk = [line.text for line in answer.talk]
    assert "    post[EU]: Job 102 00000000-0000-0000-0000-000000000102" in talk
    assert talk[-1] == "next: flowrun runs resume 20260921-101320-ka"
    assert "leaving at once" in capsys.readouterr().err


def test_a_signal_before_there_is_a_run_ends_the_command() -> None:
    answer = carried_out(Console(), interrupted_early, {}, "nothing was started", SETTINGS)
    assert (answer.code, answer.message) == (ExitCode.TERMINATED, "SIGTERM: nothing was started")


@pytest.mark.parametrize(("use", "error"), [(refused, Unreachable), (broken, EngineError)])
def test_what_the_use_case_raises_goes_on(use: UseCase, error: type[Exception]) -> None:
    with pytest.raises(error):
        drive(Console(), use)


@pytest.mark.parametrize(("events", "code"), [(SUCCEEDED, 0), (FAILED, 1), (DOUBT, 9), (RUNNING, 9)])
def test_the_answer_has_the_code_of_the_run(events: list[Event], code: int) -> None:
    assert answer_of(Driven(fold(events), left=False), SETTINGS).code == code


def test_the_answer_of_a_run() -> None:
    answer = answer_of(Driven(fold(SUCCEEDED), left=False), SETTINGS)
    assert answer.text == 'documents = ["4711", "4712"]\npath = "c:\\\\close.xlsx"'
    assert answer.names == ("20260921-101320-k7",)
    assert answer.data["status"] == "succeeded"
    assert answer.message == "month_close succeeded in 5m53s: 5 of 6 steps succeeded, 1 skipped"
    assert list(answer.rows) == [answer.envelope()]


def test_reports_are_written_whole(tmp_path: Path) -> None:
    write_reports(Console(), fold(FAILED), {"junit": tmp_path / "out.xml", "md": tmp_path / "out.md"})
    assert (tmp_path / "out.xml").read_text().startswith("<?xml")
    assert (tmp_path / "out.md").read_text().startswith("## ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.md", "out.xml"]


def test_a_report_that_cannot_be_written_is_said_and_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_reports(Console(), fold(FAILED), {"md": tmp_path / "gone" / "out.md", "text": tmp_path / "out.txt"})
    assert "the md report could not be written" in capsys.readouterr().err
    assert (tmp_path / "out.txt").exists()


def test_a_change_of_the_run_has_no_step() -> None:
    assert row_of(Change(T, "", "", "started", "w"))["step"] is None
