"""Policy: every number that the protocols of this room turn on. Durations are seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """The defaults are for a tenant in the cloud.

    `quiescence` (Q) must be longer than a request can be late and a list can lag together; everything that is said
    about starting at most once holds within it. `lists_per_minute` is what this process allows itself of the 100
    list calls a minute that a tenant has for all its clients; None is no limit. `sign_in_patience` is how long
    credentials may be refused before NotSignedIn ends the engine; somebody who has others can resume the run.
    """

    quiescence: float = 90.0
    look_up_first: float = 1.0
    look_up_slowest: float = 10.0
    rounds: int = 3
    patience: float = 600.0
    sign_in_patience: float = math.inf
    retry_first: float = 1.0
    retry_slowest: float = 30.0
    concurrent_starts: int = 20

    fastest: float = 1.0
    slowest: float = 15.0
    slower: float = 1.5
    read_singly: int = 10
    concurrent_reads: int = 16
    lists_per_minute: int | None = 20
    outage_slowest: float = 60.0
    gone_after: float = 10.0
    gone_looks: int = 3

    stop_gather: float = 0.05

    @classmethod
    def local(cls) -> Policy:
        """For an Orchestrator on this machine: nothing is late there, and nobody else uses it."""
        return cls(
            quiescence=5.0,
            look_up_first=0.1,
            look_up_slowest=1.0,
            retry_first=0.1,
            retry_slowest=2.0,
            fastest=0.05,
            slowest=1.0,
            lists_per_minute=None,
            outage_slowest=5.0,
            gone_after=1.0,
            stop_gather=0.0,
        )
