"""The places that settings come from, each with its name for a person: flag, variable, `.env`, and files in layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from flowrun.errors import UsageError
from flowrun.settings.options import SETTINGS, Option

HIDDEN = "(set, not shown)"
DOTENV = ".env"
_CLI = "UIPATH_CLI_"
_CLI_SWITCH = "UIPATH_CLI_ENABLE_ENV_AUTH"
"""UiPath's command line reads its variables for a sign-in only where this one is true; so do we."""


@dataclass(frozen=True, slots=True)
class Found:
    """One value, as a person may see it, and where it came from. `place` is that without the name of the setting."""

    value: Any
    shown: str
    source: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Variables:
    """The environment, and below it the `.env` beside the project. A variable that is set and empty hides the other."""

    environ: Mapping[str, str]
    file: Path | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def get(self, name: str) -> str:
        """The value; empty where there is none."""
        if name.startswith(_CLI) and name != _CLI_SWITCH and self.get(_CLI_SWITCH).lower() not in ("true", "1"):
            return ""
        return self.environ.get(name, self.values.get(name, ""))

    def source(self, name: str) -> str:
        """Where it comes from, in words."""
        return name if name in self.environ else f"{name} in {self.file}"

    def place(self, name: str) -> str:
        """Which of the two it comes from."""
        return "environment" if name in self.environ else str(self.file)

    def at(self, place: str, name: str) -> str:
        """The value that this one place has."""
        return (self.environ if place == "environment" else self.values).get(name, "")


def variables(environ: Mapping[str, str], project: Path) -> Variables:
    """The environment with the project's `.env`. Raises UsageError where that cannot be read."""
    path = project / DOTENV
    if not path.is_file():
        return Variables(environ)
    return Variables(environ, path, dotenv(path))


def lines(text: str) -> dict[str, str]:
    """The variables in a text of that form, each as it is written: `$` has no meaning in it."""
    from dotenv import dotenv_values  # noqa: PLC0415 - as below

    found = dotenv_values(stream=StringIO(text), interpolate=False)
    return {name: value for name, value in found.items() if value is not None}


def dotenv(path: Path) -> dict[str, str]:
    """The variables in a file of that form, as UiPath's own tools read it. Raises UsageError."""
    from dotenv import dotenv_values  # noqa: PLC0415 - few projects have one

    try:
        return {name: value for name, value in dotenv_values(path, encoding="utf-8").items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class Overlay:
    """What one file says of settings, or one table of it: an environment of a workflow, a context, `flowrun.toml`.

    Its paths are relative to the folder of the file. `prefix` is what stands before a name in words about it.
    """

    path: Path
    values: Mapping[str, Any] = field(default_factory=dict)
    prefix: str = ""


def look_up(name: str, flag: object, known: Variables, cwd: Path, layers: Iterable[Overlay] = ()) -> Found:
    """The value from the first place that has one. An empty variable counts as not set. Raises UsageError."""
    option = SETTINGS[name]
    if flag is not None:
        return read(option, flag, f"--{name.replace('_', '-')}", cwd)
    for variable in option.variables:
        if value := known.get(variable):
            folder = cwd if variable in known.environ or known.file is None else known.file.parent
            return read(option, value, known.source(variable), folder, known.place(variable))
    for layer in layers:
        if name in layer.values:
            return of_overlay(name, layer)
    shown = option.default_shown or ("not set" if option.default is None else f"{option.default}")
    return Found(option.default, shown, "default")


def of_overlay(name: str, overlay: Overlay) -> Found:
    """The value that a file has. Raises UsageError."""
    source = f"{overlay.prefix or f'{overlay.path}: '}{name}"
    return read(SETTINGS[name], overlay.values[name], source, overlay.path.parent, str(overlay.path))


def read(option: Option, raw: Any, source: str, folder: Path, place: str = "") -> Found:
    """The value of a text from some place. Raises UsageError, which names the place."""
    try:
        value = option.read(raw, folder)
    except ValueError as error:
        shown = HIDDEN if option.secret else repr(raw) if not isinstance(raw, Path) else str(raw)
        raise UsageError(f"{source} is {shown}", hint=f"It takes {error}.") from error
    return Found(value, HIDDEN if option.secret else f"{value}", source, place)
