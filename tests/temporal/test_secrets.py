"""A secret is sent to Jobs that shout it back in every way they have; Temporal's store has it nowhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload

from flowrun.engines.temporal.connect import connect
from flowrun.settings import Temporal
from tests.e2e.harness import Desk, wait_until
from tests.e2e.test_secrets import CANARY, CATALOG, SHOUT, VARIABLE, WORKFLOW, found_in
from tests.temporal.server import serving


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    folder = made.specs / "shouting"
    folder.mkdir()
    for name, text in (("emulator.yaml", CATALOG), ("shout.py", SHOUT), ("w.yaml", WORKFLOW)):
        (folder / name).write_text(text, encoding="utf-8")
    yield made
    made.close()


@pytest.mark.timeout(180)
def test_it_is_in_no_payload_and_in_no_file(desk: Desk, tmp_path: Path) -> None:
    place, store = tmp_path / "server", tmp_path / "kept"
    with serving(place) as server:
        around = {"FLOWRUN_TEMPORAL": server.address, "FLOWRUN_TEMPORAL_STORE": str(store), **VARIABLE}
        worker = desk.start("worker", "--catalog", "specs/shouting/emulator.yaml", environment=around)
        wait_until(lambda: "flowrun-local" in worker.said(), "the worker")
        ended = desk.flowrun("run", "specs/shouting/w.yaml", "--input", f"filler={'x' * 12_000}", environment=around)
        assert ended.code == 1, ended.err
        kept = asyncio.run(payloads(Temporal(server.address, "default", "flowrun-local", store)))
        said = ended.out + ended.err + worker.said()
    files = [path for folder in (place, store) for path in folder.rglob("*") if path.is_file()]
    assert {str(path): found for path in files if (found := found_in(path.read_bytes()))} == {}
    assert found_in(kept.encode()) == set()
    assert found_in(said.encode()) == set()
    assert "Bearer ***." in kept, "the Jobs were given it, and said it, or this test would find nothing"
    assert sum(job.arguments.get("in_Token") == CANARY for job in desk.jobs() if job.arguments) >= 4


async def payloads(temporal: Temporal) -> str:
    """All that Temporal has of all runs, decoded, as one text."""
    client = await connect(temporal)
    found: list[Payload] = []
    async for execution in client.list_workflows():
        history = await client.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()
        found += [payload for event in history.events for payload in _within(event)]
    assert found
    values = [(await client.data_converter.decode([one]))[0] for one in found if "encoding" in one.metadata]
    return json.dumps(values, ensure_ascii=False, default=str)


def _within(message: Any) -> Iterator[Payload]:
    """The payloads of a message, however deep."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            items = [one for one in value.values() if hasattr(one, "ListFields")]
        else:
            items = list(value) if hasattr(value, "__len__") and not hasattr(value, "ListFields") else [value]
        for item in items:
            yield from _within(item)
