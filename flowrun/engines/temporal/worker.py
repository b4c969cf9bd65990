"""The worker: serves the runs of one task queue, with the Orchestrator of its context."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from flowrun.engines.temporal.activities import Activities, Place
from flowrun.engines.temporal.arbiter import AdmissionWorkflow
from flowrun.engines.temporal.faults import fallen
from flowrun.engines.temporal.lease import GRACE, fits
from flowrun.engines.temporal.look import Looks
from flowrun.engines.temporal.wire import Limits
from flowrun.engines.temporal.workflow import WATCHES, RunWorkflow
from flowrun.errors import UsageError
from flowrun.version import VERSION

STICKY = timedelta(seconds=2)
"""After which a workflow task that is offered to a lost worker is offered to all."""

WORKFLOWS = (RunWorkflow, AdmissionWorkflow)
"""All that a worker drives, and whose histories a later one must be able to do over."""

BUILD = f"flowrun {VERSION}"
"""What a worker says of its code. Left to itself the library reads all modules that are loaded, for a second of CPU."""

_RUNS = 1000
_STARTS = 100
_WATCHES = 2000
_DEADLOCK_TIMEOUT, _DEADLOCK = "_deadlock_timeout_seconds", 30.0


@asynccontextmanager
async def working(client: Client, queue: str, place: Place, *, identity: str | None = None) -> AsyncIterator[Worker]:
    """Serve the queue and that of its watches until the context ends.

    Raises UsageError where a request may take longer than the lease that it needs: this worker could start nothing.
    """
    lease = Limits().lease
    if not fits(lease, place.request):
        hint = "Set request_timeout (FLOWRUN_REQUEST_TIMEOUT) to 30 seconds or less."
        message = f"a request may take {place.request:g} seconds, and a start must be over within {lease:g}"
        raise UsageError(message, hint=hint)
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
        graceful_shutdown_timeout=timedelta(seconds=GRACE),
        build_id=BUILD,
        identity=identity,
    )
    watches = Worker(
        client,
        task_queue=queue + WATCHES,
        activities=activities.watching(),
        max_concurrent_activities=_WATCHES,
        graceful_shutdown_timeout=timedelta(seconds=GRACE),
        build_id=BUILD,
        identity=identity,
    )
    _patient(starts)
    async with AsyncExitStack() as open_:
        open_.push_async_callback(activities.waits.aclose)
        await open_.enter_async_context(_running(client, (starts, watches)))
        yield starts


@asynccontextmanager
async def _running(client: Client, workers: Sequence[Worker]) -> AsyncIterator[None]:
    """Run them until the context ends, and let them end together. One that fails ends it: TemporalError says why.

    The library's own contexts, one within the other, cancel each other's ends when both fail.
    """
    body = asyncio.current_task()
    assert body is not None  # noqa: S101 - this is a coroutine
    faults: list[BaseException] = []

    def ended(run: asyncio.Task[None]) -> None:
        error = None if run.cancelled() else run.exception()
        if error is not None:
            faults.append(error)
            if len(faults) == 1 and not leaving:
                body.cancel()

    leaving = False
    runs = [asyncio.create_task(one.run()) for one in workers]
    for run in runs:
        run.add_done_callback(ended)
    try:
        yield
    except asyncio.CancelledError:
        if faults and body.uncancel() == 0:
            raise fallen(faults[0], client) from faults[0]
        raise
    finally:
        leaving = True
        await asyncio.gather(*(one.shutdown() for one in workers))
        await asyncio.gather(*runs, return_exceptions=True)


def _patient(worker: Worker) -> None:
    """A run of ten thousand steps takes longer than two seconds for its first task on a busy machine.

    The SDK takes that for a deadlock, and has no public way to say otherwise (temporalio 1.35).
    """
    workflows = getattr(worker, "_workflow_worker", None)
    if hasattr(workflows, _DEADLOCK_TIMEOUT):
        setattr(workflows, _DEADLOCK_TIMEOUT, _DEADLOCK)
