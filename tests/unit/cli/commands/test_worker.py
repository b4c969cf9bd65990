"""What signals do to a worker."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from flowrun.cli.commands import worker
from flowrun.cli.console import Console


async def test_a_second_signal_leaves_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left = asyncio.Event()
    codes: list[int] = []

    def leave(code: int) -> None:
        codes.append(code)
        left.set()

    monkeypatch.setattr(os, "_exit", leave)
    over = asyncio.Event()
    worker._end_by_signals(Console(), over)
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        await over.wait()
        assert codes == []
        os.kill(os.getpid(), signal.SIGINT)
        await left.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)
    assert codes == [130]
    assert capsys.readouterr().err.splitlines()[1] == "SIGINT again: leaving at once"
