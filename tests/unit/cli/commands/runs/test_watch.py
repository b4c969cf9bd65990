"""`flowrun runs watch`, on a real journal."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowrun import api
from flowrun.cli.main import main
from flowrun.journal.sqlite import SqliteJournal

pytestmark = pytest.mark.usefixtures("journal")


@pytest.mark.parametrize(("run", "code"), [("20260921-101320-k7", 0), ("20260921-101320-k8", 1)])
def test_a_run_that_ended_is_told_from_its_beginning(run: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "watch", run]) == code
    err = capsys.readouterr().err
    assert f"run started month_close, 6 steps, run {run}" in err
    assert "next: flowrun runs" in err.splitlines()[-1]


@pytest.fixture
def _driven(journal: Path) -> Iterator[None]:
    """The run that has not ended is this process's."""
    with closing(SqliteJournal(journal)) as records, records.own("20260921-101320-ka", "a test"):
        yield


def test_a_run_that_nobody_drives_is_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("flowrun.api.driven.ALONE", 0.0)
    assert main(["runs", "watch", "20260921-101320-ka"]) == 9
    err = capsys.readouterr().err
    assert "month_close was interrupted after" in err
    assert err.endswith("next: flowrun runs resume 20260921-101320-ka\n")


@pytest.mark.usefixtures("_driven")
def test_ctrl_c_ends_the_watching_and_not_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = api.watch

    async def watched(*given: Any, **more: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return await real(*given, **more)

    monkeypatch.setattr(api, "watch", watched, raising=False)
    assert main(["runs", "watch", "20260921-101320-ka"]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == "no longer watching; the run goes on"
