"""Where flowrun works and whom it talks to: flags, environment and configuration file become one frozen Settings.

A flag wins over an environment variable, that over the nearest `flowrun.toml` (or `[tool.flowrun]` of a
`pyproject.toml`) upward, that over the default. UiPath's own variables have UiPath's meaning. Credentials come from
the environment alone: a configuration file is in git, and a command line is seen by everybody on the machine.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flowrun.errors import UsageError

_FILES = ("flowrun.toml", "pyproject.toml")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)?")
_SECONDS = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_HIDDEN = "(set, not shown)"


@dataclass(frozen=True, slots=True)
class Connection:
    """An Orchestrator and who we are there: an access token, or the id and secret of an external application."""

    url: str
    folder: str | None = None
    token: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scope: str = ""
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one value came from, for a person to read. Secrets are not shown."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Times are seconds."""

    project: Path
    state_dir: Path
    connection: Connection | None = None
    catalog: Path | None = None
    quiescence: float = 90.0
    poll_interval: float = 1.0
    poll_interval_most: float = 15.0
    list_calls_per_minute: int = 20
    max_connections: int = 20
    request_timeout: float = 30.0
    patience: float = 60.0
    origins: tuple[Origin, ...] = field(default=(), repr=False, compare=False)

    @classmethod
    def load(cls, environ: Mapping[str, str], cwd: Path, **flags: object) -> Settings:
        """From these places. A flag that is None was not given. Raises UsageError, which names the place."""
        unknown = flags.keys() - SETTINGS.keys()
        if unknown:
            raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
        file = _configuration(cwd)
        found = {name: _look_up(option, flags.get(name), environ, file, cwd) for name, option in SETTINGS.items()}
        project = _Found(file.folder, str(file.folder), file.why)
        values = {name: one.value for name, one in found.items()}
        least, most = values["poll_interval"], values["poll_interval_most"]
        if least > most:
            hint = f"poll_interval is {least:g} s; give poll_interval_most at least that."
            raise UsageError(f"poll_interval_most ({most:g} s) is below poll_interval", hint=hint)
        return cls(
            project=file.folder,
            state_dir=values["state_dir"] or file.folder / ".flowrun",
            connection=_connection(found),
            origins=tuple(Origin(name, one.shown, one.source) for name, one in ({"project": project} | found).items()),
            **{name: values[name] for name in _PLAIN},
        )

    def explain(self) -> list[Origin]:
        """Every value and where it came from, in the order of the reference page."""
        return list(self.origins)


