"""Beside: what other runs mean for one that is looked at: who goes first in its group, who holds what it waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flowrun.admission.concurrency import before
from flowrun.core.events import RunReplanned, RunStarted
from flowrun.core.plan import OnConflict, Plan
from flowrun.core.pools import lacking
from flowrun.core.state import leg_name
from flowrun.core.status import LegStatus, RunStatus, StepStatus
from flowrun.report.model import Change, Report

if TYPE_CHECKING:
    from flowrun.core.events import Event
    from flowrun.journal.protocol import Records, Slot
    from flowrun.report.model import StepReport

PATIENCE = 2
"""Looks in vain for who drives a run, before it is called one that nobody drives: its process may just be beginning."""

_MOST_NAMED = 3
_NOTHING = Plan("", ())


@dataclass(frozen=True, slots=True)
class Wait:
    """What is waited for, in words. `ours`: for nothing that another run has."""

    words: str
    ours: bool = False


class Beside:
    """Looks at the journal for one run, again and again. A plan without pools and group costs nothing here.

    It has to have `heard` how the run began before it is asked anything.
    `ahead`: the runs of its group that go before it, and how often in a row nobody was found to drive each.
    """

    def __init__(self, journal: Records, run_id: str, patience: int = PATIENCE) -> None:
        self._journal = journal
        self._run_id = run_id
        self._plan = _NOTHING
        self._patience = patience
        self.ahead: Mapping[str, int] = {}
        self._waits: Mapping[str, Wait] = {}

    def heard(self, event: Event) -> None:
        """An event of the run: what it shares stands in its plan."""
        if isinstance(event, RunStarted | RunReplanned):
            self._plan = event.plan

    @property
    def on_conflict(self) -> OnConflict | None:
        """What its workflow says of runs that go before it; None for one without a group."""
        return None if self._plan.concurrency is None else self._plan.concurrency.on_conflict

    @property
    def idle(self) -> bool:
        """Whether there is nothing to look for."""
        shares = self._plan.pools or self._plan.concurrency is not None
        return not shares and self._journal.unserved(self._run_id) is None

    def seen(self, report: Report) -> Report:
        """The report with what it waited for when somebody last looked."""
        return (
            report
            if not self._waits or report.final
            else replace(report, waits={step_id: wait.words for step_id, wait in self._waits.items()})
        )

    def look(self, report: Report, now: float) -> Iterator[Change]:
        """Look again. What is new is a change; what only reads differently, or is over, a quiet one."""
        self._meet(report)
        old, self._waits = self._waits, dict(self._waiting(report))
        for step_id, wait in self._waits.items():
            if old.get(step_id) != wait:
                quiet = wait.ours or (step_id != "" and step_id in old and not old[step_id].ours)
                yield Change(now, step_id, "", "waits", wait.words, "warn", quiet)
        for step_id in old.keys() - self._waits.keys():
            yield Change(now, step_id, "", "goes", "", quiet=True)

    def deserted(self) -> tuple[str, ...]:
        """Of the runs of its group that go before it, those that nobody drives."""
        return tuple(run_id for run_id, looks in self.ahead.items() if looks > self._patience)

    def _meet(self, report: Report) -> None:
        concurrency = self._plan.concurrency
        if concurrency is None or report.status is not RunStatus.QUEUED:
            self.ahead = {}
            return
        ahead = before([row.run_id for row in self._journal.grouped(concurrency.group)], self._run_id)
        self.ahead = {run_id: 0 if self._journal.owned(run_id) else self.ahead.get(run_id, 0) + 1 for run_id in ahead}

    def _waiting(self, report: Report) -> Iterator[tuple[str, Wait]]:
        if not report.final and (words := self._journal.unserved(self._run_id)):
            yield "", Wait(words)
        elif self.ahead:
            yield "", Wait(self._turn())
        elif self._plan.pools and report.status in (RunStatus.RUNNING, RunStatus.ABORTING):
            yield from self._slots(report)

    def _turn(self) -> str:
        first, *others = self.ahead
        behind = f" and {len(others)} more" if others else ""
        words = f"for its turn, behind run {first}{behind}"
        if self.on_conflict is OnConflict.CANCEL:
            return f"until run {first}{behind} has ended, as it was told to"
        if first not in self.deserted():
            return words
        return f"{words}; nobody drives {first}: flowrun runs resume {first}, or flowrun runs abort {first}"

    def _slots(self, report: Report) -> Iterator[tuple[str, Wait]]:
        slots = self._journal.slots()
        held: Counter[str] = Counter()
        for slot in slots:
            held[slot.pool] += slot.count
        for step, now in zip(self._plan.steps, report.steps, strict=True):
            if step.pools and now.status is StepStatus.RUNNING and _ready(now):
                lacks = lacking(self._plan.pools, held, step.pools)
                if lacks:
                    pool = min(lacks)
                    holders = [slot for slot in slots if slot.pool == pool]
                    ours = all(slot.run_id == self._run_id for slot in holders)
                    yield step.id, Wait(self._held(pool, step.pools[pool], holders), ours)

    def _held(self, pool: str, count: int, slots: Sequence[Slot]) -> str:
        named = ", ".join(self._holder(slot) for slot in slots[:_MOST_NAMED])
        more = f" and {len(slots) - _MOST_NAMED} more" if slots[_MOST_NAMED:] else ""
        what = "a slot" if count == 1 else f"{count} slots"
        return f"for {what} of {pool}" + (f", held by {named}{more}" if named else "")

    def _holder(self, slot: Slot) -> str:
        leg = leg_name(slot.step_id, slot.leg_key)
        return leg if slot.run_id == self._run_id else f"run {slot.run_id} {leg}"


def _ready(step: StepReport) -> bool:
    return any(leg.status is LegStatus.READY and leg.due is None for leg in step.legs)
