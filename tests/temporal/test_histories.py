"""Histories that were kept are done over by the code of today, to the last command and the last record.

Where this fails, runs that are under way would stand still on new workers, or their records would contradict each
other: docs/how-to/upgrade-temporal-workers.md says what may change, and how.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from temporalio.workflow import NondeterminismError

from flowrun.admission import register
from flowrun.admission.pools import Grant, Queue, grant
from flowrun.core import decide
from flowrun.core.commands import Wish
from flowrun.core.events import AttemptProgressed, Event
from flowrun.core.pools import Slots
from flowrun.core.run import Run
from flowrun.core.status import LegStatus
from tests.golden.histories.stories import STORIES
from tests.temporal.replaying import Heard, kept, replayed, written

ROOT = Path(__file__).parents[2]


def test_there_is_a_history_of_every_story() -> None:
    names = [history.workflow_id.partition(".")[0] for history in kept()]
    assert set(names) == {name for story in STORIES for name in (story, *STORIES[story].beside)}
    assert names.count("onward") >= STORIES["onward"].least


def test_all_are_done_over_to_the_last_command_and_the_last_record() -> None:
    assert problems() == []


def problems() -> list[str]:
    """What is wrong, in words."""

    async def main() -> list[str]:
        histories = kept()
        found = [f"{name}: {error}" for name, error in (await replayed(histories)).items() if error is not None]
        others = [one for one in histories if Heard.records.get(one.run_id, []) != await written(one)]
        return [*found, *(f"{history.workflow_id}: other records" for history in others)]

    return asyncio.run(main())


@pytest.mark.parametrize("hash_seed", ["77"])
def test_whatever_the_hash_seed(hash_seed: str) -> None:
    code = f"from {__name__} import problems; print(*problems())"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (told.returncode, told.stdout) == (0, "\n"), told.stderr


def test_an_arbiter_that_would_give_slots_to_others_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what it says: Temporal does not look into signals."""

    def last_come_first_served(held: Slots, taken: Slots, queue: Queue, wishes: Sequence[Wish], most: int) -> Grant:
        return grant(held, taken, queue, wishes[::-1], most)

    monkeypatch.setattr(register, "grant", last_come_first_served)
    histories = kept("shared-arbiter.1")
    asyncio.run(replayed(histories))
    assert Heard.records[histories[0].run_id] != asyncio.run(written(histories[0]))


def undone_in_plan_order(patch: pytest.MonkeyPatch) -> None:
    turns = decide.turns
    patch.setattr(decide, "turns", lambda state: turns(state)[::-1])


def last_come_first_served(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("flowrun.core.run.heappop", list.pop)


def tried_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide, "next_try", lambda *_: None)


def said_twice(patch: pytest.MonkeyPatch) -> None:
    """Nothing else is done than was; only one record more is made of what was said."""
    settle = Run.settle

    def settled(self: Run, now: float, most: int | None = None) -> list[Event]:
        events = settle(self, now, most)
        for at, leg in self._active() if events else ():
            there = self.state.leg(at, leg)
            if there.status is LegStatus.RUNNING:
                said = AttemptProgressed(now, self.state.place(at).id, leg, there.attempt, there.phase, "still")
                self.record(said)
                events.append(said)
        return events

    patch.setattr(Run, "settle", settled)


CHANGES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "undo": undone_in_plan_order,
    "wide": last_come_first_served,
    "retry": tried_once,
    "onward": said_twice,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_core_that_decides_otherwise_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    CHANGES[name](monkeypatch)
    wrong = asyncio.run(replayed(kept(f"{name}.1")))
    assert isinstance(wrong[f"{name}.1"], NondeterminismError)
