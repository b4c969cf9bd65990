"""Weather: how bad the world is to those who call it. The chances are from 0 to 1, the times in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from flowrun.orchestrator.wire import Tag

DEADLINE = 30.0
"""Seconds after which a client gives a request up."""
LATEST = 30.0
"""Seconds by which a request that was given up may still arrive: gateways hold them back."""
LAG = 15.0
"""Seconds by which a list may be behind."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad it is: chances for each fault of a call, and the limits of what is late.

    The first nine are faults of starts, the next three of other calls, whatever their kind; `gateway`, `deafness` and
    `busy` are 503, nobody listening and 429 for other calls alone. `keeps_` and `filters` say what the server keeps of
    a start's two tags, and by which of them it can be asked.
    """

    lost_reply: float = 0.0
    cut_reply: float = 0.0
    lost_request: float = 0.0
    late_request: float = 0.0
    error_before: float = 0.0
    error_after: float = 0.0
    unreachable: float = 0.0
    throttled: float = 0.0
    refused: float = 0.0
    list_fails: float = 0.0
    read_fails: float = 0.0
    stop_fails: float = 0.0
    gateway: float = 0.0
    deafness: float = 0.0
    busy: float = 0.0
    lag: float = 0.0
    pending: float = 0.0
    running: float = 60.0
    ignores_soft_stop: float = 0.0
    refuses_mixed_stops: bool = False
    faulted: float = 0.0
    keeps_reference: bool = True
    keeps_batch_key: bool = True
    filters: frozenset[Tag] = frozenset(Tag)
    latest: float = LATEST

    @property
    def blind(self) -> bool:
        """Whether the server cannot be asked for a start by anything that it keeps of it."""
        kept = {Tag.REFERENCE: self.keeps_reference, Tag.BATCH: self.keeps_batch_key}
        return not any(kept[tag] for tag in self.filters)
