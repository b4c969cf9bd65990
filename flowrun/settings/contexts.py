"""Contexts: which one holds, who said so, and that nothing else names another Orchestrator.

The strongest of these chooses: the flag, `FLOWRUN_CONTEXT`, the environment of the workflow, `flowrun context use`,
`default_context` of the file. Where none does there is no table, and the name says what the settings come to: `local`
on the embedded Orchestrator, else the name of the environment that names the Orchestrator, else `default`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flowrun.errors import UsageError
from flowrun.nearest import nearest
from flowrun.settings.configuration import DEFAULT, LOCAL, File, configuration
from flowrun.settings.picks import PICKED, pick, picked
from flowrun.settings.places import Found, Overlay, Variables, look_up, of_overlay, variables

NAMELESS = "default"
"""The context of a connection that no context and no environment names."""

_WHO = ("url", "organization", "tenant")
_WHERE = ("temporal", "temporal_namespace", "temporal_task_queue")
_EMULATOR = "none: the embedded Orchestrator"
_FLAG, _VARIABLE, _ENVIRONMENT, _PICK, _FILE, _NONE = range(6)


@dataclass(frozen=True, slots=True)
class Context:
    """Where a run goes, by one name. `protect`: only a saved plan or an express yes starts anything there.

    `source` is who chose it, for a person; `chosen` whether anybody did; `layer` what it says of settings.
    """

    name: str = LOCAL
    protect: bool = False
    emulator: bool = True
    source: str = field(default="default", compare=False)
    rank: int = field(default=_NONE, repr=False, compare=False)
    layer: Overlay | None = field(default=None, repr=False, compare=False)

    @property
    def chosen(self) -> bool:
        """Whether somebody chose it; otherwise it is only what the settings come to."""
        return self.rank != _NONE

    @property
    def url(self) -> str | None:
        """The Orchestrator that the context itself names."""
        return None if self.layer is None or "url" not in self.layer.values else of_overlay("url", self.layer).value

    @property
    def shown(self) -> str:
        """In words."""
        return f"{self.name}{', the embedded Orchestrator' if self.emulator else ''}{', protected' * self.protect}"


def choose(flag: object, known: Variables, file: File, cwd: Path, overlay: Overlay | None) -> Context | None:
    """The context that somebody chose; None where nobody did. Raises UsageError where there is no such context.

    An environment that names another than a flag or a variable is an error: one of them is a mistake.
    """
    said = _said(flag, known, file, cwd, overlay)
    if not said:
        return None
    rank = min(said)
    first = said[rank]
    second = said.get(_ENVIRONMENT, first)
    if second.value != first.value and rank < _ENVIRONMENT:
        raise UsageError(
            f"{first.source} chooses the context {first.value}, and {second.source} chooses {second.value}",
            hint="Keep one of the two.",
        )
    return context_of(first.value, file, first.source, rank)


def context_of(name: str, file: File, source: str, rank: int = _NONE) -> Context:
    """The context of this name. Raises UsageError where there is none."""
    if name not in file.names:
        where = f" in {file.path}" if file.path is not None else ": there is no flowrun.toml"
        near = nearest(name, file.names)
        hint = f'Did you mean "{near}"?' if near else f"There are: {', '.join(file.names)}."
        hint += " Or flowrun context use another." if rank == _PICK else ""
        raise UsageError(f"there is no context {name}{where} ({source})", hint=hint)
    table = file.contexts.get(name, {})
    emulator = table.get("emulator", name == LOCAL)
    layer = next(iter(file.layers(name)), None) if file.path is not None else None
    return Context(name, table.get("protect", False), emulator, source, rank, layer)


@dataclass(frozen=True, slots=True)
class Contexts:
    """Those of a project, `local` first, and which of them is chosen; None where none is.

    `chosen` may be one that there is not: `fault` says so then.
    """

    file: File
    contexts: tuple[Context, ...]
    chosen: Found | None = None
    fault: UsageError | None = None


def contexts_of(environ: Mapping[str, str], cwd: Path, flag: str | None = None) -> Contexts:
    """All contexts of the project of this folder. Raises UsageError for what is wrong with its files."""
    file = configuration(environ, cwd)
    said = _said(flag, variables(environ, file.folder), file, cwd, None)
    made = tuple(context_of(name, file, str(file.path or "built in")) for name in file.names)
    if not said:
        return Contexts(file, made)
    rank = min(said)
    try:
        context_of(said[rank].value, file, said[rank].source, rank)
    except UsageError as error:
        return Contexts(file, made, said[rank], error)
    return Contexts(file, made, said[rank])


@dataclass(frozen=True, slots=True)
class Used:
    """A choice that was written to `path`. `holds`: nothing that goes before it chooses otherwise."""

    path: Path
    found: Contexts
    holds: bool


def use_context(environ: Mapping[str, str], cwd: Path, name: str | None) -> Used:
    """Choose a context for the project of this folder, or none. Raises UsageError where there is no such context."""
    file = configuration(environ, cwd)
    if name is not None:
        context_of(name, file, PICKED)
    path = pick(environ, file.folder, name)
    found = contexts_of(environ, cwd)
    return Used(path, found, found.chosen is not None and found.chosen.source == PICKED)


def unnamed(url: Found, overlay: Overlay | None) -> Context:
    """What the settings come to where nobody chose a context."""
    if url.value is None:
        return Context()
    own = overlay is not None and "url" in overlay.values and url.place == str(overlay.path)
    return Context(overlay.path.stem if overlay is not None and own else NAMELESS, emulator=False)


def settled(
    context: Context, found: Mapping[str, Found], outer: Callable[[str], Found], overlay: Overlay | None
) -> Mapping[str, Found]:
    """The settings that hold with a chosen context: never half of one Orchestrator and half of another.

    `outer` gives what a flag, a variable or an environment says. Raises UsageError where that is another Orchestrator
    than the context's, but for a context that was typed just now, which goes before variables; and where a context
    would end on the embedded Orchestrator without saying so.
    """
    held = _kept(context, _who(context), found, outer, overlay)
    if held["url"].value is None and not context.emulator:
        raise UsageError(
            f"the context {context.name} ({context.source}) names no url, and nothing else does",
            hint=f"Write url into [context.{context.name}], or emulator = true if the embedded one is meant.",
        )
    return held


def placed(
    context: Context, found: Mapping[str, Found], outer: Callable[[str], Found], overlay: Overlay | None
) -> Mapping[str, Found]:
    """The same for the place where the runs of a chosen context are kept: the server of Temporal that it names."""
    return _kept(context, _said_of(context, _WHERE), found, outer, overlay)


def _kept(
    context: Context,
    said: Mapping[str, Found],
    found: Mapping[str, Found],
    outer: Callable[[str], Found],
    overlay: Overlay | None,
) -> Mapping[str, Found]:
    """What the context says, where nothing that may contradict it does."""
    held = dict(found)
    for name, ours in said.items():
        other = outer(name)
        typed = other.source.startswith("--")
        around = overlay is not None and other.place == str(overlay.path)
        if other.source != "default" and other.value != ours.value and (typed or around or context.rank != _FLAG):
            raise UsageError(
                f"{other.source} is {other.value}, and the context {context.name} ({context.source}) has "
                f"{ours.value or 'the embedded Orchestrator'}",
                hint="Keep one of the two: choose another context, or leave the other out.",
            )
        held[name] = ours
    return held


def _who(context: Context) -> Mapping[str, Found]:
    """What the context itself says of who the Orchestrator is."""
    found = _said_of(context, _WHO)
    return {**found, "url": Found(None, _EMULATOR, f"the context {context.name}")} if context.emulator else found


def _said_of(context: Context, names: Iterable[str]) -> Mapping[str, Found]:
    layer = context.layer
    return {name: of_overlay(name, layer) for name in names if layer is not None and name in layer.values}


def _said(flag: object, known: Variables, file: File, cwd: Path, overlay: Overlay | None) -> dict[int, Found]:
    """Who chooses a context, by rank."""
    said = {}
    typed = look_up("context", flag, known, cwd)
    if typed.source != "default":
        said[_FLAG if flag is not None else _VARIABLE] = typed
    if overlay is not None and "context" in overlay.values:
        said[_ENVIRONMENT] = of_overlay("context", overlay)
    if name := picked(known.environ, file.folder):
        said[_PICK] = Found(name, name, PICKED)
    if file.default_context is not None:
        said[_FILE] = Found(file.default_context, file.default_context, f"{file.path}: {DEFAULT}")
    return said
