"""`flowrun runs watch`: look on while another process drives a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.drive import Interrupted, answer_of, drive
from flowrun.cli.options import RUN, answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Follow a run until it ends.")
@RUN
@answering("text", "json", "jsonl", "name")
@configured(outside=False)
def watch(console: Console, run_id: str | None, settings: Settings) -> Answer:
    """Follow a run until it ends, whoever drives it. Ctrl-C ends the watching, never the run.

    Ends with 9 where no process drives the run any more.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    try:
        driven = drive(console, lambda follow, _: api.watch(run_id, settings, follow=follow), ours=False)
    except Interrupted:
        return Answer(message="no longer watching; the run goes on")
    return answer_of(driven, settings)
