"""Counter: what clients have to do with an arbiter: to enter a group before a run begins, to ask who holds what."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from flowrun.admission.letters import Letter
from flowrun.core.events import RunStarted
from flowrun.core.plan import OnConflict
from flowrun.engines.temporal.claims import entry_of
from flowrun.engines.temporal.listing import RPC
from flowrun.engines.temporal.pollers import check_served
from flowrun.engines.temporal.post import ADMISSION, ENTER, SLOTS, TELL, Entering, Mail, arbiter_id, pack
from flowrun.errors import NoWorker, OtherWorker
from flowrun.journal import naming
from flowrun.journal.protocol import Slot

_SOON = timedelta(seconds=5)
"""For who only wants to show it."""


async def enter(client: Client, queue: str, started: RunStarted, workflow_id: str) -> bool:
    """Let a run that is not to begin beside others of its group enter it; whether it did. Raises Conflict.

    Any other enters when it is driven. So does this one where no worker is there to answer: it waits for its turn then.
    """
    entry = entry_of(started.plan.concurrency, ())
    if entry is None or entry.on_conflict is not OnConflict.REJECT or not await _served(client, queue):
        return False
    begin: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        ADMISSION,
        id=arbiter_id(queue),
        task_queue=queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    wanted = pack(Entering(started.run_id, workflow_id, entry))
    try:
        before: list[str] = await client.execute_update_with_start_workflow(
            ENTER, wanted, start_workflow_operation=begin, rpc_timeout=RPC
        )
    except WorkflowUpdateRPCTimeoutOrCancelledError as error:
        hint = "Nothing was started. Try again once its workers have less to do."
        raise NoWorker(
            f"no worker of the task queue {queue} said in time whether the run may begin", hint=hint
        ) from error
    if before:
        raise naming.refused_by_group(entry.group, before)
    return True


async def leave(client: Client, queue: str, run_id: str, workflow_id: str) -> None:
    """It has entered, and does not begin after all."""
    letter = pack(Mail(workflow_id, Letter(run_id, "", over=True)))
    await client.get_workflow_handle(arbiter_id(queue)).signal(TELL, letter, rpc_timeout=RPC)


async def slots(client: Client, queue: str) -> list[Slot]:
    """What the legs of all runs of the queue hold, as far as somebody is there who can say so."""
    arbiter = client.get_workflow_handle(arbiter_id(queue))
    try:
        described = await arbiter.describe(rpc_timeout=RPC)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return []
        raise
    if described.status is not WorkflowExecutionStatus.RUNNING or not await _served(client, queue):
        return []
    try:
        rows: list[tuple[str, str, int, str, int, str]] = await arbiter.query(SLOTS, rpc_timeout=_SOON)
    except WorkflowQueryFailedError:  # by a worker that cannot read its history
        return []
    except RPCError as error:
        if error.status == RPCStatusCode.DEADLINE_EXCEEDED:
            return []
        raise
    return [Slot(*row) for row in rows]


async def _served(client: Client, queue: str) -> bool:
    with suppress(NoWorker, OtherWorker):
        await check_served(client, queue)
        return True
    return False
