"""`flowrun runs show`: what came of a run, or has come of it so far."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.options import RUN, answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Show a run: its steps, what failed, its outputs.")
@RUN
@answering("text", "json", "name")
@configured(outside=False)
def show(console: Console, run_id: str | None, settings: Settings) -> Answer:  # noqa: ARG001 - all are given one
    """Show a run: its steps, what failed and why, what may still run, its outputs."""
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    found = api.report(run_id, settings).seen(time.time())
    return Answer(data=json.loads(api.write(found, "json")), text=api.write(found, "text"), names=(found.run_id,))
