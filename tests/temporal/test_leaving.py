"""A process that used Temporal's library ends as it should: with its own code, at once, whatever is still asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.temporal.server import Server

FORKED = """
import asyncio, os, sys
from pathlib import Path

from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import PollWorkflowTaskQueueRequest

from flowrun.cli import main as door
from flowrun.engines.temporal.connect import connect
from flowrun.settings import Settings


async def ask():
    client = await connect(Settings.load(os.environ, Path.cwd()).temporal)
    request = PollWorkflowTaskQueueRequest(namespace="default", task_queue=TaskQueue(name="nobody's"))
    return asyncio.create_task(client.workflow_service.poll_workflow_task_queue(request))


def main(arguments):
    asyncio.run(ask())
    print("said")
    return 7


door.main = main
codes = []
for _ in range(50):
    child = os.fork()
    if child == 0:
        door.entry()
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os.write(2, repr(codes).encode())
"""


def test_fifty_of_them(temporal: Server, tmp_path: Path) -> None:
    """Each with the library's threads from their start to their end; without care some die, and some never end."""
    environ = {**os.environ, "FLOWRUN_TEMPORAL": temporal.address, "FLOWRUN_STATE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", FORKED]
    ended = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert ended.stderr == repr([7] * 50)
    assert ended.stdout == "said\n" * 50
