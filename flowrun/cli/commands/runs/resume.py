"""`flowrun runs resume`: go on after a crash or a detach."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.drive import carried_out
from flowrun.cli.options import REPORT, RUN, answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Go on with a run whose process is gone.")
@RUN
@REPORT
@answering("text", "json", "jsonl", "name")
@configured(outside=True, later=True)
def resume(console: Console, run_id: str | None, reports: dict[str, Path], settings: Settings) -> Answer:
    """Go on with a run whose process is gone, from the last thing that its journal says.

    Jobs that run are found again, not started again. Ends with 7 where another process drives the run.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    return carried_out(
        console,
        lambda follow, hold: api.resume(run_id, settings, follow=follow, hold=hold),
        reports,
        "the run stands where it stood",
    )
