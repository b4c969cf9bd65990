"""`flowrun runs resume`: what it hands on, and what it answers."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from flowrun import api
from flowrun.cli.main import main
from flowrun.core.events import Event
from flowrun.core.replan import Revised
from flowrun.errors import Conflict
from flowrun.report.fold import fold
from tests.golden.reports.examples import FAILED, SUCCEEDED

pytestmark = pytest.mark.usefixtures("journal")


def answering(monkeypatch: pytest.MonkeyPatch, events: list[Event]) -> None:
    async def resumed(*_: Any, **__: Any) -> Any:
        return fold(events)

    monkeypatch.setattr(api, "resume", resumed, raising=False)


@pytest.mark.parametrize(("events", "code"), [(SUCCEEDED, 0), (FAILED, 1)])
def test_it_ends_as_the_run_does(
    events: list[Event], code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answering(monkeypatch, events)
    assert main(["runs", "resume", "--report", f"junit={tmp_path / 'out.xml'}"]) == code
    assert (tmp_path / "out.xml").exists()


def test_a_run_that_has_ended_is_only_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "resume", "20260921-101320-k8"]) == 1
    assert "post[US] failed" in capsys.readouterr().err


def test_a_run_that_somebody_drives_is_a_conflict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def resumed(*_: Any, **__: Any) -> Any:
        raise Conflict("pid 7 on host drives it")

    monkeypatch.setattr(api, "resume", resumed, raising=False)
    assert main(["runs", "resume"]) == 7
    assert "pid 7 on host" in capsys.readouterr().err


def test_a_signal_before_it_has_the_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def resumed(*_: Any, **__: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(5)

    monkeypatch.setattr(api, "resume", resumed, raising=False)
    assert main(["runs", "resume"]) == 130
    assert "the run stands where it stood" in capsys.readouterr().err


def test_a_dry_run_goes_with_the_current_file_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "resume", "--dry-run"]) == 3
    assert "--dry-run goes with --spec current" in capsys.readouterr().err


def test_what_the_rest_would_be_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = api.Replanned("r1", (Revised("post", "new"),), ("outputs",), "-old\n+new")
    monkeypatch.setattr(api, "foresee_rest", lambda *_: found, raising=False)
    assert main(["runs", "resume", "--spec", "current", "--dry-run"]) == 0
    assert capsys.readouterr().out == "-old\n+new\npost: new\nof the workflow itself are others: outputs\n"
    assert main(["runs", "resume", "--spec", "current", "--dry-run", "-o", "name"]) == 0
    assert capsys.readouterr().out == "post\n"
