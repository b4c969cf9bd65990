"""Claims: what a run shares with the other runs of its journal: slots of pools, and turns in its concurrency group."""

from __future__ import annotations

from collections.abc import Sequence

from flowrun.admission.concurrency import Turn, before, turn
from flowrun.core.commands import Wish
from flowrun.core.events import AbortRequested, RunAdmitted
from flowrun.core.run import Run
from flowrun.core.status import AbortLevel, Cause, RunStatus
from flowrun.errors import UnknownRun
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
        """Where the run waits for its turn, and this is it. Those before it are told to end where it is not to wait."""
        state, concurrency = self._run.state, self._run.state.plan.concurrency
        if state.status is not RunStatus.QUEUED or concurrency is None:
            return None
        rows = self._journal.grouped(concurrency.group)
        earlier = before([row.run_id for row in rows], state.run_id, self._ancestors())
        found = turn(concurrency.on_conflict, earlier)
        if found is Turn.END:
            self._supersede(earlier)
        return RunAdmitted(self._clock.now()) if found is Turn.GO else None

    def _ancestors(self) -> list[str]:
        """The runs that this one is a step of, which wait for it."""
        found: list[str] = []
        parent = self._journal.run(self._ownership.run_id).parent
        while parent:
            found.append(parent)
            try:
                parent = self._journal.run(parent).parent
            except UnknownRun:
                break
        return found

    def _supersede(self, earlier: Sequence[str]) -> None:
        """Leave each a word that it is to end, unless somebody has."""
        for run_id in earlier:
            words = (request.event for request in self._journal.requests(run_id))
            if not any(isinstance(word, AbortRequested) and word.level is not AbortLevel.DRAIN for word in words):
                by = f"run {self._ownership.run_id}"
                word = AbortRequested(self._clock.now(), AbortLevel.STOP, by, Cause.SUPERSEDED)
                self._journal.request(run_id, word)
