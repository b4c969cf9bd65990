"""`flowrun runs outputs`: what a run gave, with its types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console, dumps
from flowrun.cli.options import RUN, answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Print the outputs of a run.")
@RUN
@answering("text", "json", "name")
@configured(outside=False)
def outputs(console: Console, run_id: str | None, settings: Settings) -> Answer:  # noqa: ARG001 - all are given one
    """Print the outputs of a run and of its steps, as JSON. `-o name` prints the names of the run's outputs."""
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    found = api.outputs(run_id, settings)
    return Answer(data=found, text=dumps(found), names=tuple(found["outputs"]))
