"""`flowrun graph`: the steps of a workflow, of a saved plan or of a run, and what needs what."""

from __future__ import annotations

import click

from flowrun.cli.console import Console
from flowrun.cli.picture import Uses, drawing


@click.command(short_help="Draw the steps of a workflow, a plan or a run: text, Mermaid, DOT, SVG, JSON.")
@drawing("text", "mermaid", "dot", "svg", "json")
def graph(console: Console) -> Uses:  # noqa: ARG001 - all commands are given one
    """Draw the steps of a workflow, a plan or a run: text, Mermaid, DOT, SVG, JSON.

    Of a file, with how long each step usually takes; of a plan file (`.frp`), with what is new or changed as well, from
    that file alone; of a run, with how each stands. Without any: the latest run.
    In SVG and Mermaid, steps that are alike become one where there are more than sixty.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no graph library

    return api.graph, api.graph_of_plan, api.graph_of_run
