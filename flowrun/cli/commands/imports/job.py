"""`flowrun import job`: a workflow that starts what a Job was."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.imports.written import TO, written
from flowrun.cli.commands.jobs.options import placed
from flowrun.cli.console import Console
from flowrun.cli.options import answering

if TYPE_CHECKING:
    from flowrun.api import Place
    from flowrun.settings import Settings


@click.command(short_help="Make a workflow that starts what a Job was.")
@click.argument("job", metavar="JOB")
@TO
@answering("text", "json", "name")
@placed
def job(console: Console, *, job: str, to: Path | None, place: Place, settings: Settings) -> Answer:  # noqa: ARG001
    """Make a workflow of one step that starts what a Job, given by its id or its key, was.

    Release, folder, runtime type, priority, entry point and input arguments are taken over. Comments say what a Job
    does not tell: the strategy that started it, and what later steps want of its outputs.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    return written(asyncio.run(api.import_job(settings, place, job)), to)
