"""What a shell may offer where a word is missing: files, environments, steps. No network, and never a complaint."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

_ENDINGS = (".yaml", ".yml")


def files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's
    """YAML files, and folders that may hold some."""
    head, slash, _ = incomplete.rpartition("/")
    try:
        found = sorted(os.scandir(f"{head}{slash}" or "."), key=lambda entry: entry.name)
        return _starting(incomplete, (f"{head}{slash}{name}" for name in _names(found)))
    except OSError:
        return []


def _names(found: Iterable[os.DirEntry[str]]) -> Iterator[str]:
    for entry in found:
        if entry.is_dir() and not entry.name.startswith("."):
            yield f"{entry.name}/"
        elif entry.name.endswith(_ENDINGS):
            yield entry.name


def environments(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's
    """Those in the folder `environments` beside the file that was typed already, else of this folder."""
    typed = _first(ctx)
    folder = Path(typed).parent if typed else Path()
    try:
        found = sorted(path.stem for path in (folder / "environments").iterdir() if path.suffix in _ENDINGS)
    except OSError:
        return []
    return _starting(incomplete, found)


def steps(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's
    """Those of the run that was typed already, else of the latest, from the journal."""
    from flowrun import api  # noqa: PLC0415 - loaded when a shell asks
    from flowrun.settings import Settings  # noqa: PLC0415 - the same

    try:
        settings = Settings.load(os.environ, Path.cwd(), connected=False)
        found = [step.id for step in api.report(_first(ctx), settings).steps]
    except Exception:  # noqa: BLE001 - see above
        return []
    return _starting(incomplete, found)


def _first(ctx: click.Context) -> str | None:
    """The first word that is no option. While the value of an option is missing, click assigns none to its argument."""
    return next((str(word) for word in ctx.args), None)


def _starting(incomplete: str, names: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
