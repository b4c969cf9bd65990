"""Warm processes: each is forked from one that has flowrun loaded, runs one command of it, and may die on the way.

What a cold start takes would be most of the time of a thousand commands. All that makes a process one of its own is
its own here: pid, session, streams, environment, folder, and how it ends.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_LOADED = (
    "anyio._backends._asyncio",
    "certifi",
    "flowrun.api.driven",
    "flowrun.api.pictures",
    "flowrun.api.reviewed",
    "flowrun.cli.commands.apply",
    "flowrun.cli.commands.plan",
    "flowrun.cli.commands.run",
    "flowrun.cli.commands.runs.resume",
    "flowrun.cli.commands.worker",
    "flowrun.cli.drive",
    "flowrun.cli.failure",
    "flowrun.cli.main",
    "flowrun.emulator.daemon",
    "flowrun.emulator.server",
    "flowrun.engines.embedded.engine",
    "flowrun.engines.temporal.connect",
    "flowrun.engines.temporal.worker",
    "flowrun.journal.sqlite",
    "flowrun.orchestrator.client",
    "flowrun.planner.graph",
    "flowrun.report.formats",
    "flowrun.settings",
    "flowrun.spec.loader",
    "flowrun.steps.build",
    "flowrun.templating.language",
    "httpcore",
    "jinja2.sandbox",
    "odata_query.grammar",
    "tests.kills.boundaries",
    "tests.temporal.failpoints",
    "uvicorn",
)

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([*_LOADED])


@dataclass(frozen=True)
class Order:
    """A command of flowrun: where, with what around it, and what becomes of what it says.

    `before` is done in the process, before it runs the command. `program` is what reads the arguments otherwise.
    """

    arguments: tuple[str, ...]
    folder: Path
    out: Path
    err: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] | None = None
    program: Callable[[], None] | None = None


def begin(order: Order) -> ForkServerProcess:
    """Start it. Its `exitcode` is negative for a signal."""
    process = _CONTEXT.Process(target=_carry_out, args=(order,))
    process.start()
    return process


def _carry_out(order: Order) -> None:
    os.setsid()
    for stream, path in ((1, order.out), (2, order.err)):
        file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        os.dup2(file, stream)
        os.close(file)
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    sys.argv = ["flowrun", *order.arguments]
    if order.before is not None:
        order.before()
    from flowrun.cli.main import entry  # noqa: PLC0415 - as `python -m flowrun` does it

    (order.program or entry)()
