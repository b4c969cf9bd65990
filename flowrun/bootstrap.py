"""The composition root: Settings become a client, a journal, an engine. The only file that names concrete ones."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowrun.errors import UsageError

if TYPE_CHECKING:
    from flowrun.core.plan import Json
    from flowrun.engines.protocol import Engine
    from flowrun.engines.temporal.examination import Looked
    from flowrun.engines.temporal.replay import Replayed
    from flowrun.journal.protocol import Records
    from flowrun.orchestrator.inspection import Inspection
    from flowrun.orchestrator.protocol import JobCalls
    from flowrun.orchestrator.transport import Limits
    from flowrun.settings import Connection, Settings, Temporal
    from flowrun.steps.policy import Policy
    from flowrun.steps.protocol import StepKind
    from flowrun.steps.secrets import Secrets

CATALOG = "emulator.yaml"
"""The catalog of the embedded Orchestrator, looked for beside the workflow's file."""

_TUNED = {
    "quiescence": "quiescence",
    "poll_interval": "fastest",
    "poll_interval_most": "slowest",
    "list_calls_per_minute": "lists_per_minute",
}
"""Settings, and the numbers of `steps.policy.Policy` that they are. On this machine only where somebody set them."""

_EXTRA = ("temporalio", "cryptography")
"""What the extra `temporal` brings."""


@dataclass(frozen=True, slots=True)
class Connected:
    """An Orchestrator that answers, the kinds of steps that use it, and the words by which a run remembers it."""

    orchestrator: JobCalls
    kinds: Mapping[str, StepKind]
    origin: Mapping[str, Json]
    inspection: Inspection


def journal(settings: Settings) -> Records:
    """The record of this project's runs, or of those in a namespace of Temporal. Raises JournalError, UsageError.

    What is asked of the latter raises TemporalError.
    """
    if settings.temporal is not None:
        return _kept_elsewhere(settings.temporal)
    from flowrun.journal.sqlite import SqliteJournal  # noqa: PLC0415 - what needs no record opens none

    return SqliteJournal(settings.state_dir)


def _kept_elsewhere(temporal: Temporal) -> Records:
    from flowrun.engines.clock import SystemClock  # noqa: PLC0415 - listing runs on this machine loads none of this

    with extra():
        from flowrun.engines.temporal.connect import connect as let_in  # noqa: PLC0415 - an extra
        from flowrun.engines.temporal.journal import TemporalRecords  # noqa: PLC0415 - the same
    return TemporalRecords(lambda: let_in(temporal), temporal.task_queue, SystemClock())


def journal_build() -> str:
    """Which SQLite keeps the journal, and how."""
    from flowrun.journal.sqlite import build  # noqa: PLC0415 - as above

    return build()


@asynccontextmanager
async def connect(
    settings: Settings, file: Path | None, origin: Mapping[str, Json] | None = None, *, secrets: Secrets | None = None
) -> AsyncIterator[Connected]:
    """The configured Orchestrator, or the embedded one with the catalog beside `file`.

    `secrets`: those that steps may send, where they are not the opened ones of the settings.

    `origin` is what a run that goes on remembers: it is refused where another Orchestrator is configured now, for its
    Jobs are not there. Raises UsageError, SpecError for a bad catalog, OrchestratorError.
    """
    from flowrun.engines.clock import SystemClock  # noqa: PLC0415 - validate must load none of this
    from flowrun.orchestrator.address import named  # noqa: PLC0415
    from flowrun.orchestrator.client import OrchestratorClient  # noqa: PLC0415
    from flowrun.steps.build import build_kinds  # noqa: PLC0415

    clock = SystemClock()
    async with _reached(settings, file, origin) as (connection, remembered):
        if origin is not None and remembered != origin:
            raise UsageError(
                f"this run belongs to {named(origin)}, and {named(remembered)} is configured now",
                hint="its Jobs are there: set the connection back to it, then resume",
            )
        client = OrchestratorClient(connection, clock=clock, dice=random.random, limits=_limits(settings))
        async with (
            client,
            build_kinds(
                client, clock, _policy(settings, connection), settings.secrets if secrets is None else secrets
            ) as kinds,
        ):
            yield Connected(client, kinds, remembered, client.inspection)


@asynccontextmanager
async def _reached(
    settings: Settings, file: Path | None, origin: Mapping[str, Json] | None
) -> AsyncIterator[tuple[Connection, Mapping[str, Json]]]:
    if settings.connection is not None:
        yield settings.connection, {"url": settings.connection.url}
        return
    from flowrun.emulator.daemon import ensure  # noqa: PLC0415 - only where no Orchestrator is configured
    from flowrun.settings import Connection  # noqa: PLC0415 - the same

    catalog = _catalog(settings, file, origin)
    endpoint = await asyncio.to_thread(ensure, catalog, settings.state_dir)
    with closing(endpoint):
        connection = Connection(url=endpoint.url, folder=settings.folder or endpoint.folder, token=endpoint.token)
        yield connection, {"emulator": str(catalog)}


