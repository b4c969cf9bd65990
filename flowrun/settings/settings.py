"""Settings: what every place says, made into one value.

A flag wins over an environment variable, that over the `.env` of the project, that over the nearest `flowrun.toml` (or
`[tool.flowrun]` of a `pyproject.toml`) upward, that over the default. UiPath's own variables have UiPath's meaning.
Credentials never stand in the configuration file, which is in git, nor on a command line, which everybody on the
machine sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from flowrun.errors import UsageError
from flowrun.settings.connection import Connection, connection_of
from flowrun.settings.options import SETTINGS
from flowrun.settings.places import File, Found, Variables, configuration, look_up, variables

_PLAIN = (
    "catalog", "quiescence", "poll_interval", "poll_interval_most", "list_calls_per_minute", "max_connections",
    "request_timeout", "patience",
)  # fmt: skip


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
    folder: str | None = None
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
        file, known, found = _places(environ, cwd, flags)
        project = Found(file.folder, str(file.folder), file.why)
        values = {name: one.value for name, one in found.items()}
        least, most = values["poll_interval"], values["poll_interval_most"]
        if least > most:
            hint = f"poll_interval is {least:g} s; give poll_interval_most at least that."
            raise UsageError(f"poll_interval_most ({most:g} s) is below poll_interval", hint=hint)
        connection = connection_of(found, known, file.folder)
        if connection is not None:
            connection = replace(connection, reload=lambda: cls.load(environ, cwd, **flags).connection)
        return cls(
            project=file.folder,
            state_dir=values["state_dir"] or file.folder / ".flowrun",
            connection=connection,
            folder=values["folder"],
            origins=tuple(Origin(name, one.shown, one.source) for name, one in ({"project": project} | found).items()),
            **{name: values[name] for name in _PLAIN},
        )

    def explain(self) -> list[Origin]:
        """Every value and where it came from, in the order of the reference page."""
        return list(self.origins)


def _places(
    environ: Mapping[str, str], cwd: Path, flags: Mapping[str, object]
) -> tuple[File, Variables, dict[str, Found]]:
    file = configuration(cwd)
    known = variables(environ, file.folder)
    return file, known, {name: look_up(name, flags.get(name), known, file, cwd) for name in SETTINGS}
