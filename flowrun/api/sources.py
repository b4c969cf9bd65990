"""Where the values of a plan come from: which line of which file, which flag, which variable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun.planner.source import Source

if TYPE_CHECKING:
    from flowrun.core.plan import Json
    from flowrun.settings import Settings
    from flowrun.spec.document import Document
    from flowrun.spec.environment import Environment

_OF_ORCHESTRATOR = ("context", "url", "organization", "tenant", "folder")


def sources(
    file: Path,
    document: Document,
    environment: Environment | None,
    values: Mapping[str, Json],
    given: Mapping[str, str],
) -> Iterator[Source]:
    """What came from where, of all that can come from more than one place.

    `values` are the inputs; `given` says for those that somebody gave where they did.
    """
    model = environment.model if environment is not None else None
    if environment is not None and model is not None:
        for name, value in model.vars.items():
            yield Source(f"env.{name}", value, f"{environment.file}:{environment.line(('vars', name))}")
    for name, value in values.items():
        yield Source(f"inputs.{name}", value, given.get(name) or _default(file, document, environment, name))
    yield from _pools(file, document, environment)
    written = document.at(("defaults",))
    for name in written if isinstance(written, Mapping) else ():
        if model is None or name not in model.defaults.model_fields_set:
            place = document.position(("defaults", name), key=True)
            yield Source(f"defaults.{name}", written[name], f"{_near(file)}:{place.line}")
    if environment is not None and model is not None:
        for name in sorted(model.defaults.model_fields_set):
            path = ("defaults", name)
            yield Source(
                f"defaults.{name}", environment.document.at(path), f"{environment.file}:{environment.line(path)}"
            )


def _pools(file: Path, document: Document, environment: Environment | None) -> Iterator[Source]:
    around = environment.model.pools if environment is not None and environment.model is not None else {}
    for name, count in (document.at(("pools",)) or {}).items():
        if environment is not None and name in around:
            line = environment.line(("pools", name))
            yield Source(f"pools.{name}", around[name], f"{environment.file}:{line}")
        else:
            line = document.position(("pools", name), key=True).line
            yield Source(f"pools.{name}", count, f"{_near(file)}:{line}")


def of_orchestrator(settings: Settings) -> Iterator[Source]:
    """Where the Orchestrator was found, as the settings have it."""
    for origin in settings.explain():
        if origin.name in _OF_ORCHESTRATOR and origin.source != "default":
            yield Source(f"orchestrator.{origin.name}", origin.value, origin.source)


def _default(file: Path, document: Document, environment: Environment | None, name: str) -> str:
    model = environment.model if environment is not None else None
    if environment is not None and model is not None and name in model.inputs:
        return f"{environment.file}:{environment.line(('inputs', name))}"
    written = document.at(("inputs", name))
    if isinstance(written, Mapping) and "default" in written:
        return f"{_near(file)}:{document.position(('inputs', name, 'default'), key=True).line}"
    return "not given"


def _near(file: Path) -> Path:
    """As a person would name it from here."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
