"""Reports go into files beside the answer: `--report FORM=FILE`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from flowrun.cli.console import Console


def write_each(console: Console, files: Mapping[str, Path], text: Callable[[str], str]) -> None:
    """Each form into its file, whole or not at all. What cannot be written is said, and changes nothing."""
    for form, file in files.items():
        part = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            part.write_text(text(form), encoding="utf-8", errors="backslashreplace")
            part.replace(file)
        except OSError as error:
            part.unlink(missing_ok=True)
            console.say(f"the {form} report could not be written to {file}: {error.strerror}", "bad")
