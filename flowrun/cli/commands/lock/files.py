"""`flowrun lock FILE…`: add what workflows start, and drop what they start no more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.lock.told import of_locked
from flowrun.cli.console import Console
from flowrun.cli.options import answering, choosing, configured

if TYPE_CHECKING:
    from flowrun.settings import Choice, Settings


@click.command("files", short_help="Add what workflows start, and drop what they start no more.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@answering("text", "json", "name")
@choosing
@configured(outside=True, later=True)
def files(console: Console, files: tuple[Path, ...], choice: Choice, settings: Settings) -> Answer:  # noqa: ARG001 - as all
    """Add what workflows start to `flowrun.lock`, and drop what they start no more; without a file, of all in it.

    What is in the lock already stays as it is, also where the tenant has another version by now: that is said, and
    `flowrun lock update` takes it.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    return of_locked(asyncio.run(api.lock(files, choice, settings)))
