"""The group itself: which commands there are."""

from __future__ import annotations

import click

from flowrun.cli.lazy import Entry, LazyGroup

_C = "flowrun.cli.commands.context"

COMMANDS = {
    "list": Entry(f"{_C}.list:list_contexts", "List the contexts of this project."),
    "show": Entry(f"{_C}.show:show", "Show which context holds, who chose it, and what it says."),
    "use": Entry(f"{_C}.use:use", "Choose a context for this project, on this machine."),
}


@click.group(cls=LazyGroup, entries=COMMANDS, short_help="Look at contexts, and choose one.")
def context() -> None:
    """Look at the contexts of flowrun.toml, and choose one. `local`, the embedded Orchestrator, is always there."""
