"""`flowrun graph`: the steps of a workflow and what needs what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.options import FILE, answering, in_environment

if TYPE_CHECKING:
    from flowrun import api


@click.command(short_help="Draw the steps of a workflow as text, Mermaid, DOT, SVG or JSON.")
@FILE
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(("text", "mermaid", "dot", "svg", "json")),
    default="text",
    show_default=True,
    help="The language of the picture.",
)
@click.option("--whole", is_flag=True, help="Draw each step on its own, however many there are.")
@answering("text", "json")
@in_environment
def graph(
    console: Console,  # noqa: ARG001 - all commands are given one
    *,
    file: Path,
    form: str,
    whole: bool,
    environment: api.Environment | None,
) -> Answer:
    """Draw the steps of a workflow as text, Mermaid, DOT, SVG or JSON.

    In SVG and Mermaid, steps that are alike become one where there are more than sixty.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no graph library

    picture = api.graph(file, form, environment, whole=whole)
    return Answer(data={"format": form, "picture": picture}, text=picture)
