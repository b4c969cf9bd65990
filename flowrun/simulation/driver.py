"""Driver: one run, process after process, until one of them ends it or shows that flowrun is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from flowrun.core.events import RunFinished
from flowrun.core.protocol import Evaluator
from flowrun.engines.embedded.engine import EmbeddedEngine, Surroundings
from flowrun.errors import Conflict, EngineError, JournalError, NotSignedIn
from flowrun.simulation.case import Case, Vault
from flowrun.simulation.effects import Died, Effects, Life
from flowrun.simulation.outside import Outside
from flowrun.simulation.paper import Disk, Listening
from flowrun.simulation.process import Link, Witness
from flowrun.simulation.virtual import VirtualClock
from flowrun.steps.build import build_kinds
from flowrun.steps.policy import Policy

POLICY = Policy(sign_in_patience=600.0)
"""The numbers for a tenant in the cloud: those of a run for which nothing was configured."""

DOWN = (1.0, 20.0, 600.0, 7200.0)
"""Seconds for which nobody drives the run after its process died: a restart at once, or somebody who comes back."""

Outcome: TypeAlias = RunFinished | str | None
"""What a process comes to: the run's end, what is wrong in a sentence, or None: the run is to be resumed."""


@dataclass(slots=True)
class Scene:
    """Where processes live. `strike`: who wants to know what befell one."""

    case: Case
    disk: Disk
    world: Outside
    effects: Effects
    clock: VirtualClock
    evaluator: Evaluator
    dice: Random
    strike: Callable[[str, str], None]
    processes: int = 0

    def born(self, run_id: str) -> Life:
        """A new process, to drive this run."""
        self.processes += 1
        return Life(self.processes, run_id, self.effects)


class Driver:
    """Drives one run. `since`: since when the present process does, None while none does."""

    def __init__(self, scene: Scene, run_id: str) -> None:
        self.life: Life | None = None
        self.wrong: list[str] = []
        self._scene = scene
        self._run_id = run_id
        self._since = 0.0
        self._given_up = False
        self._former: dict[asyncio.Task[Outcome], Life] = {}

    @property
    def since(self) -> float | None:
        """Since when the present process drives the run, in seconds of the loop; None while none does."""
        life = self.life
        driven = life is not None and not life.dead and life.driver is not None and not life.driver.done()
        return self._since if driven else None

    async def drive(self) -> RunFinished | None:
        """To its end; None where it came to none."""
        scene = self._scene
        while not self._given_up:
            life = self.life = scene.born(self._run_id)
            process = asyncio.create_task(self._process(life))
            taking = asyncio.create_task(life.taken.wait())
            await asyncio.wait({process, taking}, return_when=asyncio.FIRST_COMPLETED)
            taking.cancel()
            if not process.done():
                self._former[process] = life
                continue
            outcome = process.result()
            if isinstance(outcome, RunFinished):
                return outcome
            if isinstance(outcome, str):
                self.wrong.append(outcome)
                return None
            if not self._given_up:
                await asyncio.sleep(scene.dice.choice(DOWN))
        return None

    def give_up(self) -> None:
        """Of this run nothing more is to be expected."""
        self._given_up = True
        if self.life is not None and self.life.driver is not None:
            self.life.driver.cancel()

    async def leave(self) -> None:
        """End those processes from which the run was taken, if they have not noticed."""
        for process, life in self._former.items():
            if not process.done():
                life.wakes_at = 0.0
                life.kill()
            if isinstance(outcome := await process, str):
                self.wrong.append(f"of a process that the run was taken from: {outcome}")

    async def _process(self, life: Life) -> Outcome:
        scene, paper = self._scene, self._scene.disk.paper(life)
        async with build_kinds(Link(scene.world, life), scene.clock, POLICY, Vault(scene.case)) as kinds:
            watched = {name: Witness(kind) for name, kind in kinds.items()}
            clock = Listening(scene.clock, paper, life)
            engine = EmbeddedEngine(
                Surroundings(paper, watched, scene.evaluator, clock, scene.dice.random, f"process {life.number}")
            )
            try:
                if not self.on_paper:
                    engine.create(scene.case.begun(self._run_id, scene.clock.now()))
            except Died:
                return None
            except JournalError as error:
                return self._refused(error)
            self._since = asyncio.get_running_loop().time()
            life.driver = asyncio.create_task(engine.drive(self._run_id))
            await asyncio.wait({life.driver})
            return self._outcome(life, life.driver)

    @property
    def on_paper(self) -> bool:
        """Whether the run has begun."""
        return any(row.run_id == self._run_id for row in self._scene.disk.runs())

    def _refused(self, error: JournalError) -> Outcome:
        """By the disk, as it was to be; else by mistake."""
        if "the disk" not in error.message:
            return f"the journal refused: {error.message}"
        self._scene.strike("disk", "the process ended with 10")
        return None

    def _outcome(self, life: Life, driver: asyncio.Task[RunFinished]) -> Outcome:  # noqa: PLR0911 - a table
        if driver.cancelled() or life.dead:
            if not driver.cancelled():
                driver.exception()
            return None if life.dead or self._given_up else "the engine was cancelled, and nobody did it"
        match driver.exception():
            case None:
                return driver.result()
            case Conflict() if life.taken.is_set():
                self._scene.strike("taken", "the process that was the owner ended with 7")
                return None
            case JournalError() as error if not isinstance(error, Conflict):
                return self._refused(error)
            case NotSignedIn():
                self._scene.strike("token", "the run was left, and is resumed by somebody who is signed in")
                return None
            case EngineError() as error:
                return f"the engine gave up: {error.message}"
            case error:
                return f"a bug: {type(error).__name__}: {error}"