def _text(value: Any, _folder: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value.strip()


def _token(value: Any, folder: Path) -> str:
    text = _text(value, folder)
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("a token in one line, without spaces")
    return text


def _path(value: Any, folder: Path) -> Path:
    return folder / Path(value if isinstance(value, Path) else _text(value, folder)).expanduser()


def _seconds(value: Any, _folder: Path) -> float:
    match = _DURATION.fullmatch(str(value).strip())
    if isinstance(value, bool) or match is None:
        raise ValueError("a number of seconds, or a duration such as 90s or 2m")
    return float(match[1]) * _SECONDS[match[2]]


def _seconds_above_zero(value: Any, folder: Path) -> float:
    seconds = _seconds(value, folder)
    if seconds <= 0:
        raise ValueError("a number of seconds above 0")
    return seconds


def _count(value: Any, _folder: Path) -> int:
    if isinstance(value, bool) or not str(value).strip().isascii() or not str(value).strip().isdecimal():
        raise ValueError("a whole number above 0")
    if int(value) < 1:
        raise ValueError("a whole number above 0")
    return int(value)


def _url(value: Any, folder: Path) -> str:
    """Refuses what would send a token in clear text or to a place that is not a server."""
    text = _text(value, folder).rstrip("/")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("a URL such as https://cloud.uipath.com/organization/tenant")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a URL without user, query and fragment; credentials have variables of their own")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ValueError("a URL that starts with https://, since a token would travel in clear text")
    return text


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: what it is, where it may come from, how it is read and what it is otherwise."""

    help: str
    variables: tuple[str, ...]
    read: Callable[[Any, Path], Any] = _text
    default: Any = None
    default_shown: str = ""
    secret: bool = False


SETTINGS: dict[str, Option] = {
    "state_dir": Option(
        "Where the journal, plans and reports are kept.",
        ("FLOWRUN_STATE_DIR",),
        _path,
        default_shown="`.flowrun` in the project",
    ),
    "url": Option(
        "The Orchestrator: with organization and tenant for the cloud or a suite, the host alone for a standalone one.",
        ("UIPATH_URL",),
        _url,
        default_shown="none: the embedded Orchestrator",
    ),
    "folder": Option(
        "The folder of steps that name none: its path, key or id.",
        ("UIPATH_FOLDER_PATH", "UIPATH_FOLDER_KEY"),
    ),
    "access_token": Option(
        "A personal access token, or any other bearer token.",
        ("UNATTENDED_USER_ACCESS_TOKEN", "UIPATH_ACCESS_TOKEN"),
        _token,
        secret=True,
    ),
    "client_id": Option("The id of an external application.", ("UIPATH_CLIENT_ID",)),
    "client_secret": Option("The secret of an external application.", ("UIPATH_CLIENT_SECRET",), secret=True),
    "scope": Option(
        "The scopes asked for with client id and secret.",
        ("UIPATH_SCOPE",),
        default="OR.Jobs OR.Execution.Read OR.Folders.Read OR.Robots.Read",
    ),
    "ca_file": Option(
        "Certificates of an authority of your own, as PEM, instead of the well-known ones.",
        ("FLOWRUN_CA_FILE",),
        _path,
    ),
    "catalog": Option(
        "The catalog of the embedded Orchestrator.",
        ("FLOWRUN_CATALOG",),
        _path,
        default_shown="`emulator.yaml` beside the workflow",
    ),
    "quiescence": Option(
        "How long a start without an answer is looked up before it may be sent again.",
        ("FLOWRUN_QUIESCENCE",),
        _seconds,
        90.0,
    ),
    "poll_interval": Option(
        "The shortest time between two looks at a Job.",
        ("FLOWRUN_POLL_INTERVAL",),
        _seconds_above_zero,
        1.0,
    ),
    "poll_interval_most": Option(
        "The longest time between two looks, for Jobs that have run for long.",
        ("FLOWRUN_POLL_INTERVAL_MOST",),
        _seconds_above_zero,
        15.0,
    ),
    "list_calls_per_minute": Option(
        "How many lists of Jobs one process asks for. The cloud allows 100 to all programs of a tenant together.",
        ("FLOWRUN_LIST_CALLS_PER_MINUTE",),
        _count,
        20,
    ),
    "max_connections": Option(
        "Connections to the Orchestrator at one time.",
        ("FLOWRUN_MAX_CONNECTIONS",),
        _count,
        20,
    ),
    "request_timeout": Option(
        "The deadline of one request, from connecting to the last byte.",
        ("FLOWRUN_REQUEST_TIMEOUT",),
        _seconds_above_zero,
        30.0,
    ),
    "patience": Option(
        "How long a read is repeated before it counts as failed.",
        ("FLOWRUN_PATIENCE",),
        _seconds,
        60.0,
    ),
}
"""Every setting by the name that it has as a flag and in the configuration file."""

_PLAIN = (
    "catalog", "quiescence", "poll_interval", "poll_interval_most", "list_calls_per_minute", "max_connections",
    "request_timeout", "patience",
)  # fmt: skip
_ENVIRONMENT_ONLY = tuple(name for name, option in SETTINGS.items() if option.secret)


@dataclass(frozen=True, slots=True)
class _File:
    """What the configuration file says; `folder` is the project and `why` says what made it so."""

    folder: Path
    why: str
    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """One value, as a person may see it, and where it came from."""

    value: Any
    shown: str
    source: str


def _configuration(cwd: Path) -> _File:
    """The nearest file upward, not beyond the root of a git repository."""
    for folder in (cwd, *cwd.parents):
        for name in _FILES:
            values = _table(folder / name)
            if values is not None:
                return _File(folder, f"it holds {name}", folder / name, values)
        if (folder / ".git").exists():
            return _File(folder, "it is the root of a git repository")
    return _File(cwd, "it is the current folder")


def _table(path: Path) -> Mapping[str, Any] | None:
    """The settings in that file; None where it has none. UsageError for what is wrong with it."""
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
        if name in _ENVIRONMENT_ONLY:
            hint = f"Put it into the environment as {SETTINGS[name].variables[-1]}; this file is seen by others."
            raise UsageError(f"{path}: {name} must not stand in a file", hint=hint)
        if name not in SETTINGS:
            near = difflib.get_close_matches(name, SETTINGS, n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(sorted(SETTINGS))}."
            raise UsageError(f'{path}: there is no setting "{name}"', hint=hint)
    return document


def _look_up(option: Option, flag: object, environ: Mapping[str, str], file: _File, cwd: Path) -> _Found:
    """The value from the first place that has one. An empty variable counts as not set."""
    name = next(name for name, known in SETTINGS.items() if known is option)
    if flag is not None:
        return _read(option, flag, f"--{name.replace('_', '-')}", cwd)
    for variable in option.variables:
        if environ.get(variable):
            return _read(option, environ[variable], variable, cwd)
    if file.path is not None and name in file.values:
        return _read(option, file.values[name], f"{file.path}: {name}", file.folder)
    shown = option.default_shown or ("not set" if option.default is None else f"{option.default}")
    return _Found(option.default, shown, "default")


def _read(option: Option, raw: Any, source: str, folder: Path) -> _Found:
    try:
        value = option.read(raw, folder)
    except ValueError as error:
        shown = _HIDDEN if option.secret else repr(raw) if not isinstance(raw, Path) else str(raw)
        raise UsageError(f"{source} is {shown}", hint=f"It takes {error}.") from error
    return _Found(value, _HIDDEN if option.secret else f"{value}", source)


def _connection(found: Mapping[str, _Found]) -> Connection | None:
    """Whole or none: half a connection would end in somebody else's Orchestrator, or in the embedded one, unnoticed."""
    url, token, client_id, secret = (found[name] for name in ("url", "access_token", "client_id", "client_secret"))
    credentials = [one for one in (token, client_id, secret) if one.value is not None]
    if url.value is None and not credentials:
        return None
    if url.value is None:
        hint = "Set UIPATH_URL, such as https://cloud.uipath.com/organization/tenant, or unset the credentials."
        raise UsageError(f"{credentials[0].source} is set, but the URL of the Orchestrator is not", hint=hint)
    if token.value is None and (client_id.value is None or secret.value is None):
        lone = client_id if secret.value is None else secret
        half = f" beside {lone.source}" if lone.value is not None else ""
        hint = "Set UIPATH_ACCESS_TOKEN, or both UIPATH_CLIENT_ID and UIPATH_CLIENT_SECRET."
        raise UsageError(f"{url.source} is set, but the credentials{half} are missing", hint=hint)
    return Connection(
        url=url.value,
        folder=found["folder"].value,
        token=token.value,
        client_id=client_id.value if token.value is None else None,
        client_secret=secret.value if token.value is None else None,
        scope=found["scope"].value,
        ca_file=found["ca_file"].value,
    )
