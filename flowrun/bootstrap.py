"""The composition root: Settings become a client, a journal, an engine. The only file that names concrete ones."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun.errors import UsageError

if TYPE_CHECKING:
    from flowrun.core.plan import Json
    from flowrun.engines.protocol import Engine
    from flowrun.journal.protocol import Journal
    from flowrun.orchestrator.protocol import Orchestrator
    from flowrun.settings import Connection, Settings
    from flowrun.steps.protocol import StepKind

CATALOG = "emulator.yaml"
"""The catalog of the embedded Orchestrator, looked for beside the workflow's file."""


@dataclass(frozen=True, slots=True)
class Connected:
    """An Orchestrator that answers, the kinds of steps that use it, and the words by which a run remembers it."""

    orchestrator: Orchestrator
    kinds: Mapping[str, StepKind]
    origin: Mapping[str, Json]


def journal(settings: Settings) -> Journal:
    """The record of this project's runs. Raises JournalError."""
    from flowrun.journal.sqlite import SqliteJournal  # noqa: PLC0415 - what needs no record opens none

    return SqliteJournal(settings.state_dir)


def journal_build() -> str:
    """Which SQLite keeps the journal, and how."""
    from flowrun.journal.sqlite import build  # noqa: PLC0415 - as above

    return build()


@asynccontextmanager
async def connect(
    settings: Settings, file: Path | None, origin: Mapping[str, Json] | None = None
) -> AsyncIterator[Connected]:
    """The configured Orchestrator, or the embedded one with the catalog beside `file`.

    `origin` is what a run that goes on remembers: it is refused where another Orchestrator is configured now, for its
    Jobs are not there. Raises UsageError, SpecError for a bad catalog, OrchestratorError.
    """
    from flowrun.engines.clock import SystemClock  # noqa: PLC0415 - validate must load none of this
    from flowrun.orchestrator.client import OrchestratorClient  # noqa: PLC0415
    from flowrun.steps.build import build_kinds  # noqa: PLC0415
    from flowrun.steps.policy import Policy  # noqa: PLC0415

    clock = SystemClock()
    connection, remembered, policy = settings.connection, {}, Policy(quiescence=settings.quiescence)
    if connection is None:
        catalog = _catalog(settings, file, origin)
        connection = await _embedded(catalog, settings)
        remembered = {"emulator": str(catalog)}
        policy = Policy.local()
    else:
        remembered = {"url": connection.url}
    if origin is not None and remembered != origin:
        raise UsageError(
            f"this run belongs to {_named(origin)}, and {_named(remembered)} is configured now",
            hint="its Jobs are there: set the connection back to it, then resume",
        )
    async with (
        OrchestratorClient(connection, clock=clock, dice=random.random) as client,
        build_kinds(client, clock, policy) as kinds,
    ):
        yield Connected(client, kinds, remembered)


def engine(records: Journal, connected: Connected) -> Engine:
    """The engine of this machine."""
    from flowrun.engines.clock import SystemClock  # noqa: PLC0415 - listing runs must load none of this
    from flowrun.engines.embedded.engine import EmbeddedEngine, Surroundings  # noqa: PLC0415
    from flowrun.templating.evaluator import Templates  # noqa: PLC0415

    owner = f"pid {os.getpid()} on {socket.gethostname()}"
    return EmbeddedEngine(Surroundings(records, connected.kinds, Templates(), SystemClock(), random.random, owner))


def _named(origin: Mapping[str, Json]) -> str:
    return f"the embedded Orchestrator of {origin['emulator']}" if "emulator" in origin else str(origin.get("url"))


def _catalog(settings: Settings, file: Path | None, origin: Mapping[str, Json] | None) -> Path:
    if origin is not None and "emulator" in origin:
        return Path(origin["emulator"])
    catalog = settings.catalog or (file.resolve().parent / CATALOG if file else None)
    if catalog is None or not catalog.is_file():
        where = catalog or CATALOG
        raise UsageError(
            f"no Orchestrator is configured, and there is no catalog for the embedded one at {where}",
            hint="set UIPATH_URL and UIPATH_ACCESS_TOKEN, or write an emulator.yaml beside the workflow",
        )
    return catalog.resolve()


async def _embedded(catalog: Path, settings: Settings) -> Connection:
    from flowrun.emulator.daemon import ensure  # noqa: PLC0415 - only where no Orchestrator is configured
    from flowrun.settings import Connection  # noqa: PLC0415

    endpoint = await ensure(catalog, settings.state_dir)
    return Connection(url=endpoint.url, token=endpoint.token, folder=endpoint.folder)
