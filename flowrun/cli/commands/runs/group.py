"""The group itself: which commands there are."""

from __future__ import annotations

import click

from flowrun.cli.lazy import Entry, LazyGroup

_C = "flowrun.cli.commands.runs"

COMMANDS = {
    "list": Entry(f"{_C}.list:list_runs", "List the latest runs."),
    "show": Entry(f"{_C}.show:show", "Show a run: its steps, what failed, its outputs."),
    "why": Entry(f"{_C}.why:why", "Say why a step ran, failed, was skipped, or waits."),
    "watch": Entry(f"{_C}.watch:watch", "Follow a run until it ends."),
    "outputs": Entry(f"{_C}.outputs:outputs", "Print the outputs of a run."),
    "events": Entry(f"{_C}.events:events", "Print the journal of a run."),
    "report": Entry(f"{_C}.report:report", "Write reports of a run."),
    "approve": Entry(f"{_C}.approve:approve", "Say yes to what a step of a run asks."),
    "reject": Entry(f"{_C}.reject:reject", "Say no to what a step of a run asks."),
    "abort": Entry(f"{_C}.abort:abort", "End a run, from any terminal."),
    "resume": Entry(f"{_C}.resume:resume", "Go on with a run whose process is gone."),
    "retry": Entry(f"{_C}.retry:retry", "Do again what failed, as a new run that keeps the rest."),
    "rerun": Entry(f"{_C}.rerun:rerun", "Do all of it again, as a new run with the same inputs."),
}


@click.group(cls=LazyGroup, entries=COMMANDS, short_help="Look at runs, follow them, end them, go on with them.")
def runs() -> None:
    """Look at runs, follow them, end them, go on with them.

    RUN is an id, or enough of one to tell it from the others; without it the latest run is meant.
    """
