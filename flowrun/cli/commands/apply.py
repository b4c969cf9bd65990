"""`flowrun apply`: carry out a saved plan, if nothing has moved since."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowrun.cli.answer import Answer
from flowrun.cli.consent import LOCKED, locks
from flowrun.cli.console import Console
from flowrun.cli.drive import carried_out
from flowrun.cli.options import REPORT, answering, configured

if TYPE_CHECKING:
    from flowrun import api
    from flowrun.settings import Settings


def _context(options: Mapping[str, Any]) -> str | None:
    from flowrun import api  # noqa: PLC0415 - `--help` loads none of it

    return api.planned_context(api.saved_plan(options["file"]))


@click.command(short_help="Carry out a saved plan, if nothing has moved since.")
@click.argument("file", type=click.Path(path_type=Path), metavar="PLAN")
@REPORT
@LOCKED
@answering("text", "json", "jsonl", "name")
@configured(outside=True, later=True, recalled=_context)
def apply(console: Console, *, file: Path, reports: dict[str, Path], locked: bool | None, settings: Settings) -> Answer:
    """Carry out a plan that `flowrun plan --out` has saved, and wait for its end, as `flowrun run` does.

    The workflow is planned anew from the files of the project, and compared. Where files, inputs, lock, Orchestrator,
    Releases or arguments are not what was reviewed, nothing starts (code 7), and each thing that moved is said. It is
    the yes that a protected context wants.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    document = api.saved_plan(file)

    def planned(made: api.Planned) -> None:
        """A plan may have been reviewed with what moved since the lock; where that is to hold, nothing starts."""
        if locks(locked, settings.context):
            api.held(made, settings)

    return carried_out(
        console,
        lambda follow, hold: api.apply(document, settings, follow=follow, hold=hold, planned=planned),
        reports,
        "nothing was started",
        settings,
    )
