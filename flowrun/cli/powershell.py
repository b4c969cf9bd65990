"""Completion for PowerShell, which click does not bring: what is typed comes in two variables, one word a line."""

from __future__ import annotations

import os

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

WORDS, WORD = "_FLOWRUN_WORDS", "_FLOWRUN_WORD"

_SCRIPT = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $typed = $commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition }
    $env:%(complete_var)s = "powershell_complete"
    $env:_FLOWRUN_WORDS = ($typed | Select-Object -Skip 1 | ForEach-Object { $_.ToString() }) -join "`n"
    $env:_FLOWRUN_WORD = $wordToComplete
    try {
        %(prog_name)s | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            [System.Management.Automation.CompletionResult]::new($value, $value, "ParameterValue", $help)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:_FLOWRUN_WORDS, Env:_FLOWRUN_WORD -ErrorAction SilentlyContinue
    }
}
"""


class PowerShellComplete(ShellComplete):
    """A line for each offer: the word, a tab, and what it is. Files are left to PowerShell itself."""

    name = "powershell"
    source_template = _SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        """The whole words, and the one that is not."""
        words = [word for word in os.environ.get(WORDS, "").split("\n") if word]
        return words, os.environ.get(WORD, "")

    def format_completion(self, item: CompletionItem) -> str:
        """An offer of a kind of file is no word."""
        if item.type != "plain":
            return ""
        return f"{item.value}\t{item.help or item.value}"

    def complete(self) -> str:
        """Without the lines that are no words."""
        return "\n".join(line for line in super().complete().split("\n") if line)


add_completion_class(PowerShellComplete)
