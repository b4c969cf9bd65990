"""What Ctrl-C, SIGTERM and a closed terminal do to the run that this process drives.

The handlers belong to the event loop, so that nothing is ever interrupted in the middle of a commit: Python's own
KeyboardInterrupt does not happen while they are in place.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrun.api import Control

GRACE = 5.0
"""Seconds from SIGTERM to force: continuous integration servers kill soon after."""

_PATIENCE = 2.0
"""Seconds that leaving may take before it is done without the engine's help."""

Say = Callable[[str], None]


class Signals:
    """Turns the signals that arrive into the steps of an abort: stop, kill, leave.

    Before there is a run, a signal cancels `task`: nothing was started. `first` is the name of the signal that asked
    first; `detached` says that the run was left, or was to be left, with its Jobs.
    """

    def __init__(self, say: Say, *, grace: float = GRACE) -> None:
        self._say = say
        self._grace = grace
        self._control: Control | None = None
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._presses = 0
        self.first = ""
        self.detached = False

    def hold(self, control: Control | None) -> None:
        """Take the run in hand; None: it is in another process's hands after all."""
        self._control = control

    @contextmanager
    def guarding(self, task: asyncio.Task[object]) -> Iterator[None]:
        """Handle the signals of this process until the context ends."""
        loop = asyncio.get_running_loop()
        self._task = task
        handlers: dict[signal.Signals, Callable[[], None]] = {
            signal.SIGINT: self.interrupt,
            signal.SIGTERM: self.terminate,
            signal.SIGHUP: self.hang_up,
        }
        added = [number for number, handler in handlers.items() if _add(loop, number, handler)]
        try:
            yield
        finally:
            if self._timer:
                self._timer.cancel()
            for number in added:
                loop.remove_signal_handler(number)

    def interrupt(self) -> None:
        """Ctrl-C: ask what runs to stop; again: kill it; again: leave."""
        self._presses += 1
        if self._before_the_run("SIGINT"):
            return
        if self._presses == 1:
            self._abort("stop", "SIGINT")
            self._say("stopping: nothing new starts, running Jobs are asked to stop; Ctrl-C again kills them")
        elif self._presses == 2:  # noqa: PLR2004 - the second press
            self._abort("kill", "SIGINT")
            self._say("killing: running Jobs are killed, finally is left out; Ctrl-C again leaves at once")
        else:
            self._say("leaving at once; the Jobs listed below may still run")
            self._leave()

    def terminate(self) -> None:
        """SIGTERM: ask what runs to stop, and kill it five seconds later."""
        if self._before_the_run("SIGTERM"):
            return
        if self._timer is None and self._presses == 0:
            self._presses = 1
            self._abort("stop", "SIGTERM")
            self._say(f"SIGTERM: running Jobs are asked to stop, and killed in {self._grace:g} seconds")
            self._timer = asyncio.get_running_loop().call_later(self._grace, self._force)
        else:
            self._force()

    def hang_up(self) -> None:
        """The terminal was closed: leave, and let the Jobs go on."""
        if not self._before_the_run("SIGHUP"):
            self._say("the terminal was closed; the Jobs go on")
            self._leave()

    def _before_the_run(self, name: str) -> bool:
        self.first = self.first or name
        if self._control is None and self._task is not None:
            self._task.cancel()
        return self._control is None

    def _force(self) -> None:
        self._presses = max(self._presses, 2)
        self._abort("kill", "SIGTERM")

    def _abort(self, level: str, by: str) -> None:
        if self._control is not None:
            self._control.abort(level, by)

    def _leave(self) -> None:
        self.detached = True
        if self._control is not None:
            self._control.detach()
        if self._task is not None:
            asyncio.get_running_loop().call_later(_PATIENCE, self._task.cancel)


def _add(loop: asyncio.AbstractEventLoop, number: signal.Signals, handler: Callable[[], None]) -> bool:
    """Whether it could be added: only the main thread handles signals, and `nohup` wants SIGHUP ignored."""
    if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
        return False
    with suppress(NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(number, handler)
        return True
    return False
