"""`flowrun plan`: what a run would do."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.options import DIAGNOSTICS, FILE, MAX_PARALLEL, answering, configured, given
from flowrun.cli.reports import write_each
from flowrun.errors import SpecError

if TYPE_CHECKING:
    from flowrun import api
    from flowrun.settings import Settings


@click.command(short_help="Show what a run would do; ask Orchestrator, start nothing.")
@FILE
@MAX_PARALLEL
@DIAGNOSTICS
@answering("text", "json", "name")
@given
@configured(outside=True, later=True)
def plan(
    console: Console,
    *,
    file: Path,
    inputs: api.Inputs,
    max_parallel: int | None,
    reports: dict[str, Path],
    settings: Settings,
) -> Answer:
    """Show what a run would do; ask Orchestrator, start nothing.

    Releases, folders, robots and inputs are checked. `-o name` prints the ids of the steps in their order.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    try:
        made = asyncio.run(api.plan(file, inputs, settings, max_parallel=max_parallel))
    except SpecError as error:
        wrong = api.Page(error.file or str(file), error.text, error.problems, error.others)
        write_each(console, reports, lambda form: api.diagnostics(form, [wrong]))
        raise
    page = api.Page(str(file), made.source, made.problems, made.others)
    write_each(console, reports, lambda form: api.diagnostics(form, [page]))
    text = made.text
    if made.problems:
        colored = console.colored(sys.stderr)
        shown = api.render_problems(made.problems, made.source, str(file), color=colored, others=made.others)
        console.say(shown.rstrip("\n"))
    return Answer(data=made.data, text=text, names=tuple(step.id for step in made.plan.steps), problems=made.problems)
