"""Faults: what may befall a run, family by family, and what of it befalls the run of one seed."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from flowrun.core.status import AbortLevel
from flowrun.orchestrator.wire import Tag
from flowrun.simulation.weather import LAG, Weather

FAULTS: Mapping[str, str] = {
    "lost": "the reply to a start is lost after its Jobs were made",
    "late": "a start is given up, and arrives up to a minute later, or never",
    "cut": "a reply is cut in the middle",
    "5xx": "a gateway answers 503, before or after the work was done",
    "unreachable": "nobody listens",
    "throttle": "429, with a Retry-After or without",
    "lag": "lists are some seconds behind",
    "tags": "the server keeps one of the two keys of a start alone, or neither, or cannot be asked by it",
    "token": "nobody is signed in for some minutes",
    "maintenance": "503 for all calls for a while, and running Jobs are asked to stop",
    "queue": "few robots, for which Jobs wait",
    "slow": "Jobs take up to twenty times as long",
    "faulted": "Jobs end Faulted",
    "hang": "Jobs never end by themselves",
    "stopped": "somebody stops Jobs in Orchestrator",
    "stuck": "Jobs do not hear SoftStop, some not even Kill",
    "retention": "the server forgets Jobs soon after their end",
    "crash": "the process dies between two effects, and is resumed later",
    "disk": "the disk is full, or fails and has perhaps written all the same, and the run is resumed later",
    "taken": "somebody takes the run over by force while its process is frozen, which then wakes up",
    "beside": "another run of the workflow goes at the same time, where they share a pool or a group",
    "abort": "somebody ends the run",
    "clock": "the clock of this machine is set",
    "unanswered": "nobody answers an approval",
}
"""Every family by its name on the command line."""

_TAGS: tuple[dict[str, Any], ...] = (
    {"keeps_reference": False},
    {"keeps_batch_key": False},
    {"keeps_batch_key": False, "keeps_reference": False},
    {"keeps_reference": False, "filters": frozenset(Tag)},
    {"keeps_batch_key": False, "filters": frozenset(Tag)},
    {"filters": frozenset({Tag.REFERENCE})},
    {"filters": frozenset({Tag.BATCH})},
)
_SOMEBODY = 0.4
"""The chance that somebody ends the run where that can be: what comes of such a run says little about the rest."""
_ON = 0.5
"""The chance of each family to be on in a seed, where all may be: rare faults are not drowned by common ones."""


@dataclass(frozen=True, slots=True)
class Deaths:
    """When a process dies: at effects with these numbers, counted over all processes of the run, or at these times."""

    effects: tuple[int, ...] = ()
    times: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which something is so: seconds of the loop."""

    begins: float
    ends: float

    def holds(self, now: float) -> bool:
        """Whether it is that time."""
        return self.begins <= now < self.ends


@dataclass(frozen=True, slots=True)
class Trouble:
    """What befalls the run of a seed. Chances are from 0 to 1, times are seconds of the loop.

    `families`: those that are on. `robots`: how many there are, None for enough. `full`: the numbers of the commits at
    which the disk is full, `torn`: at which it fails after it has written. `taken`: when the run is taken over, and for
    how long its owner is frozen. `beside`: when another run of the workflow begins. `calm_at`: from when on nothing
    new goes wrong.
    """

    families: tuple[str, ...] = ()
    weather: Weather = field(default_factory=Weather)
    calm_at: float = math.inf
    robots: int | None = None
    slow: float = 0.0
    faulted: float = 0.0
    hangs: float = 0.0
    stopped: float = 0.0
    stuck: float = 0.0
    retention: float = 0.0
    unsigned: tuple[Window, ...] = ()
    maintenance: tuple[Window, ...] = ()
    deaths: Deaths = Deaths()
    full: tuple[int, ...] = ()
    torn: tuple[int, ...] = ()
    taken: tuple[tuple[float, float], ...] = ()
    beside: float | None = None
    aborts: tuple[tuple[float, AbortLevel], ...] = ()
    clock: tuple[tuple[float, float], ...] = ()
    unanswered: float = 0.0


