"""An examination of Temporal, from the outside in. After what is ill over there, only our own side is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client

from flowrun.engines.temporal import attributes, pollers
from flowrun.engines.temporal.codec import key_id
from flowrun.engines.temporal.connect import reach
from flowrun.engines.temporal.faults import answering
from flowrun.engines.temporal.store import Files
from flowrun.engines.temporal.workflow import WATCHES
from flowrun.errors import FlowrunError
from flowrun.settings import Temporal


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked at, in words; `error` where it is not well."""

    name: str
    text: str = ""
    error: FlowrunError | None = None


async def examine(temporal: Temporal) -> list[Looked]:
    """Everything that a run needs of Temporal; nothing is begun or changed there. Never raises for what it finds."""
    found: list[Looked] = []
    try:
        client = await reach(temporal)
        found.append(Looked("Temporal", await _server(client, temporal)))
        found.append(Looked("search attributes", await _attributes(client)))
        for name, queue in (("task queue", temporal.task_queue), ("watch queue", temporal.task_queue + WATCHES)):
            found.append(await _queue(client, name, queue))
    except FlowrunError as error:
        found.append(Looked("search attributes" if found else "Temporal", error=error))
    return [*found, _store(temporal), Looked("codec key", _codec(temporal.codec_keys))]


async def _server(client: Client, temporal: Temporal) -> str:
    with answering(client):
        info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    safe = "with TLS" if temporal.tls else "without TLS"
    version = f", server {info.server_version}" if info.server_version else ""
    return f"{temporal.address}, {safe}{version}, namespace {temporal.namespace}"


async def _attributes(client: Client) -> str:
    lacking = await attributes.missing(client)
    if lacking is None:
        return "may not be looked at by us; one that is missing shows when a run is begun"
    if not lacking:
        return f"all {len(attributes.ATTRIBUTES)} are there"
    return f"{', '.join(lacking)} come with the first run or worker, or by {attributes.command(client, lacking)}"


async def _queue(client: Client, name: str, queue: str) -> Looked:
    try:
        found = await pollers.check_served(client, queue)
    except FlowrunError as error:
        return Looked(name, error=error)
    return Looked(name, f"{queue}, served by {', '.join(f'{pollers.words(one)}, {one.where}' for one in found)}")


def _store(temporal: Temporal) -> Looked:
    try:
        Files(temporal.store).check()
    except FlowrunError as error:
        return Looked("temporal store", error=error)
    return Looked("temporal store", f"{temporal.store} can be written and read")


def _codec(keys: Sequence[bytes]) -> str:
    if not keys:
        return "none: whoever may read Temporal's store can read inputs and outputs"
    ids = [key_id(key) for key in keys]
    more = f"; {', '.join(ids[1:])} can be read" if ids[1:] else ""
    return f"{ids[0]} encrypts{more}"
