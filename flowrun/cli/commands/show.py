"""`flowrun show`: a saved plan, later and elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import answering


@click.command(short_help="Show a saved plan; needs nothing but the file.")
@click.argument("file", type=click.Path(path_type=Path), metavar="PLAN")
@click.option("--detailed-exitcode", is_flag=True, help="End with 2 where a step is new, changed or gone.")
@answering("text", "json", "name", "markdown")
def show(console: Console, file: Path, *, detailed_exitcode: bool) -> Answer:  # noqa: ARG001 - all commands are given one
    """Show a plan that `flowrun plan --out` has saved: offline, without the workflow, on any machine.

    `-o markdown` is a comment for a pull request, at most 65,536 characters, with a hidden mark by which a pipeline
    finds the one that it wrote before.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads none of it

    document = api.saved_plan(file)
    return Answer(
        data=document,
        text=api.shown_plan(document, "text"),
        markdown=api.shown_plan(document, "markdown"),
        names=tuple(row["id"] for row in document["steps"]),
        code=ExitCode.DIFFERENT if detailed_exitcode and document["differences"] else ExitCode.SUCCESS,
    )
