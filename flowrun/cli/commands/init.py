"""`flowrun init`: a project to begin with, that runs on this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flowrun.cli.answer import Answer, Line
from flowrun.cli.console import Console, is_terminal
from flowrun.cli.options import answering

TEMPLATES = ("chain", "fan-out", "approval", "nightly", "empty")
PIPELINES = ("none", "github", "azure", "gitlab")


@click.command(short_help="Begin a project that runs on this machine, without a tenant.")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
@click.option("--template", type=click.Choice(TEMPLATES), help="What the workflow is like; otherwise a chain.")
@click.option("--pipeline", type=click.Choice(PIPELINES), help="Whose pipeline checks it; otherwise none.")
@click.option("--force", is_flag=True, help="Write over what is there.")
@answering("text", "json", "name")
def init(
    console: Console,  # noqa: ARG001 - all commands are given one
    *,
    folder: Path,
    template: str | None,
    pipeline: str | None,
    force: bool,
) -> Answer:
    """Begin a project that runs on this machine, without a tenant.

    Writes a workflow, its test, small programs that stand in for its automations and the catalog of the embedded
    Orchestrator that runs them, environments for test and production, schemas for the editor, `.gitignore`, and the
    file of a CI system. On a terminal it asks for what was not said. Nothing is overwritten: what is in the way is
    listed, with exit code 3. `-o name` prints the files.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no YAML reader

    if is_terminal(sys.stdin) and is_terminal(sys.stderr):
        template = template or click.prompt("Template", default=TEMPLATES[0], type=click.Choice(TEMPLATES), err=True)
        pipeline = pipeline or click.prompt("Pipeline", default=PIPELINES[0], type=click.Choice(PIPELINES), err=True)
    begun = api.begin(folder, template or TEMPLATES[0], pipeline or PIPELINES[0], force=force)
    paths = [str(begun.folder / name) for name in begun.written]
    workflow = str(begun.folder / begun.workflow)
    extended = (Line(f"{begun.folder / begun.extended} has a further line"),) if begun.extended else ()
    return Answer(
        data={"folder": str(begun.folder), "files": paths, "workflow": workflow, "extended": begun.extended or None},
        text="\n".join(paths),
        names=tuple(paths),
        talk=(*extended, Line(f"try it:  flowrun run {workflow}")),
    )
