"""`flowrun runs retry`: again from what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli import completions
from flowrun.cli.answer import Answer
from flowrun.cli.consent import LOCKED, YES, consent, locks
from flowrun.cli.console import Console
from flowrun.cli.drive import carried_out
from flowrun.cli.options import REPORT, RUN, SPEC, answering, configured

if TYPE_CHECKING:
    from flowrun.api import Foreseen
    from flowrun.settings import Settings


@click.command(short_help="Do again what failed, as a new run that keeps the rest.")
@RUN
@click.option(
    "--from",
    "start",
    default="",
    metavar="STEP",
    shell_complete=completions.steps,
    help="Do this step again, and all that need it.",
)
@click.option(
    "--only", default="", metavar="STEP", shell_complete=completions.steps, help="Do this step again, and no other."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done again, and why; start nothing.")
@SPEC
@REPORT
@YES
@LOCKED
@answering("text", "json", "jsonl", "name")
@configured(outside=True, later=True)
def retry(
    console: Console,
    *,
    run_id: str | None,
    dry_run: bool,
    yes: bool,
    locked: bool | None,
    reports: dict[str, Path],
    settings: Settings,
    **chosen: str,
) -> Answer:
    """Do again what failed, as a new run that keeps the rest.

    A step is done again where it did not succeed, where it was undone, and where it needs one that is done again.
    Legs of a fan-out that succeeded are kept. `finally` runs again. The run that ended stays as it is.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    choice = api.Choice(**chosen)
    if choice.start and choice.only:
        raise click.UsageError("--from and --only go one without the other.")
    if dry_run:
        return _told(api.foresee(run_id, choice, settings))
    bound = api.bound_again(run_id, settings)
    consent(bound, yes=yes)
    told, lock = telling(console), api.Locking(locks(locked, bound), warning(console))

    return carried_out(
        console,
        lambda follow, hold: api.retry(run_id, choice, settings, follow=follow, hold=hold, foreseen=told, lock=lock),
        reports,
        "nothing was started",
        settings,
    )


def telling(console: Console) -> Callable[[Foreseen], None]:
    """Says on stderr what is about to be done again."""

    def told(found: Foreseen) -> None:
        for line in _lines(found):
            console.say(line, "dim")

    return told


def warning(console: Console) -> Callable[[str], None]:
    """Says on stderr what is not as the lock has it."""
    return lambda words: console.say(f"warning: {words}", "warn")


def _lines(found: Foreseen) -> Iterator[str]:
    """How the file has changed, what is kept, and what is done again and why."""
    yield from found.difference.splitlines()
    for step in found.steps:
        if not step.why:
            yield f"{step.step_id}: kept"
        else:
            kept = f"; {len(step.kept)} kept" if step.kept else ""
            yield f"{step.step_id}: again, since {step.why}{kept}"


def _told(found: Foreseen) -> Answer:
    steps = [{"id": step.step_id, "why": step.why, "kept": list(step.kept)} for step in found.steps]
    data = {"run_id": found.run_id, "steps": steps, "difference": found.difference}
    names = tuple(step.step_id for step in found.steps if step.why)
    return Answer(data=data, text="\n".join(_lines(found)), names=names, rows=steps)
