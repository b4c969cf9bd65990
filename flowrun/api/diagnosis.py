"""Whether everything is where it should be: settings, journal, Orchestrator, who we are there, what we may do."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.errors import FlowrunError, NotSignedIn, OrchestratorError
from flowrun.version import VERSION

if TYPE_CHECKING:
    from flowrun.orchestrator.claims import Claims
    from flowrun.orchestrator.inspection import Inspection
    from flowrun.orchestrator.wire import Folder
    from flowrun.settings import Settings, Temporal

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing looked at: what it is, whether it is well, what to do if it is not, and the error that said so."""

    name: str
    ok: bool
    text: str
    hint: str | None = None
    error: FlowrunError | None = None


async def doctor(settings: Settings, catalog: Path | None = None) -> list[Diagnosis]:
    """Look at everything a run needs, and start nothing of anybody's. Never raises for what it finds.

    `catalog`: whose embedded Orchestrator to look at where none is configured.
    """
    lines = [Diagnosis("version", ok=True, text=f"flowrun {VERSION}, Python {platform.python_version()}")]
    lines += [
        Diagnosis(origin.name, ok=True, text=f"{origin.value} (from {origin.source})") for origin in settings.explain()
    ]
    lines += [_journal(settings)] if settings.temporal is None else await _temporal(settings.temporal)
    try:
        async with bootstrap.connect(settings, catalog or Path.cwd() / "anything") as connected:
            way = settings.connection.way if settings.connection else "the token of the embedded Orchestrator"
            examination = _Examination(connected, way)
            await examination.carry_out()
            lines += examination.lines
    except FlowrunError as error:
        lines.append(_ill("Orchestrator", error))
    return lines


def _journal(settings: Settings) -> Diagnosis:
    try:
        with closing(bootstrap.journal(settings)) as journal:
            count = len(journal.runs(1000))
    except FlowrunError as error:
        return _ill("journal", error)
    runs = "1 run" if count == 1 else f"{count} runs"
    return Diagnosis("journal", ok=True, text=f"{settings.state_dir}: {runs}; {bootstrap.journal_build()}")


async def _temporal(temporal: Temporal) -> list[Diagnosis]:
    """The server that keeps runs: nothing is changed there, not even for want of what runs are found by."""
    try:
        looked = await bootstrap.examine(temporal)
    except FlowrunError as error:
        return [_ill("Temporal", error)]
    return [
        Diagnosis(one.name, ok=True, text=one.text) if one.error is None else _ill(one.name, one.error)
        for one in looked
    ]


class _Examination:
    """One look at an Orchestrator, from the outside in. What comes after something ill is not looked at."""

    def __init__(self, connected: bootstrap.Connected, way: str) -> None:
        self.lines: list[Diagnosis] = []
        self._connected = connected
        self._look: Inspection = connected.inspection
        self._way = way
        self._may: dict[str, bool | None] = {}

    async def carry_out(self) -> None:
        """Fill `lines`."""
        try:
            server = await self._look.server()
            name = self._connected.origin.get("emulator")
            version = f", API {server.version}" if server.version else ""
            self._well("Orchestrator", f"{server.api}{f', embedded, with {name}' if name else ''}{version}")
        except OrchestratorError as error:
            self.lines.append(_ill("Orchestrator", error))
            return
        try:
            claims = await self._look.signed_in()
        except OrchestratorError as error:
            self.lines.append(_ill("sign-in", error))
            return
        folder = await self._folders(claims)
        if folder is not None:
            await self._calls(folder)
        self.lines += self._commands(claims)

    async def _folders(self, claims: Claims | None) -> Folder | None:
        """The sign-in and the folders in one: that the token is accepted shows only where it is used."""
        from flowrun.orchestrator.advice import FOLDERS  # noqa: PLC0415 - validate must load none of this

        said = self._way + (f": {', '.join(facts(claims))}" if claims else ": an opaque token, which does not say more")
        try:
            seen = await self._look.folders()
        except OrchestratorError as error:
            lost = not isinstance(error, NotSignedIn) or error.lost
            self.lines += [_ill("sign-in", error)] if lost else [Diagnosis("sign-in", ok=True, text=said)]
            self.lines += [] if lost else [_ill("folders", error)]
            self._may[FOLDERS.name] = False
            return None
        self._well("sign-in", said)
        self._may[FOLDERS.name] = True
        names = [one.fully_qualified_name or one.display_name for one in seen]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        hint = "Assign the account to a folder."
        self.lines.append(Diagnosis("folders", bool(names), ", ".join(names[:_SHOWN]) + more or "none", hint))
        try:
            folder = await self._connected.orchestrator.folder(None)
        except OrchestratorError as error:
            self.lines.append(_ill("folder", error))
            return None
        self._well("folder", f"{folder.fully_qualified_name} (id {folder.id})")
        return folder

    async def _calls(self, folder: Folder) -> None:
        """Every read that can be tried."""
        from flowrun.orchestrator.advice import JOBS, RELEASES, ROBOTS  # noqa: PLC0415 - as above

        orchestrator = self._connected.orchestrator
        for call in (RELEASES, ROBOTS, JOBS):
            try:
                if call is JOBS:
                    await self._look.probe(call, folder)
                    self._well("jobs", "can be listed")
                else:
                    rows = await (orchestrator.releases(folder) if call is RELEASES else orchestrator.robots(folder))
                    names = ", ".join(row.name for row in rows[:_SHOWN]) or "none"
                    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
                    self.lines.append(Diagnosis(call.name, ok=bool(rows), text=names + more))
                self._may[call.name] = True
            except OrchestratorError as error:
                self._may[call.name] = False if isinstance(error, NotSignedIn) else None
                self.lines.append(_ill(call.name, error))

    def _commands(self, claims: Claims | None) -> Iterator[Diagnosis]:
        """What is missing for which command: as tried, else as the token's scopes say."""
        from flowrun.api.needs import NEEDS, granted, missing, unknown  # noqa: PLC0415 - as above

        for need in NEEDS:
            for call in need.calls:
                if call.name not in self._may:
                    self._may[call.name] = granted(call, claims.scopes if claims else None)
            lacks, open_ = missing(need, self._may), unknown(need, self._may)
            if lacks:
                hint = "Give the application or token the scope, and its account the permission in the folder."
                error = NotSignedIn(f"{need.command} lacks {', '.join(lacks)}", hint=hint, status=403)
                yield Diagnosis(need.command, ok=False, text=f"lacks {', '.join(lacks)}", hint=hint, error=error)
            elif open_:
                text = f"nothing speaks against it; whether it may {' and '.join(open_)} shows when it does"
                yield Diagnosis(need.command, ok=True, text=text)
            else:
                yield Diagnosis(need.command, ok=True, text="allowed")

    def _well(self, name: str, text: str) -> None:
        self.lines.append(Diagnosis(name, ok=True, text=text))


def _ill(name: str, error: FlowrunError) -> Diagnosis:
    return Diagnosis(name, ok=False, text=error.message, hint=error.hint, error=error)


def facts(claims: Claims) -> Iterator[str]:
    """What a token says, without the token."""
    if claims.client_id:
        yield f"client {claims.client_id}"
    if claims.user and claims.user != claims.client_id:
        yield f"user {claims.user}"
    if claims.scopes is not None:
        yield f"scopes {' '.join(sorted(claims.scopes)) or 'none'}"
    if claims.ends is not None:
        yield f"until {datetime.fromtimestamp(claims.ends, UTC):%Y-%m-%d %H:%M:%S} UTC"
