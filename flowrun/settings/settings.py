"""Settings: what every place says, made into one value.

A flag wins over an environment variable, that over the `.env` of the project, that over an environment of the
workflow, that over the context, that over the nearest `flowrun.toml` (or `[tool.flowrun]` of a `pyproject.toml`)
upward, that over the user's own file, that over the default. UiPath's own variables have UiPath's meaning. Credentials
never stand in the configuration file, which is in git, nor on a command line, which everybody on the machine sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from flowrun.errors import UsageError
from flowrun.settings.configuration import File, configuration
from flowrun.settings.connection import Connection, connection_of
from flowrun.settings.contexts import Context, choose, placed, settled, unnamed
from flowrun.settings.options import SETTINGS
from flowrun.settings.places import Found, Overlay, Variables, look_up, of_overlay, read, variables
from flowrun.settings.temporal import Temporal, shown, temporal_of, theirs
from flowrun.settings.vault import Vault
from flowrun.settings.ways import Way, typed_alone, ways_of

_PLAIN = (
    "catalog", "quiescence", "poll_interval", "poll_interval_most", "list_calls_per_minute", "max_connections",
    "request_timeout", "patience",
)  # fmt: skip
_CHOOSING = ("env", "env_file")
_OF_CONTEXT = 2
"""The rank of what a context says."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one value came from, for a person to read. Secrets are not shown."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The environment that somebody chose: by its name, or by its file; `context`: that whose table chose it."""

    name: str | None = None
    file: Path | None = None
    source: str = ""
    context: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Times are seconds. `temporal`: the server that keeps and drives runs; None: this machine does.

    `beaten`: what an overlay says and another place says otherwise, with that place. `again` reads all places anew,
    with this overlay.
    """

    project: Path
    state_dir: Path
    context: Context = field(default_factory=Context)
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
    temporal: Temporal | None = None
    origins: tuple[Origin, ...] = field(default=(), repr=False, compare=False)
    beaten: tuple[Origin, ...] = field(default=(), repr=False, compare=False)
    secrets: Vault = field(default_factory=Vault, repr=False, compare=False)
    ways: Callable[[], tuple[Way, ...]] = field(default=tuple, repr=False, compare=False)
    again: Callable[..., Settings] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def load(
        cls,
        environ: Mapping[str, str],
        cwd: Path,
        *,
        overlay: Overlay | None = None,
        connected: bool = True,
        typed: Mapping[str, str] | None = None,
        **flags: Any,
    ) -> Settings:
        """From these places. A flag that is None was not given. Raises UsageError, which names the place.

        Without `connected` the connection is left out, and whether it is whole is not asked. `typed`: credentials to
        sign in with, instead of all that these places have.
        """
        unknown = flags.keys() - SETTINGS.keys()
        if unknown:
            raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
        places = _Places.at(environ, cwd, flags, overlay)
        file, known = places.file, places.known
        found, context = places.found(connected=connected)
        ways = partial(ways_of, found, known, file.folder)
        if typed is not None:
            said = {name: read(SETTINGS[name], text, "what was typed", cwd) for name, text in typed.items()}
            found = typed_alone(found, said)
        found = {**found, "context": Found(context.name, context.shown, context.source)}
        project = Found(file.folder, str(file.folder), file.why)
        values = {name: one.value for name, one in found.items()}
        _check_pace(values["poll_interval"], values["poll_interval_most"])
        state_dir = values["state_dir"] or file.folder / ".flowrun"
        temporal = temporal_of(found, context.name, state_dir)
        told = {"project": project, **shown(found, temporal)}
        wanted = connected and not (context.chosen and context.emulator)
        connection = connection_of(found, known, file.folder) if wanted else None
        if connection is not None:
            again = partial(cls.load, environ, cwd, overlay=overlay, typed=typed, **flags)
            connection = replace(connection, reload=lambda: again().connection)
        return cls(
            project=file.folder,
            state_dir=state_dir,
            context=context,
            connection=connection,
            folder=values["folder"],
            temporal=temporal,
            origins=tuple(Origin(name, one.shown, one.source) for name, one in told.items()),
            beaten=tuple(_beaten(found, overlay)) if overlay is not None else (),
            secrets=Vault(known, found["secrets_file"], found["keyring"]),
            ways=ways,
            again=lambda other, **more: cls.load(environ, cwd, overlay=other, **{**flags, **more}),
            **{name: values[name] for name in _PLAIN},
        )

    @staticmethod
    def choice(environ: Mapping[str, str], cwd: Path, **flags: Any) -> Choice:
        """Which environment a flag (`env`, `env_file`) chooses, else a variable, else the file. Raises UsageError."""
        places = _Places.at(environ, cwd, flags, None)
        found = {name: places.look_up(name) for name in _CHOOSING}
        ranks = {name: places.rank(name) for name in _CHOOSING if found[name].value is not None}
        first = [name for name, rank in ranks.items() if rank == min(ranks.values())]
        if not first:
            return Choice()
        if len(first) > 1:
            both = " and ".join(found[name].source for name in first)
            raise UsageError(f"{both} both choose an environment", hint="Keep one of the two.")
        chosen = {name: found[name].value for name in first}
        within = places.context.name if places.context and ranks[first[0]] == _OF_CONTEXT else None
        return Choice(chosen.get("env"), chosen.get("env_file"), found[first[0]].source, within)

    def within(self, overlay: Overlay | None, *, connected: bool = True, **more: Any) -> Settings:
        """The settings with this overlay, and with a connection that is whole or none. Raises UsageError.

        `more`: `typed`, and further flags.
        """
        return self if self.again is None else self.again(overlay, connected=connected, **more)

    def explain(self) -> list[Origin]:
        """Every value and where it came from, in the order of the reference page."""
        return list(self.origins)