def draw(seed: int, families: Collection[str], span: float, *, swarm: bool) -> Trouble:
    """The trouble of a seed. `span`: how long a run takes in fair weather, in seconds.

    With `swarm` each family is on in half of the seeds; else all that are named are. What a family does follows from
    the seed and its own name, so that one can be left out and the others stay as they are.
    """
    fields: dict[str, Any] = {}
    weather: dict[str, Any] = {}
    on = []
    for name in FAULTS:
        dice = Random(f"{seed}:{name}")  # noqa: S311 - the same seed must tell the same story
        if name in families and (dice.random() < _ON or not swarm):
            on.append(name)
            weather.update(_weather(name, dice))
            fields.update(_fields(name, dice, max(span, 60.0)))
    dice = Random(f"{seed}:calm")  # noqa: S311 - as above
    calm_at = dice.uniform(30.0, 2.0 * span + 60.0) if dice.random() < _ON else math.inf
    return Trouble(tuple(on), Weather(**weather), calm_at if on else math.inf, **fields)


def _weather(name: str, dice: Random) -> dict[str, Any]:  # noqa: PLR0911 - a table
    """What a family makes of the weather."""
    rate, mild = dice.uniform(0.05, 0.4), dice.uniform(0.02, 0.2)
    match name:
        case "lost":
            return {"lost_reply": rate}
        case "late":
            return {"late_request": rate, "lost_request": mild}
        case "cut":
            return {"cut_reply": rate}
        case "5xx":
            return {"error_before": rate, "error_after": mild, "gateway": mild}
        case "unreachable":
            return {"unreachable": rate, "deafness": mild}
        case "throttle":
            return {"throttled": rate, "busy": mild}
        case "lag":
            return {"lag": dice.choice((2.0, LAG))}
        case "tags":
            return dice.choice(_TAGS)
        case _:
            return {}


def _fields(name: str, dice: Random, span: float) -> dict[str, Any]:  # noqa: PLR0911 - a table
    """What a family does besides."""
    match name:
        case "slow":
            return {"slow": dice.uniform(0.05, 0.5)}
        case "faulted" | "stopped" | "retention":
            return {name: dice.uniform(0.02, 0.25)}
        case "hang":
            return {"hangs": dice.uniform(0.02, 0.15)}
        case "stuck":
            return {"stuck": dice.uniform(0.1, 0.6)}
        case "queue":
            return {"robots": dice.choice((1, 1, 2, 3))}
        case "unanswered":
            return {"unanswered": dice.uniform(0.1, 0.6)}
        case "token":
            return {"unsigned": (_window(dice, span, (60.0, 900.0)),)}
        case "maintenance":
            return {"maintenance": (_window(dice, span, (60.0, 3600.0)),)}
        case _:
            return _to_the_process(name, dice, span)


def _to_the_process(name: str, dice: Random, span: float) -> dict[str, Any]:  # noqa: PLR0911 - a table
    """What befalls the process that drives the run, its disk, its clock and its people."""
    match name:
        case "crash":
            count = dice.choice((1, 1, 2, 3))
            effects = tuple(sorted(dice.randrange(1, 40) for _ in range(count)))
            times = (dice.uniform(0.0, span),) if dice.random() < _ON else ()
            return {"deaths": Deaths(effects, times)}
        case "disk":
            return {dice.choice(("full", "torn")): (dice.randrange(2, 25),)}
        case "taken":
            return {"taken": ((dice.uniform(0.0, span), dice.choice((0.0, 15.0, 300.0, 4000.0))),)}
        case "beside":
            return {"beside": dice.uniform(0.0, span / 2)}
        case "abort":
            first, level = dice.uniform(0.0, 1.2 * span), dice.choice(tuple(AbortLevel))
            harder = ((first + dice.uniform(0.5, 120.0), AbortLevel.KILL),) if dice.random() < _ON else ()
            return {"aborts": ((first, level), *harder)} if dice.random() < _SOMEBODY else {}
        case "clock":
            jump = dice.choice((-3600.0, -60.0, 60.0, 3600.0)) * dice.uniform(0.1, 1.0)
            return {"clock": ((dice.uniform(0.0, span), jump),)}
        case _:
            return {}


def _window(dice: Random, span: float, length: tuple[float, float]) -> Window:
    begins = dice.uniform(0.0, span)
    return Window(begins, begins + dice.uniform(*length))
