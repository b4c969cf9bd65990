"""`flowrun schema`: JSON Schemas, for editors and for readers of our JSON."""

from __future__ import annotations

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console, dumps
from flowrun.cli.options import answering


@click.command(short_help="Print a JSON Schema: workflow, test, environment, settings, event, report or plan.")
@click.argument(
    "what",
    type=click.Choice(("workflow", "test", "environment", "settings", "event", "report", "plan")),
    default="workflow",
)
@answering("text", "json")
def schema(console: Console, what: str) -> Answer:  # noqa: ARG001 - all commands are given one
    """Print a JSON Schema: of a workflow, its tests, an environment, flowrun.toml, an event, a report, a plan file."""
    from flowrun import api  # noqa: PLC0415 - `--help` loads no models

    found = api.schema(what)
    return Answer(data=found, text=dumps(found))
