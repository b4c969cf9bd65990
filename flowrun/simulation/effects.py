"""Effects: what processes do to the disk and outside, one after the other. Between two of them anything may befall."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from flowrun.simulation.fates import Fate, Fates

NOTHING: Mapping[str, float] = MappingProxyType({})


class Died(Exception):
    """The process is gone: whoever hears this is a part of it that does not know yet."""


@dataclass(slots=True)
class Effects:
    """Counts the effects of all processes of a story. `deaths`: at which of them the one that has it dies.

    `befall` is told of each fault that strikes a process at a boundary; what it raises stops the effect.
    """

    fates: Fates
    deaths: Collection[int] = ()
    befall: Callable[[Life, str, Fate], None] = field(default=lambda *_: None)
    count: int = 0

    def boundary(self, life: Life, where: str, chances: Mapping[str, float]) -> None:
        """Before or after an effect. Raises Died, and JournalError where the disk is in trouble."""
        self.count += 1
        crash = {"crash": 1.0} if self.count in self.deaths else NOTHING
        for fate in self.fates.each(where, {**crash, **chances}).values():
            self.befall(life, where, fate)
        if life.dead:
            raise Died


@dataclass(slots=True, eq=False)
class Life:
    """One process, from its start to its end. `number` counts from 1, `run_id` is what it drives.

    `wakes_at`: it hears and does nothing before that time of the loop: it is frozen, as by SIGSTOP. `taken`: somebody
    has taken its run over.
    """

    number: int
    run_id: str
    effects: Effects
    dead: bool = False
    wakes_at: float = 0.0
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    driver: asyncio.Task[Any] | None = None

    def count(self, where: str, chances: Mapping[str, float] = NOTHING) -> None:
        """A boundary. Raises Died, JournalError."""
        if self.dead:
            raise Died
        self.effects.boundary(self, where, chances)

    def kill(self) -> None:
        """The process is gone."""
        self.dead = True
        if self.driver is not None:
            asyncio.get_running_loop().call_soon(self.driver.cancel)

    async def awake(self) -> None:
        """Return when it is not frozen."""
        wait = self.wakes_at - asyncio.get_running_loop().time()
        if wait > 0.0:
            await asyncio.sleep(wait)
