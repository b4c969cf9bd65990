"""`flowrun graph`: the steps of a workflow and what needs what."""

from __future__ import annotations

from pathlib import Path

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.options import FILE, answering


@click.command(short_help="Draw the steps of a workflow as text, Mermaid or DOT.")
@FILE
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(("text", "mermaid", "dot")),
    default="text",
    show_default=True,
    help="The language of the picture.",
)
@answering("text", "json")
def graph(console: Console, file: Path, form: str) -> Answer:  # noqa: ARG001 - all commands are given one
    """Draw the steps of a workflow as text, Mermaid or DOT."""
    from flowrun import api  # noqa: PLC0415 - `--help` loads no graph library

    picture = api.graph(file, form)
    return Answer(data={"format": form, "picture": picture}, text=picture)
