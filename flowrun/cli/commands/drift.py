"""`flowrun drift`: which Releases have moved since they were locked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.lock.told import of_checked
from flowrun.cli.console import Console
from flowrun.cli.options import answering, choosing, configured

if TYPE_CHECKING:
    from flowrun.settings import Choice, Settings


@click.command(short_help="Say which Releases have moved since they were locked.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@answering("text", "json", "name", "markdown")
@choosing
@configured(outside=True, later=True)
def drift(console: Console, files: tuple[Path, ...], choice: Choice, settings: Settings) -> Answer:  # noqa: ARG001 - as all
    """Say which Releases have moved or are gone since they were locked: of these workflows, or of all in the lock.

    For a pipeline of the night: reads only, starts nothing, ends with 2 where something has moved. `-o markdown` is
    for a comment or an issue.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    return of_checked(asyncio.run(api.drift(files, choice, settings)))
