"""`flowrun emulator`: an Orchestrator on this machine, until it is told to stop."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.options import answering

if TYPE_CHECKING:
    from flowrun.api import Emulator


PROFILES = ("local", "cloud", "suite", "standalone")


@click.command(short_help="Serve an Orchestrator of your own on this machine.")
@click.option(
    "--catalog",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Which Release is which local command.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: any that is free.")
@click.option(
    "--env-file", type=click.Path(path_type=Path), metavar="FILE", help="Write UIPATH_URL and the like here when ready."
)
@click.option("--state", type=click.Path(path_type=Path), metavar="FOLDER", help="Keep the ledger here.")
@click.option(
    "--linger", type=click.FloatRange(min=0), metavar="SECONDS", help="End when nobody has asked for so long."
)
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="The kind of Orchestrator that it is; otherwise what the catalog says, or local.",
)
@answering("text", "json")
def emulator(
    console: Console,
    *,
    catalog: Path,
    port: int,
    env_file: Path | None,
    state: Path | None,
    linger: float | None,
    profile: str | None,
) -> Answer:
    """Serve an Orchestrator of your own on this machine, for this user alone.

    Its robots run the commands of the catalog as real processes. Ctrl-C or SIGTERM ends it and its robots. stdout gets
    its address, once it listens.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no server

    def ready(served: Emulator) -> None:
        if console.form == "json":
            console.stream({"url": served.url})
        else:
            console.data(served.url)
            sys.stdout.flush()
        console.say(f"listening{f', settings in {env_file}' if env_file else ''}; Ctrl-C ends it")

    api.emulate(catalog, port=port, state=state, env_file=env_file, linger=linger, profile=profile, ready=ready)
    return Answer(message="the emulator has ended")
