"""`flowrun runs approve`: say yes to what a step asks, with the inputs that it wants."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.runs.asked import BY, COMMENT, LEG, TARGET, Target, answer_of, question_of
from flowrun.cli.console import Console, is_terminal
from flowrun.cli.options import INPUT, answering, configured

if TYPE_CHECKING:
    from flowrun.api import Question
    from flowrun.settings import Settings


@click.command(short_help="Say yes to what a step of a run asks.")
@TARGET
@LEG
@INPUT
@COMMENT
@BY
@answering("text", "json", "name")
@configured(outside=False)
def approve(
    console: Console,
    *,
    target: Target,
    leg: str | None,
    texts: dict[str, str],
    comment: str,
    by: str | None,
    settings: Settings,
) -> Answer:
    """Say yes to what an approval step asks, with the inputs that it wants.

    Without RUN the latest run is meant. Inputs that are missing are asked for on a terminal. Ends with 7 where somebody
    else has answered first.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    asked = api.question(target.run_id, target.step_id, target.leg if leg is None else leg, settings)
    given = _completed(console, asked, texts)
    return answer_of(asyncio.run(api.answer(asked, "approved", settings, texts=given, comment=comment, by=by)), asked)


def _completed(console: Console, asked: Question, given: Mapping[str, str]) -> Mapping[str, str]:
    """The inputs with those that were missing, where there is somebody to ask."""
    missing = [name for name in asked.required if name not in given]
    if not missing:
        return given
    console.say(question_of(asked))
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        return given
    return {**given, **{name: _asked(console, asked, name) for name in missing}}


def _asked(console: Console, asked: Question, name: str) -> str:
    declared = asked.inputs[name]
    words = ", ".join(part for part in (declared.description, ", ".join(declared.options) or declared.type) if part)
    while True:
        text: str = click.prompt(f"{name} ({words})", err=True)
        wrong = asked.expected(name, text)
        if wrong is None:
            return text
        console.say(wrong, "bad")
