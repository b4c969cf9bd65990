"""`flowrun context use`: choose a context for this project, on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.options import CONTEXT_NAME, answering


@click.command(short_help="Choose a context for this project, on this machine.")
@CONTEXT_NAME
@click.option("--none", "nothing", is_flag=True, help="Choose none: what the file and the environment say holds again.")
@answering("text", "json", "name")
def use(console: Console, *, name: str | None, nothing: bool) -> Answer:  # noqa: ARG001 - all commands are given one
    """Choose a context for this project, on this machine, until another is chosen.

    It goes before `default_context`, and after `--context`, FLOWRUN_CONTEXT and the environment of a workflow. It is
    written to `~/.local/state/flowrun/contexts.json` (or below XDG_STATE_HOME), which is in no repository.
    """
    from flowrun.settings import use_context  # noqa: PLC0415 - `--help` reads no configuration

    if (name is None) != nothing:
        raise click.UsageError("Name a context, or say --none.")
    made = use_context(os.environ, Path.cwd(), name)
    chosen = made.found.chosen
    message = f"{name} is chosen for {made.found.file.folder}, in {made.path}"
    if nothing:
        message = f"no context is chosen for {made.found.file.folder} any more, in {made.path}"
    if chosen is not None and not made.holds:
        message += f"; {chosen.value} holds all the same ({chosen.source})"
    return Answer(
        data={
            "name": name,
            "project": str(made.found.file.folder),
            "file": str(made.path),
            "holds": chosen.value if chosen is not None else None,
        },
        names=(name,) if name else (),
        message=message,
    )
