"""`flowrun lock update`: take the versions that are there now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.lock.told import of_locked
from flowrun.cli.console import Console
from flowrun.cli.options import answering, choosing, configured

if TYPE_CHECKING:
    from flowrun.settings import Choice, Settings


@click.command(short_help="Take the versions that are there now.")
@click.argument("names", nargs=-1, metavar="[FILE|RELEASE]...")
@answering("text", "json", "name")
@choosing
@configured(outside=True, later=True)
def update(console: Console, names: tuple[str, ...], choice: Choice, settings: Settings) -> Answer:  # noqa: ARG001 - as all
    """Take into `flowrun.lock` the versions that are there now: of these workflows or Releases, or of all in it."""
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    return of_locked(asyncio.run(api.update_lock(names, choice, settings)))
