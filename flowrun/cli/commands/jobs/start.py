"""`flowrun jobs start`: start Jobs of a Release, once."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.jobs.options import STRATEGIES, TIMEOUT, placed
from flowrun.cli.commands.jobs.wait import answer_of
from flowrun.cli.consent import YES, consent
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import INPUT, answering

if TYPE_CHECKING:
    from flowrun.api import Place, Watched
    from flowrun.settings import Settings


@click.command(short_help="Start Jobs of a Release, once.")
@click.argument("release", metavar="RELEASE")
@click.option(
    "--strategy",
    type=click.Choice(STRATEGIES, case_sensitive=False),
    help="How robots are chosen; otherwise Specific where robots are named, RobotCount where they are counted, "
    "and ModernJobsCount.",
)
@click.option("--robot", "robots", multiple=True, metavar="ID|NAME", help="For Specific; may be repeated.")
@click.option("--jobs-count", type=click.IntRange(min=1), metavar="N", help="How many Jobs.")
@click.option("--robot-count", type=click.IntRange(min=1), metavar="N", help="On how many robots (classic folders).")
@INPUT
@click.option("--arguments", metavar="JSON", help="The input arguments as one JSON object.")
@click.option("--arguments-file", type=click.Path(path_type=Path), metavar="FILE", help="The same from a file.")
@click.option("--attach", is_flag=True, help="Send arguments above 10,000 characters as an attachment.")
@click.option("--runtime-type", metavar="TYPE", help="Such as Unattended.")
@click.option("--job-priority", type=click.Choice(("Low", "Normal", "High"), case_sensitive=False), help="Of the Jobs.")
@click.option("--reference", metavar="TEXT", help="A text of your own on the Jobs, at most 128 characters.")
@click.option("--wait", is_flag=True, help="Wait until they have ended.")
@TIMEOUT
@YES
@answering("text", "json", "jsonl", "name")
@placed
def start(  # noqa: PLR0913 - one keyword for each option that is not of the Start itself
    console: Console,
    *,
    release: str,
    texts: dict[str, str],
    arguments: str | None,
    arguments_file: Path | None,
    wait: bool,
    timeout: float | None,
    yes: bool,
    place: Place,
    settings: Settings,
    **options: Any,
) -> Answer:
    """Start Jobs of a Release (shown as Process), by its name or key. The start is sent once.

    Where its answer is lost, the Jobs are looked up by the key of the start; it is sent again only after none has
    appeared for long enough. What cannot be found out ends with 9, and with the key to look for.
    Without `--wait` this ends with 0 once the Jobs are there; with it, as `flowrun jobs wait` does.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    consent(settings.context, yes=yes)
    values = {**_file(arguments_file), **_values(arguments)}
    wanted = api.Start(release, text=texts, values=values, **options)
    last: list[Watched] = []

    def begun(watched: Watched) -> None:
        last[:] = [watched]
        if watched.jobs and wait and console.form != "json":
            console.say(f"started Job {', '.join(str(job['id']) for job in watched.jobs)}")

    say = console.say if console.form != "json" else lambda _: None
    starting = api.start_jobs(settings, place, wanted, wait=wait, within=timeout, begun=begun, told=say)
    try:
        watched = asyncio.run(starting)
    except KeyboardInterrupt:
        return _left(last, place)
    if watched.doubt:
        return _doubtful(watched, place)
    if wait:
        return answer_of(watched)
    return Answer(
        data={"jobs": watched.jobs, "batch_execution_key": watched.batch, "succeeded": None},
        text="\n".join(f"{job['id']}  {job['key']}" for job in watched.jobs),
        rows=watched.jobs,
        names=tuple(str(job["id"]) for job in watched.jobs),
        message=f"started; flowrun jobs wait --batch {watched.batch}{_folder(place)} waits for the end",
    )


def _left(last: list[Watched], place: Place) -> Answer:
    """Ctrl-C: nothing was started, or what was started goes on, or nobody knows."""
    if not last:
        return Answer(code=ExitCode.INTERRUPTED, message="interrupted; nothing was started")
    watched = last[0]
    if not watched.jobs:
        return _doubtful(watched, place)
    ids = " ".join(str(job["id"]) for job in watched.jobs) + _folder(place)
    return Answer(
        data={"jobs": watched.jobs, "batch_execution_key": watched.batch, "succeeded": None},
        names=tuple(str(job["id"]) for job in watched.jobs),
        code=ExitCode.IN_DOUBT,
        message=f"interrupted; the Jobs go on: flowrun jobs wait {ids}, or flowrun jobs stop {ids}",
    )


def _doubtful(watched: Watched, place: Place) -> Answer:
    reason = watched.doubt or "interrupted while it was being started"
    return Answer(
        data={"jobs": watched.jobs, "batch_execution_key": watched.batch, "succeeded": None},
        names=tuple(str(job["id"]) for job in watched.jobs),
        code=ExitCode.IN_DOUBT,
        message=f"{reason}\n  flowrun jobs wait --batch {watched.batch}{_folder(place)} finds its Jobs, if any",
    )


def _folder(place: Place) -> str:
    """What the next command needs to look where this one did."""
    return f" --folder {shlex.quote(place.folder)}" if place.folder else ""


def _values(text: str | None) -> Mapping[str, Any]:
    if text is None:
        return {}
    try:
        values = json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"--arguments is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise click.UsageError('--arguments is not a JSON object: write {"name": value}')
    return values


def _file(path: Path | None) -> Mapping[str, Any]:
    from flowrun import api  # noqa: PLC0415 - `--help` reads no file

    return api.read_inputs(path) if path else {}
