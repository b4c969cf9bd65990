"""`flowrun import triggers`: a workflow of what the triggers of a folder start."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.imports.written import TO, written
from flowrun.cli.console import Console
from flowrun.cli.options import answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Make a workflow of what the triggers of a folder start.")
@TO
@answering("text", "json", "name")
@configured(outside=True)
def triggers(console: Console, *, to: Path | None, settings: Settings) -> Answer:  # noqa: ARG001 - all are given one
    """Make a workflow of what the time and queue triggers of a folder start, those of times first.

    Release, robots or the number of Jobs, runtime type, priority and input arguments are taken over. Which process
    fills which queue is known to no part of the API: no step needs another, and comments ask who fills each queue.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    folder = click.get_current_context().params.get("folder")
    return written(asyncio.run(api.import_triggers(settings, api.Place(folder))), to)
