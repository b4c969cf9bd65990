"""A worker as a process: `python -m tests.benchmarks.serving ADDRESS QUEUE`. It says `ready`, and ends at SIGTERM.

What it starts is nothing but a time at which it has ended, so that any other worker can go on waiting for it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence

from temporalio.client import Client
from temporalio.converter import DataConverter

from flowrun.core.plan import Json, Step
from flowrun.core.status import Cancelled, Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.engines.temporal.activities import Place
from flowrun.engines.temporal.codec import Codec
from flowrun.engines.temporal.payloads import Payloads
from flowrun.engines.temporal.worker import working
from flowrun.steps.protocol import Attempt, Permission, Preflight, Progress, Started

CONVERTER = DataConverter(payload_converter_class=Payloads, payload_codec=Codec(()))
"""As flowrun connects, without a key."""


class Timed:
    """Implements StepKind: an attempt takes as many seconds as its arguments say."""

    name = "job"

    async def check(self, steps: Sequence[Step]) -> Preflight:
        del steps
        return Preflight()

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        if attempt.adopt_only or not may_start():
            return Cancelled()
        return Started({"until": time.time() + float(attempt.arguments.get("takes", 0))})

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        del attempt
        progress(Phase.RUNNING, "Running")
        await asyncio.sleep(max(0.0, handle["until"] - time.time()))
        return Succeeded({}, {"jobs": []})

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """It ends by itself."""


async def main(address: str, queue: str) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    client = await Client.connect(address, data_converter=CONVERTER, identity=str(os.getpid()))
    async with working(client, queue, Place({"job": Timed()}, None, 0.1), identity=str(os.getpid())):
        print("ready", flush=True)
        await told.wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
