"""Real signals, sent to this process, and what becomes of them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator

import pytest

from flowrun.cli.signals import Signals


class Engine:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def abort(self, level: str, by: str) -> None:
        self.asked.append((level, by))

    def detach(self) -> None:
        self.asked.append(("detach", ""))


async def after(signals: Signals, *numbers: signal.Signals, until: Callable[[], bool]) -> None:
    """Send these one by one, each once the one before it was handled, and wait until something holds."""
    task = asyncio.current_task()
    assert task is not None
    with signals.guarding(task):
        for number in numbers:
            os.kill(os.getpid(), number)
            await asyncio.sleep(0.01)
        async with asyncio.timeout(60):
            while not until():  # noqa: ASYNC110 - what is waited for is another object's list
                await asyncio.sleep(0.01)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def signals(said: list[str], engine: Engine) -> Signals:
    signals = Signals(said.append, grace=0.05)
    signals.hold(engine)
    return signals


async def test_ctrl_c_stops_then_kills_then_leaves(signals: Signals, engine: Engine, said: list[str]) -> None:
    await after(signals, *[signal.SIGINT] * 3, until=lambda: len(engine.asked) == 3)
    assert engine.asked == [("stop", "SIGINT"), ("kill", "SIGINT"), ("detach", "")]
    assert "Ctrl-C again kills" in said[0]
    assert "Ctrl-C again leaves" in said[1]
    assert signals.detached


async def test_sigterm_stops_and_kills_by_itself(signals: Signals, engine: Engine) -> None:
    await after(signals, signal.SIGTERM, until=lambda: len(engine.asked) == 2)
    assert engine.asked == [("stop", "SIGTERM"), ("kill", "SIGTERM")]
    assert not signals.detached


async def test_sigterm_twice_kills_at_once(said: list[str], engine: Engine) -> None:
    signals = Signals(said.append, grace=60)
    signals.hold(engine)
    await after(signals, signal.SIGTERM, signal.SIGTERM, until=lambda: len(engine.asked) == 2)
    assert engine.asked == [("stop", "SIGTERM"), ("kill", "SIGTERM")]


async def test_sigterm_after_ctrl_c_kills_at_once(signals: Signals, engine: Engine) -> None:
    await after(signals, signal.SIGINT, signal.SIGTERM, until=lambda: len(engine.asked) == 2)
    assert engine.asked == [("stop", "SIGINT"), ("kill", "SIGTERM")]


async def test_ctrl_c_after_sigterm_kills_at_once(said: list[str], engine: Engine) -> None:
    signals = Signals(said.append, grace=60)
    signals.hold(engine)
    await after(signals, signal.SIGTERM, signal.SIGINT, until=lambda: len(engine.asked) == 2)
    assert engine.asked == [("stop", "SIGTERM"), ("kill", "SIGINT")]


@pytest.fixture
def _not_under_nohup() -> Iterator[None]:
    """Whoever started the tests may have had SIGHUP ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("_not_under_nohup")
async def test_a_closed_terminal_leaves_the_jobs_alone(signals: Signals, engine: Engine) -> None:
    await after(signals, signal.SIGHUP, until=lambda: bool(engine.asked))
    assert engine.asked == [("detach", "")]
    assert signals.detached


@pytest.mark.parametrize("given_back", [False, True])
async def test_without_a_run_in_hand_the_task_is_cancelled(
    said: list[str], engine: Engine, *, given_back: bool
) -> None:
    signals = Signals(said.append)
    if given_back:
        signals.hold(engine)
        signals.hold(None)

    async def prepare() -> None:
        task = asyncio.current_task()
        assert task is not None
        with signals.guarding(task):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(5)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(prepare())
    assert signals.first == "SIGINT"
    assert not said
    assert not engine.asked


async def test_leaving_does_not_depend_on_the_engine(
    signals: Signals, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    monkeypatch.setattr("flowrun.cli.signals._PATIENCE", 0.02)

    async def stuck() -> None:
        await after(signals, *[signal.SIGINT] * 3, until=lambda: False)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(stuck())
    assert engine.asked[-1] == ("detach", "")


async def test_afterwards_the_handlers_are_those_of_python(signals: Signals, engine: Engine) -> None:
    await after(signals, signal.SIGINT, until=lambda: bool(engine.asked))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


async def test_nohup_keeps_its_meaning(signals: Signals, engine: Engine) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        await after(signals, signal.SIGHUP, signal.SIGINT, until=lambda: bool(engine.asked))
    finally:
        signal.signal(signal.SIGHUP, before)
    assert engine.asked == [("stop", "SIGINT")]
