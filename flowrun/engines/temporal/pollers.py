"""Pollers: who serves a task queue now, and which flowrun that is."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from flowrun.engines.temporal import wire
from flowrun.engines.temporal.faults import answering
from flowrun.errors import NoWorker, OtherWorker
from flowrun.version import VERSION

_OURS = re.compile(r"flowrun (?P<version>\S+), wire (?P<wire>\d+), (?P<where>.+)")
_GONE = timedelta(seconds=90)
"""A worker asks again at least each minute. The server remembers for five who has asked."""


@dataclass(frozen=True, slots=True)
class Poller:
    """A worker: where it runs, when it last asked; of which flowrun it is, None for another program."""

    where: str
    seen: datetime
    version: str | None = None
    wire: int | None = None


async def pollers(client: Client, queue: str, *, now: datetime | None = None) -> tuple[Poller, ...]:
    """Those that have asked the queue for runs or for activities lately, each once. Raises TemporalError."""
    kinds = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
    asked = [
        DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind)
        for kind in kinds
    ]
    with answering(client):
        found = await asyncio.gather(*(client.workflow_service.describe_task_queue(one) for one in asked))
    now = now or datetime.now(UTC)  # noqa: TID251 - held against the server's clock, and what it says is minutes old
    by_identity: dict[str, Poller] = {}
    for info in (info for one in found for info in one.pollers):
        poller = _poller(info)
        known = by_identity.get(info.identity)
        if now - poller.seen < _GONE and (known is None or known.seen < poller.seen):
            by_identity[info.identity] = poller
    return tuple(sorted(by_identity.values(), key=lambda one: one.where))


async def check_served(client: Client, queue: str) -> tuple[Poller, ...]:
    """Who serves it.

    Raises NoWorker where nobody asks this queue; OtherWorker where none of those who do could drive a run of ours.
    """
    found = await pollers(client, queue)
    if not found:
        raise nobody(client, queue)
    if not any(able(one) for one in found):
        shown = ", ".join(sorted({words(one) for one in found}))
        raise OtherWorker(
            f"the task queue {queue} of Temporal is served by {shown}, which cannot drive a run of flowrun {VERSION}",
            hint="Start a worker of this version there, and end the others once their runs are over.",
        )
    return found


def nobody(client: Client, queue: str) -> NoWorker:
    """That nobody serves it."""
    where = f"{client.service_client.config.target_host}, namespace {client.namespace}"
    hint = "flowrun worker, with the same context, serves it; what waits there goes on by itself."
    return NoWorker(f"no worker serves the task queue {queue} of Temporal at {where}", hint=hint)


def able(poller: Poller) -> bool:
    """Whether it knows what we would tell a run at its beginning."""
    return poller.wire is not None and poller.wire >= wire.VERSION


def words(poller: Poller) -> str:
    """Which program it is."""
    return f"flowrun {poller.version}" if poller.version else f"another program ({poller.where})"


def _poller(info: PollerInfo) -> Poller:
    seen = info.last_access_time.ToDatetime(tzinfo=UTC)
    ours = _OURS.fullmatch(info.identity)
    if ours is None:
        return Poller(info.identity, seen)
    return Poller(ours["where"], seen, ours["version"], int(ours["wire"]))
