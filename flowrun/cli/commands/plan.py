"""`flowrun plan`: what a run would do."""

from __future__ import annotations

import asyncio
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
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
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan for `flowrun apply`.")
@click.option("--detailed-exitcode", is_flag=True, help="End with 2 where a step is new, changed or gone.")
@answering("text", "json", "name", "markdown", plans=True)
@given
@configured(outside=True, later=True)
def plan(  # noqa: PLR0913 - one keyword for each option
    console: Console,
    *,
    file: Path,
    inputs: api.Inputs,
    max_parallel: int | None,
    reports: dict[str, Path],
    out: Path | None,
    detailed_exitcode: bool,
    settings: Settings,
) -> Answer:
    """Show what a run would do; ask Orchestrator, start nothing.

    Releases, folders, robots and inputs are checked, and arguments held against the types that Releases publish. Each
    step is `+` new, `~` changed or `=` as in the last run; a Release that has moved since it was locked is a change.
    `-o name` prints the ids of the steps in their order, `-o markdown` a comment for a pull request.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    try:
        made = asyncio.run(api.review(file, inputs, settings, max_parallel=max_parallel))
    except SpecError as error:
        wrong = api.Page(error.file or str(file), error.text, error.problems, error.others)
        write_each(console, reports, lambda form: api.diagnostics(form, [wrong]))
        raise
    planned = made.planned
    page = api.Page(str(file), planned.source, planned.problems, planned.others)
    write_each(console, reports, lambda form: api.diagnostics(form, [page]))
    if planned.problems:
        colored = console.colored(sys.stderr)
        shown = api.render_problems(planned.problems, planned.source, str(file), color=colored, others=planned.others)
        console.say(shown.rstrip("\n"))
    if out is not None:
        api.save_plan(made, out, settings)
    return Answer(
        data=made.data,
        text=made.text,
        markdown=api.shown_plan(made.document, "markdown") if console.form == "markdown" else "",
        names=tuple(step.id for step in planned.plan.steps),
        code=ExitCode.DIFFERENT if detailed_exitcode and made.document["differences"] else ExitCode.SUCCESS,
        message="" if out is None else f"the plan is saved in {out}: flowrun apply {shlex.quote(str(out))}",
        problems=planned.problems,
    )
