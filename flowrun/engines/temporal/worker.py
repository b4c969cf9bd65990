"""The worker: serves the runs of one task queue, with the Orchestrator of its context."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from flowrun.engines.temporal.activities import Activities, Place
from flowrun.engines.temporal.arbiter import AdmissionWorkflow
from flowrun.engines.temporal.look import Looks
from flowrun.engines.temporal.workflow import WATCHES, RunWorkflow

STICKY = timedelta(seconds=2)
"""After which a workflow task that is offered to a lost worker is offered to all."""

WORKFLOWS = (RunWorkflow, AdmissionWorkflow)
"""All that a worker drives, and whose histories a later one must be able to do over."""

GRACE = timedelta(seconds=20)
"""For starts that are under way when a worker is told to end."""

_RUNS = 1000
_STARTS = 100
_WATCHES = 2000
_DEADLOCK_TIMEOUT, _DEADLOCK = "_deadlock_timeout_seconds", 30.0


@asynccontextmanager
async def working(client: Client, queue: str, place: Place, *, identity: str | None = None) -> AsyncIterator[Worker]:
    """Serve the queue and that of its watches until the context ends."""
    activities = Activities(client, place)
    starts = Worker(
        client,
        task_queue=queue,
        workflows=WORKFLOWS,
        activities=[*activities.starting(), *Looks(client).all()],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=_RUNS,
        max_concurrent_activities=_STARTS,
        sticky_queue_schedule_to_start_timeout=STICKY,
        graceful_shutdown_timeout=GRACE,
        identity=identity,
    )
    watches = Worker(
        client,
        task_queue=queue + WATCHES,
        activities=activities.watching(),
        max_concurrent_activities=_WATCHES,
        graceful_shutdown_timeout=GRACE,
        identity=identity,
    )
    _patient(starts)
    async with AsyncExitStack() as open_:
        open_.push_async_callback(activities.waits.aclose)
        await open_.enter_async_context(starts)
        await open_.enter_async_context(watches)
        yield starts


def _patient(worker: Worker) -> None:
    """A run of ten thousand steps takes longer than two seconds for its first task on a busy machine.

    The SDK takes that for a deadlock, and has no public way to say otherwise (temporalio 1.35).
    """
    workflows = getattr(worker, "_workflow_worker", None)
    if hasattr(workflows, _DEADLOCK_TIMEOUT):
        setattr(workflows, _DEADLOCK_TIMEOUT, _DEADLOCK)
