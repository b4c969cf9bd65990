"""`flowrun runs reject`: say no to what a step asks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.runs.asked import BY, COMMENT, LEG, TARGET, Target, answer_of
from flowrun.cli.console import Console
from flowrun.cli.options import answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Say no to what a step of a run asks.")
@TARGET
@LEG
@COMMENT
@BY
@answering("text", "json", "name")
@configured(outside=False)
def reject(
    console: Console,  # noqa: ARG001 - all are given one
    *,
    target: Target,
    leg: str | None,
    comment: str,
    by: str | None,
    settings: Settings,
) -> Answer:
    """Say no to what an approval step asks. The step then fails with the class `rejected`.

    Without RUN the latest run is meant. Ends with 7 where somebody else has answered first.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    asked = api.question(target.run_id, target.step_id, target.leg if leg is None else leg, settings)
    return answer_of(asyncio.run(api.answer(asked, "rejected", settings, comment=comment, by=by)), asked)
