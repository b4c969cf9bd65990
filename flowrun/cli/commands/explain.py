"""`flowrun explain`: the paragraph behind the code of a problem."""

from __future__ import annotations

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.options import answering


@click.command(short_help="Explain the code of a problem, such as FR104.")
@click.argument("code", metavar="CODE")
@answering("text", "json")
def explain(console: Console, code: str) -> Answer:  # noqa: ARG001 - all commands are given one
    """Explain the code of a problem, such as FR104."""
    from flowrun import api  # noqa: PLC0415 - `--help` loads no catalogue

    text = api.explain(code.upper())
    return Answer(data={"code": code.upper(), "text": text}, text=text)
