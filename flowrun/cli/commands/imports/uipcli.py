"""`flowrun import uipcli`: a workflow of the calls in a script."""

from __future__ import annotations

from pathlib import Path

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.imports.written import TO, written
from flowrun.cli.console import Console
from flowrun.cli.options import FILE, answering


@click.command(short_help="Make a workflow of the calls of uipcli in a script.")
@FILE
@TO
@answering("text", "json", "name")
def uipcli(console: Console, *, file: Path, to: Path | None) -> Answer:  # noqa: ARG001 - all commands are given one
    """Make a workflow of the calls of `uipcli job run` in a script or a pipeline, one after the other.

    Process, folder, robots, counts, runtime type, priority, timeout and the file of input arguments are taken over.
    Nothing of how it signs in is: comments say what a step cannot say.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no YAML reader

    return written(api.import_uipcli(file), to)
