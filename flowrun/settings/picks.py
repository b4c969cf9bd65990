"""What `flowrun context use` chose, for each project by its folder: a file of the user's own, in no repository."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from flowrun import whole
from flowrun.errors import UsageError
from flowrun.settings.configuration import of_user

PICKED = "flowrun context use"
"""The place, for a person."""


def file_of(environ: Mapping[str, str]) -> Path | None:
    """`~/.local/state/flowrun/contexts.json`, or below `XDG_STATE_HOME`; None for a user without a home."""
    folder = of_user(environ, "XDG_STATE_HOME", ".local/state")
    return None if folder is None else folder / "contexts.json"


def picked(environ: Mapping[str, str], project: Path) -> str | None:
    """The context that was chosen for this project. Raises UsageError where the file cannot be read."""
    path = file_of(environ)
    return None if path is None else _read(path).get(str(project.resolve()))


def pick(environ: Mapping[str, str], project: Path, name: str | None) -> Path:
    """Choose a context for this project, or none; where that was written. Raises UsageError."""
    path = file_of(environ)
    if path is None:
        raise UsageError("there is no home to keep the choice in", hint="Set FLOWRUN_CONTEXT, or XDG_STATE_HOME.")
    kept = dict(_read(path))
    kept.pop(str(project.resolve()), None)
    if name is not None:
        kept[str(project.resolve())] = name
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        whole.put(path, json.dumps(kept, indent=2, sort_keys=True) + "\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="Set FLOWRUN_CONTEXT.") from error
    return path


def _read(path: Path) -> Mapping[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise UsageError(f"{path} is not what flowrun context use writes", hint=f"rm {path}, and choose anew.")
    return found
