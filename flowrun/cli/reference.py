"""The reference pages of the command line, made from the commands themselves.

`python -m flowrun.cli.reference cli > docs/reference/cli.md`, and `exit-codes` likewise. A test compares.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator

import click

from flowrun.cli.exit import ExitCode
from flowrun.cli.main import app

_HEAD = """# The command line

Made by `python -m flowrun.cli.reference cli`; a test keeps it current. What a code means stands in
[exit-codes.md](exit-codes.md), what a setting means in [settings.md](settings.md).

stdout is data, stderr is everything else. `-o` chooses what stdout gets: `text` for people; `json`, one envelope
`{schema, result, code, message, data, diagnostics}` for every command and every error; `jsonl`, one value a line;
`name`, the names alone. Text is for people and changes; the other forms are kept.

Colours: `--color`, then `NO_COLOR`, then `FORCE_COLOR`, then whether the stream is a terminal (`TERM=dumb` is none).
On a terminal a run is shown as a table, elsewhere as one line per change and a sign of life after a minute of silence.

Signals, while this process drives a run: Ctrl-C asks the running Jobs to stop, a second one kills them, a third leaves
at once and lists the Jobs that may still run. SIGTERM stops, and kills five seconds later. Closing the terminal leaves
the Jobs alone: `flowrun runs resume` goes on.
"""

_CODES = """# Exit codes

Made by `python -m flowrun.cli.reference exit-codes`; a test keeps it current. The word is `result` of the
JSON envelope.

| code | result | meaning |
| ---: | --- | --- |
"""

_READERS = """

Whoever reads stdout may leave before its end, as in `flowrun runs list | head -1`: the code stays what the command came
to, also under `set -o pipefail`, and nothing is said. A run does not turn on who reads of it, and a script that wants
one line has got it; `grep -q` and `head` would end it with 141 otherwise. What finds no room, as on a full disk, is
said on stderr and is code 1.
"""


def cli_page() -> str:
    """`docs/reference/cli.md`."""
    return "\n".join([_HEAD, *_command(app, None)]).rstrip("\n") + "\n"


def codes_page() -> str:
    """`docs/reference/exit-codes.md`."""
    rows = [f"| {int(code)} | `{code.result}` | {code.meaning} |" for code in ExitCode]
    return _CODES + "\n".join(rows) + _READERS


def _command(command: click.Command, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(command, parent=parent, info_name=command.name if parent else "flowrun")
    if parent:
        yield f"## `{' '.join([context.command_path, *command.collect_usage_pieces(context)])}`"
        yield ""
        yield inspect.cleandoc(command.help or "")
        yield ""
        yield from _options(command, context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _command(child, context)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    records = [option.get_help_record(context) for option in command.params if isinstance(option, click.Option)]
    rows = [record for record in records if record]
    if rows:
        yield "| option | what it does |"
        yield "| --- | --- |"
        yield from (f"| `{names.replace('|', ' or ')}` | {' '.join(text.split())} |" for names, text in rows)
        yield ""


if __name__ == "__main__":
    sys.stdout.write({"cli": cli_page, "exit-codes": codes_page}[sys.argv[1]]())
