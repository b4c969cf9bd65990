"""What the commands that make a workflow share: where it goes."""

from __future__ import annotations

from pathlib import Path

import click

from flowrun.cli.answer import Answer

TO = click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where it goes, a file that is not there; else stdout.",
)


def written(text: str, to: Path | None) -> Answer:
    """The workflow as an answer, or in a file. Raises UsageError."""
    if to is not None:
        from flowrun import api  # noqa: PLC0415 - `--help` loads no YAML reader

        api.new_text(to, text, "name another file")
    return Answer(
        data={"workflow": text, "file": str(to) if to else None},
        text=text if to is None else str(to),
        names=(str(to),) if to else (),
    )
