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
@click.option("--reveal", is_flag=True, help="Show what is sensitive, too.")
@answering("text", "json", "name")
@configured(outside=False)
def outputs(
    console: Console,  # noqa: ARG001 - all are given one
    *,
    run_id: str | None,
    reveal: bool,
    settings: Settings,
) -> Answer:
    """Print the outputs of a run and of its steps, as JSON. `-o name` prints the names of the run's outputs.

    Outputs that the workflow calls sensitive are `***`, unless `--reveal` is given.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    found = api.outputs(run_id, settings, reveal=reveal)
    return Answer(data=found, text=dumps(found), names=tuple(found["outputs"]))
