"""`flowrun timeline`: when each step of a run ran, or would run."""

from __future__ import annotations

import click

from flowrun.cli.console import Console
from flowrun.cli.picture import Uses, drawing


@click.command(short_help="Draw when each step ran, or would: text, Mermaid, SVG.")
@drawing("text", "mermaid", "svg")
def timeline(console: Console) -> Uses:  # noqa: ARG001 - all commands are given one
    """Draw when each step ran, or would: text, Mermaid, SVG.

    Of a run, what happened; of a file, what is to be foreseen if each step takes what is usual, as the journal tells;
    of a plan file (`.frp`), as it knows by itself. Without any: the latest run. In SVG and Mermaid, more than sixty
    steps share rows where they are alike.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads nothing that draws

    return api.timeline, api.timeline_of_plan, api.timeline_of_run
