"""`flowrun completion`: the script that teaches a shell our commands, flags and runs."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.options import answering


@click.command(short_help="Print the completion script for a shell.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish", "powershell")))
@answering("text", "json")
def completion(console: Console, shell: str) -> Answer:  # noqa: ARG001 - all commands are given one
    """Print the completion script for a shell.

    For bash and zsh: `eval "$(flowrun completion bash)"` in the shell's own start file.
    For fish: `flowrun completion fish | source`.
    For PowerShell: `flowrun completion powershell | Out-String | Invoke-Expression`.

    Offered are commands, options, YAML files, environments beside the file, contexts, runs and their steps.
    """
    from flowrun.cli import powershell as _  # noqa: F401, PLC0415 - click learns of it

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click brings three, and we the fourth
    made = kind(click.get_current_context().find_root().command, {}, "flowrun", "_FLOWRUN_COMPLETE")
    script = made.source_template % made.source_vars()
    return Answer(data={"shell": shell, "script": script}, text=script)
