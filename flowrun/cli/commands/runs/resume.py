"""`flowrun runs resume`: go on after a crash or a detach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.runs.retry import warning
from flowrun.cli.console import Console
from flowrun.cli.drive import carried_out
from flowrun.cli.options import REPORT, RUN, SPEC, answering, configured

if TYPE_CHECKING:
    from flowrun.api import Replanned
    from flowrun.settings import Settings


@click.command(short_help="Go on with a run whose process is gone.")
@RUN
@SPEC
@click.option("--dry-run", is_flag=True, help="With `--spec current`: say what would be others; change nothing.")
@REPORT
@answering("text", "json", "jsonl", "name")
@configured(outside=True, later=True)
def resume(
    console: Console, *, run_id: str | None, spec: str, dry_run: bool, reports: dict[str, Path], settings: Settings
) -> Answer:
    """Go on with a run whose process is gone, from the last thing that its journal says.

    Jobs that run are found again, not started again. Ends with 7 where another process drives the run.

    With `--spec current` the rest of it follows its file as it is now. Steps that have begun or ended stay as they
    were; what is different is said first.

    A run that Temporal keeps goes on by itself, and is followed. Where its workflow was ended there, it goes on in a
    new one.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    if dry_run:
        if spec != "current":
            raise click.UsageError("--dry-run goes with --spec current: without it a run goes on as it was planned.")
        return _told(api.foresee_rest(run_id, settings))

    def foreseen(found: Replanned) -> None:
        for line in _lines(found):
            console.say(line, "dim")

    return carried_out(
        console,
        lambda follow, hold: api.resume(
            run_id, settings, spec=spec, follow=follow, hold=hold, foreseen=foreseen, warn=warning(console)
        ),
        reports,
        "the run stands where it stood",
        settings,
    )


def _lines(found: Replanned) -> Iterator[str]:
    """How the file has changed, and what that means for the rest of the run."""
    yield from found.difference.splitlines()
    for step in found.steps:
        yield f"{step.step_id}: {step.words}"
    if found.others:
        yield f"of the workflow itself are others: {', '.join(found.others)}"
    if found.nothing:
        yield "the rest of the run is what it was"


def _told(found: Replanned) -> Answer:
    steps = [{"id": step.step_id, "words": step.words} for step in found.steps]
    data = {"run_id": found.run_id, "steps": steps, "others": list(found.others), "difference": found.difference}
    names = tuple(step.step_id for step in found.steps)
    return Answer(data=data, text="\n".join(_lines(found)), names=names, rows=steps)
