"""`flowrun context show`: which context holds, who chose it, and what it says."""

from __future__ import annotations

import os
from pathlib import Path

import click

from flowrun.cli.answer import Answer
from flowrun.cli.columns import aligned
from flowrun.cli.console import Console
from flowrun.cli.options import CONTEXT_NAME, answering, load_settings
from flowrun.errors import UsageError


@click.command(short_help="Show which context holds, who chose it, and what it says.")
@CONTEXT_NAME
@answering("text", "json", "name")
def show(console: Console, *, name: str | None) -> Answer:
    """Show which context holds, who chose it, and every setting that is not its default, with where it came from.

    With NAME as it would be with `--context NAME`. What contradicts it, such as a variable that names another
    Orchestrator, is said too.
    """
    from flowrun.settings import contexts_of  # noqa: PLC0415 - `--help` reads no configuration

    settings = load_settings(context=name)
    found = settings.context
    try:
        load_settings(context=name, connected=True)
        fault = None
    except UsageError as error:
        fault = error.message
        console.say(f"{error.message}\n  {error.hint}" if error.hint else error.message, "warn")
    said = [one for one in settings.explain() if one.source != "default" and one.name != "project"]
    file = contexts_of(os.environ, Path.cwd()).file
    return Answer(
        data={
            "name": found.name,
            "chosen": found.chosen,
            "source": found.source,
            "emulator": found.emulator,
            "protect": found.protect,
            "file": None if file.path is None else str(file.path),
            "settings": {one.name: {"value": one.value, "source": one.source} for one in said},
            "fault": fault,
        },
        text="\n".join(aligned([(one.name, one.value, f"({one.source})") for one in said])) if said else found.shown,
        names=(found.name,),
    )
