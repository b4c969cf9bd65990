"""Claims: what a run shares with the other runs of its journal: slots of pools, and turns in its concurrency group."""

from __future__ import annotations

from flowrun.admission.concurrency import Turn, before, turn
from flowrun.core.commands import Wish
from flowrun.core.events import RunAdmitted
from flowrun.core.run import Run
from flowrun.core.status import RunStatus
from flowrun.journal.protocol import Journal, Ownership
from flowrun.steps.protocol import Clock


class Claims:
    """Asks for one run. A plan without pools and group asks nobody anything."""

    def __init__(self, journal: Journal, ownership: Ownership, run: Run, clock: Clock) -> None:
        self._journal = journal
        self._ownership = ownership
        self._run = run
        self._clock = clock
        self.waits = False

    def hold(self) -> None:
        """Put on paper what the run holds, as its new owner: a slot for each leg that may be alive, and no others."""
        state = self._run.state
        if state.plan.pools:
            legs = [(at, leg) for at, step in enumerate(state.steps) if step.held for leg in range(len(step.legs))]
            held = [
                self._wish(at, leg) for at, leg in legs if state.place(at).pools and state.leg(at, leg).status.active
            ]
            self._journal.hold(self._ownership, held)

    def _wish(self, at: int, leg: int) -> Wish:
        state = self._run.state
        return Wish(state.place(at).id, leg, state.leg(at, leg).leg.key, state.place(at).pools)

    def take(self) -> bool:
        """Ask for the slots that legs wait for; whether some were granted, and the run is to settle again."""
        wishes = self._run.wishes()
        if not (wishes or self.waits):
            return False
        granted = self._journal.take(self._ownership, self._run.state.plan.pools, wishes, self._run.room())
        self._run.grant(granted)
        self.waits = len(granted) < len(wishes)
        return bool(granted)

    def turn(self) -> RunAdmitted | None:
        """Where the run waits for its turn, and this is it."""
        state, concurrency = self._run.state, self._run.state.plan.concurrency
        if state.status is not RunStatus.QUEUED or concurrency is None:
            return None
        group = [row.run_id for row in self._journal.grouped(concurrency.group)]
        goes = turn(concurrency.on_conflict, before(group, state.run_id)) is Turn.GO
        return RunAdmitted(self._clock.now()) if goes else None
