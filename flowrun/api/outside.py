"""An Orchestrator of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrun.emulator.server import Emulator


def emulate(
    catalog: Path,
    *,
    port: int = 0,
    state: Path | None = None,
    env_file: Path | None = None,
    linger: float | None = None,
    profile: str | None = None,
    ready: Callable[[Emulator], None] | None = None,
) -> None:
    """Serve the catalog as an Orchestrator on 127.0.0.1 until SIGINT or SIGTERM. Raises SpecError, UsageError.

    `profile`: `local`, `cloud`, `suite` or `standalone`, in place of the catalog's.
    """
    from flowrun.emulator.server import serve  # noqa: PLC0415 - only this one use case serves

    serve(catalog, port=port, state=state, env_file=env_file, linger=linger, profile=profile, ready=ready)
