"""`flowrun runs abort`: end a run from any terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.drive import Interrupted, answer_of, drive
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import RUN, answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="End a run, from any terminal.")
@RUN
@click.option("--drain", "level", flag_value="drain", help="Start nothing new; let what runs come to its end.")
@click.option("--kill", "level", flag_value="kill", help="Kill what runs; leave out finally.")
@click.option("--no-wait", is_flag=True, help="Leave the word and go; do not wait for the end.")
@answering("text", "json", "jsonl", "name")
@configured(outside=True, later=True)
def abort(console: Console, run_id: str | None, level: str | None, no_wait: bool, settings: Settings) -> Answer:  # noqa: FBT001 - a flag
    """End a run, from any terminal.

    Nothing new starts; running Jobs are asked to stop, and killed when they do not. Where the process that drove the
    run is gone, this one takes its place. Ends with 0 when nothing of the run is running any more, otherwise with 9.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    wanted = level or "stop"
    try:
        driven = drive(
            console,
            lambda follow, hold: api.abort(run_id, wanted, settings, wait=not no_wait, follow=follow, hold=hold),
        )
    except Interrupted:
        return Answer(code=ExitCode.IN_DOUBT, message="the run was told to end; whether it has, flowrun runs show says")
    if no_wait and not driven.report.final:
        return Answer(
            data={"run_id": driven.report.run_id, "level": wanted},
            names=(driven.report.run_id,),
            message=f"told {driven.report.run_id} to end ({wanted}); flowrun runs watch follows it",
        )
    ended = driven.report.final and not driven.report.doubts
    return answer_of(driven, settings, ExitCode.SUCCESS if ended else ExitCode.IN_DOUBT)
