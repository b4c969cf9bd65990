"""What surrounds the runs: whether everything is where it should be, and an Orchestrator of one's own."""

from __future__ import annotations

import platform
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.errors import FlowrunError
from flowrun.version import VERSION

if TYPE_CHECKING:
    from flowrun.emulator.server import Emulator
    from flowrun.settings import Settings


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing looked at: what it is, whether it is well, and what to do if it is not."""

    name: str
    ok: bool
    text: str
    hint: str | None = None


async def doctor(settings: Settings, catalog: Path | None = None) -> list[Diagnosis]:
    """Look at everything a run needs, and start nothing of anybody's. Never raises for what it finds.

    `catalog`: whose embedded Orchestrator to look at where none is configured.
    """
    lines = [Diagnosis("version", ok=True, text=f"flowrun {VERSION}, Python {platform.python_version()}")]
    lines += [
        Diagnosis(origin.name, ok=True, text=f"{origin.value} (from {origin.source})") for origin in settings.explain()
    ]
    lines.append(_journal(settings))
    lines += await _orchestrator(settings, catalog)
    return lines


def _journal(settings: Settings) -> Diagnosis:
    try:
        with closing(bootstrap.journal(settings)) as journal:
            count = len(journal.runs(1000))
    except FlowrunError as error:
        return Diagnosis("journal", ok=False, text=error.message, hint=error.hint)
    runs = "1 run" if count == 1 else f"{count} runs"
    return Diagnosis("journal", ok=True, text=f"{settings.state_dir}: {runs}; {bootstrap.journal_build()}")


async def _orchestrator(settings: Settings, catalog: Path | None) -> list[Diagnosis]:
    near = catalog or Path.cwd() / "anything"
    try:
        async with bootstrap.connect(settings, near) as connected:
            orchestrator = connected.orchestrator
            folder = await orchestrator.folder(None)
            releases = await orchestrator.releases(folder)
            robots = await orchestrator.robots(folder)
    except FlowrunError as error:
        return [Diagnosis("Orchestrator", ok=False, text=error.message, hint=error.hint)]
    name = str(connected.origin.get("url") or f"embedded, with {connected.origin['emulator']}")
    return [
        Diagnosis("Orchestrator", ok=True, text=name),
        Diagnosis("folder", ok=True, text=f"{folder.fully_qualified_name} (id {folder.id})"),
        Diagnosis("releases", ok=bool(releases), text=", ".join(release.name for release in releases) or "none"),
        Diagnosis("robots", ok=bool(robots), text=", ".join(robot.name for robot in robots) or "none"),
    ]


def emulate(
    catalog: Path,
    *,
    port: int = 0,
    state: Path | None = None,
    env_file: Path | None = None,
    linger: float | None = None,
    ready: Callable[[Emulator], None] | None = None,
) -> None:
    """Serve the catalog as an Orchestrator on 127.0.0.1 until SIGINT or SIGTERM. Raises SpecError, UsageError."""
    from flowrun.emulator.server import serve  # noqa: PLC0415 - only this one use case serves

    serve(catalog, port=port, state=state, env_file=env_file, linger=linger, ready=ready)
