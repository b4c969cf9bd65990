"""Files as others know them: by their paths from the root of the repository, with slashes forward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrun.report.model import Report


def root(start: Path) -> Path:
    """The nearest folder from here upward that is a git repository; this one where there is none."""
    return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), start)


def placing(cwd: Path | None = None) -> Callable[[str], str]:
    """From a file's name, as it was given in this folder, to its path from the root; as it is where it lies outside."""
    here = (cwd or Path.cwd()).resolve()
    top = root(here)

    def place(file: str) -> str:
        if not file:
            return ""
        path = (here / file).resolve()
        return path.relative_to(top).as_posix() if path.is_relative_to(top) else Path(file).as_posix()

    return place


def placed(report: Report) -> Report:
    """The report with its workflow's file as others know it."""
    origin = report.origin
    if not isinstance(origin, dict) or not origin.get("file"):
        return report
    return replace(report, origin={**origin, "file": placing()(str(origin["file"]))})
