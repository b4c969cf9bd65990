"""`flowrun runs why`: the recorded chain of causes behind a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.options import answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Say why a step ran, failed, was skipped, or waits.")
@click.argument("words", nargs=-1, required=True, metavar="[RUN] STEP")
@answering("text", "json", "name")
@configured(outside=False)
def why(console: Console, words: tuple[str, ...], settings: Settings) -> Answer:  # noqa: ARG001 - all are given one
    """Say why a step ran, failed, was skipped or cancelled, or for what it waits.

    What decided about it and by which rule, its attempts, its `if` with what that referred to at the time, and then
    the same of the step that made it so, up to the root. `-o name` prints the ids of that chain.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    if len(words) > 2:  # noqa: PLR2004 - a run and a step
        raise click.UsageError("give a step, or a run and a step", click.get_current_context())
    run_id, step_id = (None, words[0]) if len(words) == 1 else words
    told = api.why(run_id, step_id, settings)
    return Answer(data=told.data, text=told.text, names=told.names)
