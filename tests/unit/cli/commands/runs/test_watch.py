"""`flowrun runs watch`, on a real journal."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from flowrun import api
from flowrun.cli.main import main

pytestmark = pytest.mark.usefixtures("journal")


@pytest.mark.parametrize(("run", "code"), [("20260921-101320-k7", 0), ("20260921-101320-k8", 1)])
def test_a_run_that_ended_is_told_from_its_beginning(run: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "watch", run]) == code
    err = capsys.readouterr().err
    assert f"run started month_close, 6 steps, run {run}" in err
    assert "next: flowrun runs" in err.splitlines()[-1]


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
