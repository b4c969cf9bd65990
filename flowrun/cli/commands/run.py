"""`flowrun run`: plan, start, wait, and say what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.drive import carried_out
from flowrun.cli.options import FILE, INPUT, INPUTS_FILE, MAX_PARALLEL, REPORT, answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Run a workflow and wait for its end.")
@FILE
@INPUT
@INPUTS_FILE
@REPORT
@MAX_PARALLEL
@answering("text", "json", "jsonl", "name")
@configured(outside=True)
def run(
    console: Console,
    *,
    file: Path,
    texts: dict[str, str],
    inputs_file: Path | None,
    reports: dict[str, Path],
    max_parallel: int | None,
    settings: Settings,
) -> Answer:
    """Run a workflow and wait for its end.

    stdout gets the workflow's outputs; with `-o json` the whole report, with `-o jsonl` each change as it happens,
    with `-o name` the id of the run. Ctrl-C asks the running Jobs to stop; a second one kills them.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    values = api.read_inputs(inputs_file) if inputs_file else {}
    inputs = api.Inputs(texts, values)
    return carried_out(
        console,
        lambda follow, hold: api.run(file, inputs, settings, follow=follow, hold=hold, max_parallel=max_parallel),
        reports,
        "nothing was started",
    )
