"""`flowrun worker`: carries out runs that Temporal keeps, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import answering, configured
from flowrun.cli.said import Said
from flowrun.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun.api import Served
    from flowrun.settings import Settings

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command(short_help="Carry out runs that Temporal keeps.")
@click.option(
    "--metrics", metavar="HOST:PORT", help="Show metrics for Prometheus there, such as 127.0.0.1:9464; otherwise none."
)
@click.option(
    "--check", is_flag=True, help="Serve nothing: do over what is under way, and tell which runs could not go on here."
)
@answering("text", "json")
@configured(outside=True)
def worker(console: Console, settings: Settings, metrics: str | None, check: bool) -> Answer:  # noqa: FBT001 - click's
    """Carry out the runs of a context that Temporal keeps, with the Orchestrator of that context.

    As many as you like serve one task queue; when one is lost the others take over. Ctrl-C or SIGTERM ends it: it takes
    nothing new, and gives what it has begun some seconds to end. A second one ends it at once; nothing is lost either
    way. stdout gets the task queue, once it is served.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no client

    if check:
        return _checked(asyncio.run(api.replay_runs(settings)))
    heard = logging.getLogger(api.LOGGER)
    heard.addHandler(Said(console.say))
    heard.propagate = False

    async def serve() -> None:
        over = asyncio.Event()
        _end_by_signals(console, over)
        await api.serve_worker(settings, lambda served: _ready(console, served), over, metrics=metrics)

    asyncio.run(serve())
    return Answer(message="the worker has ended")


def _checked(runs: Sequence[tuple[str, str]]) -> Answer:
    stuck = [(run_id, why) for run_id, why in runs if why]
    rows = [{"run": run_id, "goes_on": not why, "why": why} for run_id, why in runs]
    message = f"{len(runs)} under way; all go on with flowrun {VERSION}"
    if stuck:
        message = (
            f"{len(runs)} under way; {len(stuck)} would stand still with flowrun {VERSION}: keep a worker that is older"
        )
    text = "\n".join(f"{run_id}: {why}" for run_id, why in stuck)
    return Answer(data=rows, text=text, code=ExitCode.DIFFERENT if stuck else ExitCode.SUCCESS, message=message)


def _ready(console: Console, served: Served) -> None:
    at = served.temporal
    where = f"{at.address}, namespace {at.namespace}"
    if console.form == "json":
        console.stream({"address": at.address, "namespace": at.namespace, "task_queue": at.task_queue})
    else:
        console.data(at.task_queue)
        sys.stdout.flush()
    console.say(
        f"flowrun {VERSION}, pid {os.getpid()}, serves the task queue {at.task_queue} of Temporal at {where}, "
        f"with {served.orchestrator}; Ctrl-C ends it"
    )


def _end_by_signals(console: Console, over: asyncio.Event) -> None:
    """The first ends it, the second at once: then another worker goes on with what it had."""
    loop = asyncio.get_running_loop()

    def heard(number: signal.Signals) -> None:
        if over.is_set():
            console.say(f"{number.name} again: leaving at once")
            os._exit(128 + number)
        console.say(f"{number.name}: taking nothing new; what is under way has some seconds to end")
        over.set()

    for number in _SIGNALS:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, heard, number)
