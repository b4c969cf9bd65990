"""`flowrun runs rerun`: all of it again, as new."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.runs.retry import telling, warning
from flowrun.cli.consent import LOCKED, YES, consent, locks
from flowrun.cli.console import Console
from flowrun.cli.drive import carried_out
from flowrun.cli.options import REPORT, RUN, SPEC, answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Do all of it again, as a new run with the same inputs.")
@RUN
@SPEC
@REPORT
@YES
@LOCKED
@answering("text", "json", "jsonl", "name")
@configured(outside=True, later=True)
def rerun(
    console: Console,
    *,
    run_id: str | None,
    spec: str,
    reports: dict[str, Path],
    yes: bool,
    locked: bool | None,
    settings: Settings,
) -> Answer:
    """Do all of it again, as a new run with the same inputs.

    The workflow is that of the run, whatever has become of its file; `--spec current` takes the file as it is now.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    bound = api.bound_again(run_id, settings)
    consent(bound, yes=yes)
    told, lock = telling(console), api.Locking(locks(locked, bound), warning(console))
    return carried_out(
        console,
        lambda follow, hold: api.rerun(run_id, spec, settings, follow=follow, hold=hold, foreseen=told, lock=lock),
        reports,
        "nothing was started",
        settings,
    )
