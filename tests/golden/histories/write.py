"""Runs the stories against a real server, and keeps their histories: `python -m tests.golden.histories.write [NAME]`.

For new stories, and while what a run asks of Temporal changes before it was ever released. A history that a released
flowrun has written stays as it is.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.converter import DataConverter

from flowrun.engines.temporal.activities import Place
from flowrun.engines.temporal.codec import Codec
from flowrun.engines.temporal.payloads import Payloads
from flowrun.engines.temporal.worker import working
from tests.golden.histories.stories import STORIES, Story
from tests.simulation.outside import Outside
from tests.temporal.server import serving
from tests.temporal.told import Ground, histories

HERE = Path(__file__).parent
CONVERTER = DataConverter(payload_converter_class=Payloads, payload_codec=Codec(()))
"""That of a flowrun without a key."""


async def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        client = await Client.connect(server.address, data_converter=CONVERTER, identity="client")
        for name in names or STORIES:
            await write(client, name, STORIES[name])


async def write(client: Client, name: str, story: Story) -> None:
    """One file for each history of the run: `chain.1.json`, `chain.2.json`."""
    ground = Ground(client, queue="histories")
    place = Place({"job": ground.outsides}, None, 0.1)
    async with working(client, ground.queue, place, identity="worker"):
        handle = await ground.begin(story.plan, Outside(), story.limits, files=story.files)
        happening = asyncio.create_task(story.happens(ground, handle))
        await handle.result()
        await happening
        assert await _keep(name, handle) >= story.least, f"{name} stands in too few histories"
        for other, called in story.beside.items():
            workflow_id = called.format(id=handle.id, queue=ground.queue)
            await _keep(other, client.get_workflow_handle(workflow_id))


async def _keep(name: str, handle: WorkflowHandle[Any, Any]) -> int:
    """How many there were."""
    found = await histories(handle)
    for old in HERE.glob(f"{name}.*.json"):
        old.unlink()
    for number, events in enumerate(found, 1):
        (HERE / f"{name}.{number}.json").write_text(_text(WorkflowHistory(handle.id, events)), encoding="ascii")
    return len(found)


def _text(history: WorkflowHistory) -> str:
    """As Temporal's own tools have it, with a line for each event."""
    events = json.loads(history.to_json())["events"]
    lines = ",\n".join(json.dumps(event, separators=(",", ":")) for event in events)
    return f'{{"events":[\n{lines}\n]}}\n'


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
