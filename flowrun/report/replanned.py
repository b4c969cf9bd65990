"""Replanned: that a run went on with its file as it was then, and which of its steps are others since."""

from __future__ import annotations

from dataclasses import dataclass

from flowrun.core.events import RunReplanned
from flowrun.report.reason import moment


@dataclass(frozen=True, slots=True)
class Replanned:
    """When that was, and the ids of steps: those that are new, written differently, or gone."""

    at: float
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """`1 new (archive), 2 changed (post, mail)`; that no step is another where only something else is."""
        parts = (("new", self.new), ("changed", self.changed), ("gone", self.gone))
        told = [f"{len(ids)} {name} ({', '.join(ids)})" for name, ids in parts if ids]
        return ", ".join(told) or "the steps are the same"

    @property
    def line(self) -> str:
        """The whole in a line."""
        return f"by its file as it was at {moment(self.at)}: {self.words}"


def replanned(event: RunReplanned, before: frozenset[str]) -> Replanned:
    """What the event changed of a plan that had these steps."""
    after = tuple(step.id for step in event.plan.steps)
    new = tuple(step_id for step_id in after if step_id not in before)
    gone = tuple(step_id for step_id in sorted(before.difference(after)))
    return Replanned(event.at, new, tuple(step_id for step_id in event.changed), gone)
