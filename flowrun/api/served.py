"""Serving: a process that carries out runs which others began, until it is told to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from flowrun import bootstrap

if TYPE_CHECKING:
    from flowrun.settings import Settings

__all__ = ["LOGGER", "Served", "replay_runs", "serve_worker"]

Served = bootstrap.Served

LOGGER = "temporalio"
"""Where a worker's library says what it meets. It goes on by itself after that."""


async def serve_worker(
    settings: Settings, ready: Callable[[Served], None], over: asyncio.Event, *, metrics: str | None = None
) -> None:
    """Serve the task queue of the context until `over`; what is under way then has a while to end.

    `ready` is told once, when the worker takes runs. `metrics`: host and port at which Prometheus finds them. Raises
    UsageError where no server of Temporal is configured, TemporalError, OrchestratorError, SpecError.
    """
    async with bootstrap.worker(settings, metrics) as served:
        ready(served)
        await over.wait()


async def replay_runs(settings: Settings) -> list[tuple[str, str]]:
    """The ids of the runs that are under way there, each with what would keep it from going on with this flowrun.

    The latter is empty where nothing would. Raises UsageError where no server of Temporal is configured, TemporalError.
    """
    return [(found.run_id, found.why) async for found in bootstrap.replay(settings)]
