"""`flowrun explain`: the paragraph behind a problem's code, or how a run would go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.columns import aligned
from flowrun.cli.console import Console
from flowrun.cli.options import INPUT, INPUTS_FILE, answering, choosing

if TYPE_CHECKING:
    from flowrun import api
    from flowrun.settings import Choice

_CODE = re.compile(r"(?i)fr\d+")


@click.command(short_help="Explain a problem's code, or how a run would go.")
@click.argument("what", metavar="CODE|FILE")
@click.option(
    "-a",
    "--assume",
    "assumptions",
    multiple=True,
    metavar="STEP=RESULT,...",
    help="What becomes of steps; all others succeed. May be repeated.",
)
@INPUT
@INPUTS_FILE
@answering("text", "json")
@choosing
def explain(
    console: Console,  # noqa: ARG001 - all commands are given one
    *,
    what: str,
    assumptions: tuple[str, ...],
    texts: dict[str, str],
    inputs_file: Path | None,
    choice: Choice,
) -> Answer:
    """Explain the code of a problem, such as FR104, or what would become of each step of a workflow.

    Nothing is started and nobody asked. RESULT is `failed`, `failed:CLASS`, `rejected`, `skipped` (its `if` does not
    hold), `empty` (a fan-out without legs) or `succeeded`; STEP may name a leg, `post[EU]=failed`. `abort` ends the
    run during its first step, `abort=STEP` during that one, `abort=STEP:kill` harder. Expressions that need what only
    a real run knows are taken for true, and it is said.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no catalogue

    if _CODE.fullmatch(what) and not assumptions:
        text = api.explain(what.upper())
        return Answer(data={"code": what.upper(), "text": text}, text=text)
    values = api.read_inputs(inputs_file) if inputs_file else {}
    inputs = api.Inputs(texts, values, str(inputs_file or ""), api.chosen(Path(what), choice))
    found = api.assumed(Path(what), assumptions, inputs)
    return Answer(data=_data(found), text="\n".join(_lines(found)))


def _data(found: api.Explanation) -> dict[str, object]:
    return {
        "workflow": found.workflow,
        "status": found.status,
        "cause": found.cause,
        "why": found.why,
        "rule": found.rule,
        "steps": [
            {
                "id": row.step,
                "stage": row.stage.value,
                "state": row.state,
                "cause": row.cause,
                "why": row.why,
                "rule": row.rule,
                "by": list(row.by),
                "assumed": row.assumed,
                "attempts": row.attempts,
                "legs": list(row.legs),
            }
            for row in found.rows
        ],
        "warnings": list(found.warnings),
        "notes": list(found.notes),
    }


def _lines(found: api.Explanation) -> Iterator[str]:
    yield f"{found.workflow} would end {found.status}: {found.why} ({found.rule})"
    if found.warnings:
        yield f"failed and let through: {', '.join(found.warnings)}"
    stage = ""
    table = aligned([(row.step, row.state, row.cause, _why(row)) for row in found.rows])
    for row, line in zip(found.rows, table, strict=True):
        if row.stage.value != stage:
            stage = row.stage.value
            yield ""
            yield stage
        yield f"  {line}"
    if found.notes:
        yield ""
        yield from found.notes


def _why(row: api.ExplainedStep) -> str:
    return f"{row.why} ({row.rule})" if row.rule and not row.assumed else row.why