def _policy(settings: Settings, connection: Connection) -> Policy:
    """The numbers of the start, watch and stop protocols: for this machine or for a tenant, then as configured."""
    from flowrun.orchestrator.address import is_loopback  # noqa: PLC0415 - validate must load none of this
    from flowrun.steps.policy import Policy  # noqa: PLC0415

    local = is_loopback(urlsplit(connection.url).hostname)
    configured = {origin.name for origin in settings.origins if origin.source != "default"}
    numbers = {number: getattr(settings, name) for name, number in _TUNED.items() if name in configured or not local}
    return replace(Policy.local() if local else Policy(), sign_in_patience=settings.patience, **numbers)


def _limits(settings: Settings) -> Limits:
    from flowrun.orchestrator.transport import Limits  # noqa: PLC0415 - validate must load none of this

    return Limits(
        request_timeout=settings.request_timeout,
        patience=settings.patience,
        max_connections=settings.max_connections,
    )


def engine(records: Records, connected: Connected) -> Engine:
    """The engine that keeps its runs there. On Temporal workers do what needs the Orchestrator."""
    from flowrun.engines.clock import SystemClock  # noqa: PLC0415 - listing runs must load none of this
    from flowrun.engines.embedded.engine import EmbeddedEngine, Surroundings  # noqa: PLC0415
    from flowrun.journal.sqlite import SqliteJournal  # noqa: PLC0415
    from flowrun.templating.evaluator import Templates  # noqa: PLC0415

    if not isinstance(records, SqliteJournal):
        return follower(records)
    owner = f"pid {os.getpid()} on {socket.gethostname()}"
    return EmbeddedEngine(Surroundings(records, connected.kinds, Templates(), SystemClock(), random.random, owner))


@contextmanager
def extra() -> Iterator[None]:
    """Around what imports Temporal's library: where it is not installed, a UsageError says how it comes."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        hint = "pip install 'flowrun-rpa[temporal]', or leave the setting `temporal` (FLOWRUN_TEMPORAL) out."
        raise UsageError("runs are to be kept by Temporal, and its library is not installed", hint=hint) from None


async def examine(temporal: Temporal) -> list[Looked]:
    """What there is of Temporal. What is not well there is in the list; raises UsageError without its library."""
    with extra():
        from flowrun.engines.temporal.examination import examine as look  # noqa: PLC0415 - an extra
    return await look(temporal)


def follower(records: Records) -> Engine:
    """The engine of runs that workers drive: it begins and follows them, and speaks to no Orchestrator."""
    from flowrun.engines.clock import SystemClock  # noqa: PLC0415 - as above
    from flowrun.engines.temporal.engine import TemporalEngine  # noqa: PLC0415 - an extra
    from flowrun.engines.temporal.journal import TemporalRecords  # noqa: PLC0415 - the same

    assert isinstance(records, TemporalRecords)  # noqa: S101 - what `journal` has given
    return TemporalEngine(records, SystemClock())


@dataclass(frozen=True, slots=True)
class Served:
    """What a worker serves: a task queue of a server, with an Orchestrator, named in words."""

    temporal: Temporal
    orchestrator: str


@asynccontextmanager
async def worker(settings: Settings, metrics: str | None = None) -> AsyncIterator[Served]:
    """Serve the task queue of the context until the context ends, and what has been begun then.

    `metrics`: host and port at which Prometheus finds them. Raises UsageError, TemporalError, OrchestratorError, and
    what `connect` raises.
    """
    temporal = _kept_by(settings)
    with extra():
        from flowrun.engines.temporal.activities import Place  # noqa: PLC0415 - an extra
        from flowrun.engines.temporal.connect import connect as let_in  # noqa: PLC0415 - the same
        from flowrun.engines.temporal.runtime import Kind  # noqa: PLC0415 - the same
        from flowrun.engines.temporal.worker import working  # noqa: PLC0415 - the same
    from flowrun.orchestrator.address import named  # noqa: PLC0415 - validate must load none of this
    from flowrun.settings import Demanded  # noqa: PLC0415 - whoever has settings has loaded it

    client = await let_in(temporal, kind=Kind.WORKER, metrics=metrics)
    async with connect(settings, Path.cwd() / CATALOG, secrets=Demanded(settings.secrets)) as connected:
        place = Place(connected.kinds, dict(connected.origin), settings.request_timeout)
        async with working(client, temporal.task_queue, place):
            yield Served(temporal, named(connected.origin))


async def replay(settings: Settings) -> AsyncIterator[Replayed]:
    """The runs that are under way on the task queue of the context, and what would keep each from going on here.

    Raises UsageError, TemporalError.
    """
    temporal = _kept_by(settings)
    with extra():
        from flowrun.engines.temporal.connect import connect as let_in  # noqa: PLC0415 - an extra
        from flowrun.engines.temporal.replay import replay as done_over  # noqa: PLC0415 - the same
    async for replayed in done_over(await let_in(temporal), temporal.task_queue):
        yield replayed


def _kept_by(settings: Settings) -> Temporal:
    if settings.temporal is None:
        hint = "Set temporal in flowrun.toml, or FLOWRUN_TEMPORAL, to host and port, such as 127.0.0.1:7233."
        raise UsageError("a worker serves a server of Temporal, and none is configured", hint=hint)
    return settings.temporal


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
