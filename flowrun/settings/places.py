"""The places that settings come from, each with its name for a person: flag, variable, `.env`, overlay, `flowrun.toml`.

An overlay is what an environment of the workflow says of settings.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from flowrun.errors import UsageError
from flowrun.settings.options import SETTINGS, Option

HIDDEN = "(set, not shown)"
DOTENV = ".env"
_FILES = ("flowrun.toml", "pyproject.toml")
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
class File:
    """What the configuration file says; `folder` is the project and `why` says what made it so."""

    folder: Path
    why: str
    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overlay:
    """What an environment of a workflow says of settings. Its paths are relative to the folder of its file."""

    path: Path
    values: Mapping[str, Any] = field(default_factory=dict)


def configuration(cwd: Path) -> File:
    """The nearest file upward, not beyond the root of a git repository. Raises UsageError for what is wrong with it."""
    for folder in (cwd, *cwd.parents):
        for name in _FILES:
            values = _table(folder / name)
            if values is not None:
                return File(folder, f"it holds {name}", folder / name, values)
        if (folder / ".git").exists():
            return File(folder, "it is the root of a git repository")
    return File(cwd, "it is the current folder")


def _table(path: Path) -> Mapping[str, Any] | None:
    """The settings in that file; None where it has none."""
    try:
        document: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from error
    if path.name == "pyproject.toml":
        tools = document.get("tool", {})
        document = tools.get("flowrun") if isinstance(tools, dict) else None
        if document is None:
            return None
    if not isinstance(document, dict):
        raise UsageError(f"{path}: [tool.flowrun] is not a table")
    for name in document:
        _check_name(path, name)
    return document


def _check_name(path: Path, name: str) -> None:
    if name not in SETTINGS:
        near = difflib.get_close_matches(name, SETTINGS, n=1)
        hint = f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(sorted(SETTINGS))}."
        raise UsageError(f'{path}: there is no setting "{name}"', hint=hint)
    if SETTINGS[name].only_outside:
        variable = next((one for one in SETTINGS[name].variables if one == f"UIPATH_{name.upper()}"), None)
        hint = f"Put it into the environment as {variable or SETTINGS[name].variables[0]}; this file is seen by others."
        raise UsageError(f"{path}: {name} must not stand in a file", hint=hint)


def look_up(name: str, flag: object, known: Variables, file: File, cwd: Path, overlay: Overlay | None = None) -> Found:
    """The value from the first place that has one. An empty variable counts as not set. Raises UsageError."""
    option = SETTINGS[name]
    if flag is not None:
        return read(option, flag, f"--{name.replace('_', '-')}", cwd)
    for variable in option.variables:
        if value := known.get(variable):
            folder = cwd if variable in known.environ else file.folder
            return read(option, value, known.source(variable), folder, known.place(variable))
    if overlay is not None and name in overlay.values:
        return of_overlay(name, overlay)
    if file.path is not None and name in file.values:
        return read(option, file.values[name], f"{file.path}: {name}", file.folder, str(file.path))
    shown = option.default_shown or ("not set" if option.default is None else f"{option.default}")
    return Found(option.default, shown, "default")


def of_overlay(name: str, overlay: Overlay) -> Found:
    """The value that an environment has. Raises UsageError."""
    raw, place = overlay.values[name], str(overlay.path)
    return read(SETTINGS[name], raw, f"{place}: {name}", overlay.path.parent, place)


def read(option: Option, raw: Any, source: str, folder: Path, place: str = "") -> Found:
    """The value of a text from some place. Raises UsageError, which names the place."""
    try:
        value = option.read(raw, folder)
    except ValueError as error:
        shown = HIDDEN if option.secret else repr(raw) if not isinstance(raw, Path) else str(raw)
        raise UsageError(f"{source} is {shown}", hint=f"It takes {error}.") from error
    return Found(value, HIDDEN if option.secret else f"{value}", source, place)
