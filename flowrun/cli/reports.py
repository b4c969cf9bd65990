"""Reports go into files beside the answer: `--report FORM=FILE`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from flowrun import whole
from flowrun.cli.console import Console


def named(form: str) -> str:
    """The name of a form; some write it out."""
    return {"markdown": "md"}.get(form, form)


def write_each(console: Console, files: Mapping[str, Path], text: Callable[[str], str]) -> None:
    """Each form into its file, whole or not at all. What cannot be written is said, and changes nothing."""
    for form, file in files.items():
        try:
            whole.put(file, text(form), "backslashreplace")
        except OSError as error:
            console.say(f"the {form} report could not be written to {file}: {error.strerror}", "bad")
