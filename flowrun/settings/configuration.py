"""The configuration files: the project's `flowrun.toml` with its contexts, and `config.toml` of whoever works here.

`[tool.flowrun]` of a `pyproject.toml` is the same as a `flowrun.toml`. No file holds a credential.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowrun.errors import UsageError
from flowrun.settings.options import SETTINGS
from flowrun.settings.places import Overlay

LOCAL = "local"
"""The context that is always there: the embedded Orchestrator."""

DEFAULT = "default_context"
SWITCHES = ("protect", "emulator")
"""What a context says beside settings: true or false."""

CONTEXT_NAME = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}"
"""What a context may be called, as a pattern."""

_FILES = ("flowrun.toml", "pyproject.toml")
_AT_TOP = (DEFAULT, "context")


@dataclass(frozen=True, slots=True)
class File:
    """What the files say; `folder` is the project and `why` says what made it so.

    `contexts` are the tables as they are written, by their names; `default_context` is None where it is not said.
    """

    folder: Path
    why: str
    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    contexts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    default_context: str | None = None
    user: Overlay | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Those of all contexts, `local` first."""
        return (LOCAL, *(name for name in self.contexts if name != LOCAL))

    def layers(self, context: str | None = None) -> tuple[Overlay, ...]:
        """What the files say of settings, from the strongest to the weakest: context, project, user."""
        found = []
        if self.path is not None:
            table = self.contexts.get(context or "", {})
            values = {name: value for name, value in table.items() if name not in SWITCHES}
            found.append(Overlay(self.path, values, f"{self.path}: context.{context}."))
            found.append(Overlay(self.path, self.values))
        return (*found, self.user) if self.user is not None else tuple(found)


def configuration(environ: Mapping[str, str], cwd: Path) -> File:
    """The nearest file upward, not beyond the root of a git repository, and the user's own.

    Raises UsageError for what is wrong with them.
    """
    user = _user(environ)
    for folder in (cwd, *cwd.parents):
        for name in _FILES:
            path = folder / name
            table = _table(path)
            if table is not None:
                values = {key: value for key, value in table.items() if key not in _AT_TOP}
                _check_names(path, values, also=_AT_TOP)
                why = f"it holds {name}"
                return File(folder, why, path, values, _contexts(path, table), _default(path, table), user)
        if (folder / ".git").exists():
            return File(folder, "it is the root of a git repository", user=user)
    return File(cwd, "it is the current folder", user=user)


def of_user(environ: Mapping[str, str], variable: str, otherwise: str) -> Path | None:
    """A folder of the user's own (XDG Base Directory): what the variable names, else that below the home; None."""
    home = environ.get("HOME") or environ.get("USERPROFILE")
    named = environ.get(variable, "")
    if named and Path(named).is_absolute():
        return Path(named) / "flowrun"
    return Path(home) / otherwise / "flowrun" if home else None


def _user(environ: Mapping[str, str]) -> Overlay | None:
    folder = of_user(environ, "XDG_CONFIG_HOME", ".config")
    path = None if folder is None else folder / "config.toml"
    table = None if path is None else _table(path)
    if path is None or table is None:
        return None
    for name in _AT_TOP:
        if name in table:
            raise UsageError(
                f"{path}: {name} must not stand in this file",
                hint="Contexts stand in the flowrun.toml of a project; flowrun context use NAME chooses one.",
            )
    _check_names(path, table)
    return Overlay(path, table)


def _table(path: Path) -> Mapping[str, Any] | None:
    """The table in that file; None where it has none."""
    try:
        document: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
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
    return document


def _contexts(path: Path, table: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    found = table.get("context", {})
    if not isinstance(found, dict):
        raise UsageError(
            f"{path}: context is {found!r}",
            hint='Contexts are tables, such as [context.prod]; default_context = "prod" chooses one.',
        )
    for name, one in found.items():
        if not isinstance(one, dict):
            raise UsageError(f"{path}: context.{name} is {one!r}", hint=f"A context is a table: [context.{name}].")
        if not re.fullmatch(CONTEXT_NAME, name):
            hint = "It takes letters, digits, _, - and ., at most 64, the first a letter, a digit or _."
            raise UsageError(f"{path}: {name!r} is no name of a context", hint=hint)
        _check_context(path, name, one)
    return found


def _check_context(path: Path, name: str, table: Mapping[str, Any]) -> None:
    where = f"[context.{name}]: "
    _check_names(path, {key: value for key, value in table.items() if key not in SWITCHES}, where, SWITCHES)
    for key in SWITCHES:
        if not isinstance(table.get(key, False), bool):
            raise UsageError(f"{path}: context.{name}.{key} is {table[key]!r}", hint="It takes true or false.")
    emulator = table.get("emulator", name == LOCAL)
    if name == LOCAL and not emulator:
        raise UsageError(f"{path}: the context local is the embedded Orchestrator", hint="Name yours otherwise.")
    if emulator and "url" in table:
        what = "emulator = true" if name != LOCAL else "local, which is the embedded Orchestrator,"
        raise UsageError(
            f"{path}: [context.{name}] names two Orchestrators: {what} and url",
            hint="Keep one of the two." if name != LOCAL else "Give the context that has the url another name.",
        )


def _default(path: Path, table: Mapping[str, Any]) -> str | None:
    found = table.get(DEFAULT)
    if found is not None and not isinstance(found, str):
        raise UsageError(f"{path}: {DEFAULT} is {found!r}", hint="It takes the name of a context.")
    return found


def _check_names(path: Path, names: Iterable[str], where: str = "", also: Iterable[str] = ()) -> None:
    known = [*(name for name in SETTINGS if name != "context"), *also]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(sorted(known))}."
            raise UsageError(f'{path}: {where}there is no setting "{name}"', hint=hint)
        if name in SETTINGS and SETTINGS[name].only_outside:
            variables = SETTINGS[name].variables
            variable = next((one for one in variables if one == f"UIPATH_{name.upper()}"), variables[0])
            hint = f"Put it into the environment as {variable}; this file is seen by others."
            raise UsageError(f"{path}: {where}{name} must not stand in a file", hint=hint)
