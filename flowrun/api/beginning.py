"""A project to begin with: a workflow that runs on this machine, its test, environments, and a file for CI."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from flowrun.errors import UsageError

TEMPLATES = ("chain", "fan-out", "approval", "nightly", "empty")
PIPELINES = ("none", "github", "azure", "gitlab")
IGNORED = ".flowrun/"
"""What git is to ignore."""

_SCHEMAS = ("workflow", "test", "environment")
_ENDING = ".tmpl"
_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Begun:
    """What was written: paths from the folder, and the workflow among them. `extended`: a file that has more lines."""

    folder: Path
    written: tuple[str, ...]
    workflow: str
    extended: str = ""


def begin(folder: Path, template: str, ci: str, *, force: bool = False) -> Begun:
    """Write a project into a folder, which need not exist.

    Nothing that is there is overwritten: raises UsageError with what is in the way, before anything is written. With
    `force` it is. A `.gitignore` that is there is given a line, if it lacks it.
    """
    texts = dict(_texts(template, ci))
    workflow = next(name for name in texts if name.endswith(f"/{_workflow(template)}"))
    ignore = _ignored(folder / ".gitignore")
    if ignore is not None:
        del texts[".gitignore"]
    there = [name for name in texts if (folder / name).exists() or (folder / name).is_symlink()]
    if there and not force:
        more = f" and {len(there) - _MOST_LISTED} more" if len(there) > _MOST_LISTED else ""
        raise UsageError(
            f"in {folder} there is already {', '.join(there[:_MOST_LISTED])}{more}; nothing was written",
            hint="name another folder, or write over it with --force",
        )
    try:
        for name, text in texts.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        if ignore:
            with (folder / ".gitignore").open("a", encoding="utf-8") as stream:
                stream.write(ignore)
    except OSError as error:
        raise UsageError(f"{error.filename or folder} cannot be written: {error.strerror}") from error
    return Begun(folder, tuple(texts), workflow, ".gitignore" if ignore else "")


def _texts(template: str, ci: str) -> Iterator[tuple[str, str]]:
    """Every file of a project, by its path, in order."""
    home = files("flowrun.api").joinpath("starters")
    parts = [home.joinpath(template), home.joinpath("every")]
    parts += [home.joinpath("ci", ci)] if ci != "none" else []
    found = {name: text.replace("@FILE@", _workflow(template)) for part in parts for name, text in _within(part, "")}
    found |= {f"schemas/{what}.schema.json": _schema(what) for what in _SCHEMAS}
    yield from sorted(found.items())


def _within(part: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for inner in part.iterdir():
        if inner.is_dir():
            yield from _within(inner, f"{path}{inner.name}/")
        elif inner.name.endswith(_ENDING):
            yield f"{path}{inner.name.removesuffix(_ENDING)}", inner.read_text(encoding="utf-8")


def _workflow(template: str) -> str:
    """The name of the workflow's file: the one beside which its test lies."""
    specs = files("flowrun.api").joinpath("starters", template, "specs")
    ending = f".test.yaml{_ENDING}"
    return next(f"{one.name.removesuffix(ending)}.yaml" for one in specs.iterdir() if one.name.endswith(ending))


def _schema(what: str) -> str:
    from flowrun.api.files import schema  # noqa: PLC0415 - `--help` describes no language

    described: Any = schema(what)
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def _ignored(file: Path) -> str | None:
    """What a `.gitignore` that is there lacks; None where there is none."""
    try:
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    if {line.strip().rstrip("/") for line in text.splitlines()} & {".flowrun", "/.flowrun", "**/.flowrun"}:
        return ""
    return f"{'' if not text or text.endswith(chr(10)) else chr(10)}{IGNORED}\n"
