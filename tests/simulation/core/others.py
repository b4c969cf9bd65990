"""Others: runs that share the pools of the one that is simulated. They come and go, and are gone in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from flowrun.core.commands import Wish
from flowrun.core.events import AttemptFinished, Event, LegFinished
from flowrun.core.plan import Plan
from flowrun.core.run import Run
from tests.simulation.core.world import Times

GONE = 400.0
"""Virtual seconds after which no other run is left."""


class Others:
    """Who holds how many slots of each pool: `rows` is what the journal would keep of the run that is simulated."""

    def __init__(self, plan: Plan, times: Times, dice: Random, changed: Callable[[], None]) -> None:
        self.plan = plan
        self.rows: dict[tuple[str, int], Counter[str]] = {}
        self._times = times
        self._dice = dice
        self._changed = changed
        self._end = times.now + GONE
        self._held: Counter[str] = Counter()
        self._come()

    def free(self, pool: str) -> int:
        """How many slots nobody holds."""
        return self.plan.pools[pool] - self._held[pool] - sum(row[pool] for row in self.rows.values())

    def take(self, wishes: Sequence[Wish], most: int) -> list[Wish]:
        """At most so many of those for which there are all their slots."""
        granted: list[Wish] = []
        for wish in wishes:
            if len(granted) < most and all(self.free(pool) >= count for pool, count in wish.slots.items()):
                assert (wish.step_id, wish.leg) not in self.rows, "slots are taken twice"
                self.rows[wish.step_id, wish.leg] = Counter(wish.slots)
                granted.append(wish)
        return granted

    def release(self, events: Sequence[Event]) -> None:
        """As a commit of these does."""
        for event in events:
            if isinstance(event, AttemptFinished | LegFinished):
                self.rows.pop((event.step_id, event.leg), None)

    def hold(self, run: Run) -> None:
        """Who takes the run over keeps the slots of what may be alive, and no others."""
        state = run.state
        active = {
            (step.id, leg): Counter(step.pools)
            for step, done in zip(state.plan.steps, state.steps, strict=True)
            for leg, now_leg in enumerate(done.legs)
            if now_leg.status.active and step.pools
        }
        assert active.keys() <= self.rows.keys(), "something may be alive, and its slots were given away"
        self.rows = active

    def _come(self) -> None:
        """They take what is free, or some of it, or give all back."""
        self._held.clear()
        if self._times.now < self._end:
            for pool in self.plan.pools:
                self._held[pool] = self._dice.randint(0, max(0, self.free(pool)))
            self._times.after(self._dice.choice((0.5, 5.0, 50.0)), self._come)
        self._changed()
