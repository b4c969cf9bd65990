"""Fate: what becomes of an attempt, decided before it begins. A Script has one for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from flowrun.core.commands import StartStep
from flowrun.core.plan import Json
from flowrun.core.status import Outcome, Phase


@dataclass(frozen=True, slots=True)
class Spell:
    """A phase, and for how many seconds it lasts. `detail` is the kind's own word for it, such as a Job's State."""

    phase: Phase
    seconds: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an attempt. Times are seconds.

    `outcome`: what it comes to once its spells are over; None where it never ends by itself. `begins`: whether it ever
    runs outside; where it does not, the outcome is the answer to its start. `stops_after` and `killed_after`: how long
    after it was asked to end, or killed, it does; None where it does not listen. `stopped`: what it comes to then.
    `chance`, from 0 to 1: the dice for the jitter of a retry.
    """

    outcome: Outcome | None
    begins: bool = True
    begins_after: float = 0.0
    spells: tuple[Spell, ...] = ()
    handle: Json = ""
    stops_after: float | None = 0.0
    killed_after: float | None = 0.0
    stopped: Outcome | None = None
    chance: float = 1.0


class Script(Protocol):
    """What becomes of the attempts of a run."""

    def fate(self, start: StartStep, now: float) -> Fate:
        """That of the attempt that is about to start. Asked once for each."""
        ...
