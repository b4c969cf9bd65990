"""`flowrun run`: plan, start, wait, and say what came of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.consent import LOCKED, YES, consent, locks
from flowrun.cli.console import Console
from flowrun.cli.drive import carried_out
from flowrun.cli.options import FILE, MAX_PARALLEL, REPORT, answering, configured, given

if TYPE_CHECKING:
    from flowrun import api
    from flowrun.settings import Settings


@click.command(short_help="Run a workflow and wait for its end.")
@FILE
@REPORT
@MAX_PARALLEL
@YES
@LOCKED
@answering("text", "json", "jsonl", "name")
@given
@configured(outside=True, later=True)
def run(  # noqa: PLR0913 - one keyword for each option
    console: Console,
    *,
    file: Path,
    inputs: api.Inputs,
    reports: dict[str, Path],
    max_parallel: int | None,
    yes: bool,
    locked: bool | None,
    settings: Settings,
) -> Answer:
    """Run a workflow and wait for its end.

    stdout gets the workflow's outputs; with `-o json` the whole report, with `-o jsonl` each change as it happens,
    with `-o name` the id of the run. Ctrl-C asks the running Jobs to stop; a second one kills them.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    bound = api.bound_for(settings, inputs.environment)
    consent(bound, yes=yes)

    def planned(made: api.Planned) -> None:
        """What an environment says and does not hold, and what has moved, is said before anything starts."""
        if locks(locked, bound):
            api.held(made, settings)
        around = inputs.environment.file if inputs.environment else None
        lost = [one for one in made.problems if one.file == around or one.code in ("FR520", "FR521")]
        if lost:
            colored = console.colored(sys.stderr)
            text = api.render_problems(lost, made.source, str(file), color=colored, others=made.others)
            console.say(text.rstrip("\n"))

    return carried_out(
        console,
        lambda follow, hold: api.run(
            file, inputs, settings, follow=follow, hold=hold, max_parallel=max_parallel, planned=planned
        ),
        reports,
        "nothing was started",
        settings,
    )
