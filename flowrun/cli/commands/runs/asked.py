"""What `approve` and `reject` share: which step is meant, what it asks, and what became of the answer."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

import click

from flowrun.cli.answer import Answer

if TYPE_CHECKING:
    from flowrun.api import Answered, Question

_NAME = re.compile(r"(?P<step>[^\[]+)\[(?P<leg>.*)\]", re.DOTALL)
_MOST = 2


class Target(NamedTuple):
    """The step that is meant. `leg` is None where none was named."""

    run_id: str | None
    step_id: str
    leg: str | None


def _target(ctx: click.Context, param: click.Parameter, words: tuple[str, ...]) -> Target:
    if not words:
        raise click.MissingParameter(ctx=ctx, param=param, param_type="argument")
    if len(words) > _MOST:
        raise click.BadParameter(f"that is one too many: {words[_MOST]!r}", ctx=ctx, param=param)
    run_id = words[0] if len(words) == _MOST else None
    leg = _NAME.fullmatch(words[-1])
    return Target(run_id, leg["step"], leg["leg"]) if leg else Target(run_id, words[-1], None)


TARGET = click.argument("target", nargs=-1, metavar="[RUN] STEP", callback=_target)
LEG = click.option("--leg", metavar="KEY", help="Which leg of a fan-out; `STEP[KEY]` says the same.")
COMMENT = click.option("--comment", default="", metavar="TEXT", help="What is said with the answer.")
BY = click.option("--by", metavar="NAME", help="Who answers; otherwise the user of this terminal.")


def question_of(asked: Question) -> str:
    """What is asked, with what an answer brings."""
    from flowrun import api  # noqa: PLC0415 - the api loads its rooms when they are used

    until = "" if asked.until is None else f" (until {api.instant(asked.until)})"
    lines = [f"{asked.name} asks{until}:", *(f"  {line}" for line in asked.instructions.splitlines())]
    return "\n".join(lines)


def answer_of(answered: Answered, asked: Question) -> Answer:
    """What a command says of an answer that is on record."""
    words = f"{answered.name} of {answered.run_id} is {answered.decision}, by {answered.by}"
    if not answered.taken:
        words += f"\n  no process drives the run; the answer is kept: flowrun runs resume {answered.run_id}"
    return Answer(
        data={**asdict(answered), "instructions": asked.instructions}, names=(answered.run_id,), message=words
    )