@dataclass(frozen=True, slots=True)
class _Places:
    """All that settings come from, and the context that was chosen among them."""

    cwd: Path
    flags: Mapping[str, object]
    known: Variables
    file: File
    overlay: Overlay | None
    context: Context | None

    @classmethod
    def at(cls, environ: Mapping[str, str], cwd: Path, flags: Mapping[str, object], overlay: Overlay | None) -> _Places:
        """As seen from this folder. Raises UsageError."""
        file = configuration(environ, cwd)
        known = variables(environ, file.folder)
        context = choose(flags.get("context"), known, file, cwd, overlay)
        return cls(cwd, flags, known, file, overlay, context)

    def found(self, *, connected: bool) -> tuple[Mapping[str, Found], Context]:
        """All values, and the context that they hold in. Raises UsageError for two places that contradict each other.

        Without `connected` nobody is asked whether the Orchestrator is one.
        """
        found: Mapping[str, Found] = {name: self.look_up(name) for name in SETTINGS}
        context = self.context or unnamed(found["url"], self.overlay)
        if context.chosen:
            found = placed(context, found, self.outer, self.overlay)
        if context.chosen and connected:
            found = settled(context, found, self.outer, self.overlay)
        return {**found, **theirs(found, self.known, self.cwd)}, context

    def look_up(self, name: str) -> Found:
        """The value from the first place that has one."""
        around = () if self.overlay is None else (self.overlay,)
        layers = (*around, *self.file.layers(self.context.name if self.context else None))
        return look_up(name, self.flags.get(name), self.known, self.cwd, layers)

    def outer(self, name: str) -> Found:
        """The value that a flag, a variable or the environment of a workflow has, which go before a context."""
        return look_up(
            name, self.flags.get(name), self.known, self.cwd, () if self.overlay is None else (self.overlay,)
        )

    def rank(self, name: str) -> int:
        """How far from the person it was said: by a flag, a variable, a context, the project, the user's own file."""
        if self.flags.get(name) is not None:
            return 0
        if any(self.known.get(variable) for variable in SETTINGS[name].variables):
            return 1
        layers = self.file.layers(self.context.name if self.context else None)
        return _OF_CONTEXT + next((number for number, layer in enumerate(layers) if name in layer.values), len(layers))


def _check_pace(least: float, most: float) -> None:
    if least > most:
        hint = f"poll_interval is {least:g} s; give poll_interval_most at least that."
        raise UsageError(f"poll_interval_most ({most:g} s) is below poll_interval", hint=hint)


def _beaten(found: Mapping[str, Found], overlay: Overlay) -> Iterator[Origin]:
    for name in overlay.values:
        lost = of_overlay(name, overlay)
        if lost.value != found[name].value:
            yield Origin(name, lost.shown, f"{found[name].source} says {found[name].shown}")
