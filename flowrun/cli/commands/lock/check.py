"""`flowrun lock check`: hold the lock against what is there."""

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


@click.command(short_help="Hold the lock against what is there; write nothing.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@answering("text", "json", "name", "markdown")
@choosing
@configured(outside=True, later=True)
def check(console: Console, files: tuple[Path, ...], choice: Choice, settings: Settings) -> Answer:  # noqa: ARG001 - as all
    """Hold `flowrun.lock` against what workflows start and what is there: of these, or of all in it. Write nothing.

    Ends with 2 where a Release has moved or is gone, where one is not in the lock, or is in it for nothing.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    return of_checked(asyncio.run(api.check_lock(files, choice, settings)))
