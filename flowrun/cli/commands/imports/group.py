"""The group itself: which commands there are."""

from __future__ import annotations

import click

from flowrun.cli.lazy import Entry, LazyGroup

_C = "flowrun.cli.commands.imports"

COMMANDS = {
    "job": Entry(f"{_C}.job:job", "Make a workflow that starts what a Job was."),
    "triggers": Entry(f"{_C}.triggers:triggers", "Make a workflow of what the triggers of a folder start."),
    "uipcli": Entry(f"{_C}.uipcli:uipcli", "Make a workflow of the calls of uipcli in a script."),
}


@click.group(
    name="import",
    cls=LazyGroup,
    entries=COMMANDS,
    short_help="Make a workflow of what you have: a Job, triggers, uipcli calls.",
)
def imports() -> None:
    """Make a workflow of what you have. It is valid and formatted; comments say what could not be told."""
