"""`flowrun jobs export`: Jobs as CSV, through Orchestrator's own export."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.jobs.options import TIMEOUT, filtered, placed
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import answering

if TYPE_CHECKING:
    from flowrun.api import JobQuery, Place
    from flowrun.settings import Settings


@click.command(short_help="Export Jobs as CSV, through Orchestrator's own export.")
@filtered
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="At most so many; otherwise all.")
@click.option("--to", "file", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The CSV file.")
@TIMEOUT
@answering("text", "json", "name")
@placed
def export(
    console: Console, *, query: JobQuery, file: Path, timeout: float | None, place: Place, settings: Settings
) -> Answer:
    """Have Orchestrator write Jobs as CSV, wait until it has, and put the file in its place, whole or not at all.

    A tenant may export 100 times a day, all its programs together (errorCode 4502). `flowrun jobs list -o csv` counts
    as no export, and has columns of its own.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    say = console.say if console.form != "json" else lambda _: None
    done = asyncio.run(api.export_jobs(settings, place, query, file, within=timeout, told=say))
    data = {"id": done.export.id, "status": done.export.status, "file": str(file), "size": done.size}
    if done.done:
        message = f"{file}: {done.size} bytes, from export {done.export.id}"
        return Answer(data=data, text=str(file), names=(str(file),), message=message)
    if done.late:
        message = f"the time is over; export {done.export.id} is {done.export.status}, and nothing was written"
        return Answer(data={**data, "file": None}, code=ExitCode.DEADLINE, message=message)
    message = (
        f"export {done.export.id} failed at Orchestrator, and nothing was written; it counts towards the day's 100"
    )
    return Answer(data={**data, "file": None}, code=ExitCode.FAILED, message=message)
