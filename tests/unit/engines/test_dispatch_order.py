"""A run says and does the same in the same order in every process: one of another engine may have to do it over."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import TypeVar

import pytest

from flowrun.core.plan import Json
from flowrun.core.status import Cancelled, Failed, Outcome, Unknown
from flowrun.engines.protocol import Engine
from flowrun.journal.memory import MemoryJournal
from flowrun.journal.protocol import Journal
from flowrun.steps.approval import ApprovalKind
from flowrun.steps.protocol import Attempt, Clock, Permission, Progress, Started, StepKind
from tests.contracts.answers import asked
from tests.contracts.embedded import embedded
from tests.contracts.engine import RUN, told
from tests.golden.events.plans import ABORTED, ASKED, PLANS
from tests.simulation.outside import ScriptedKind, key_of

ROOT = Path(__file__).parents[3]

T = TypeVar("T")


class Noted(ScriptedKind):
    """Notes each call, and each that is given up."""

    def __init__(self, inner: StepKind, notes: list[str]) -> None:
        self.inner = inner
        self.notes = notes

    async def _note(self, verb: str, attempt: Attempt, call: Awaitable[T]) -> T:
        self.notes.append(f"{verb} {key_of(attempt)}")
        try:
            return await call
        except asyncio.CancelledError:
            self.notes.append(f"not {verb} {key_of(attempt)}")
            raise

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        return await self._note("start", attempt, self.inner.start(attempt, may_start))

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        return await self._note("wait", attempt, self.inner.wait(attempt, handle, progress))

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        await self._note("kill" if force else "stop", attempt, self.inner.stop(attempt, handle, force=force))


def story() -> list[str]:
    """What every golden plan said and did."""
    lines: list[str] = []

    def make(journal: Journal, kinds: Mapping[str, StepKind], clock: Clock) -> Engine:
        both = {"job": kinds["job"], "approval": ApprovalKind(clock)}
        return embedded(journal, {name: Noted(kind, lines) for name, kind in both.items()}, clock)

    for name, plan in PLANS.items():
        journal = MemoryJournal()
        told(make, journal, plan)
        lines += _records(name, journal)
    for name, (plan, after, level) in ABORTED.items():
        journal = MemoryJournal()
        told(make, journal, plan, (after, level))
        lines += _records(name, journal)
    for name in ASKED:
        journal = MemoryJournal()
        asked(make, journal, name)
        lines += _records(name, journal)
    return lines


def _records(name: str, journal: Journal) -> list[str]:
    return [f"{name}: {record.event!r}" for record in journal.read(RUN)]


@pytest.mark.parametrize("hash_seed", ["0", "1", "77"])
def test_the_golden_plans_go_alike_whatever_the_hash_seed(hash_seed: str) -> None:
    code = f"from {__name__} import story; print(*story(), sep=chr(10))"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    other = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    mine = story()
    assert len(mine) > 500
    assert other.stdout.splitlines() == mine
