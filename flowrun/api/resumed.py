"""Runs that are gone on with: as they were planned, or by their file as it is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.api.again import CURRENT, RECORDED, Text, events_of, text_of, whole
from flowrun.api.driven import Rest, go_on
from flowrun.api.records import resolve, so_far, state_of
from flowrun.core.events import Event, RunReplanned
from flowrun.core.plan import Plan, Step
from flowrun.core.replan import Refused, Revised, Revision, revise
from flowrun.core.status import StepStatus
from flowrun.engines.clock import SystemClock
from flowrun.errors import Conflict, UsageError
from flowrun.report.model import Change
from flowrun.steps.workflow import reachable

if TYPE_CHECKING:
    from flowrun.api.driven import Hold
    from flowrun.api.telling import Follow
    from flowrun.core.state import RunState
    from flowrun.report.model import Report
    from flowrun.settings import Settings


_TEXTS = ("text", "texts")
"""What of its origin is another then. Where its Orchestrator and its secrets are stays as it was."""


@dataclass(frozen=True, slots=True)
class Replanned:
    """What the rest of a run is by its file as it is now.

    `steps`: those that are not as they were, or not as the file says; `others`: what else is not; `difference`: how the
    file has changed since, as a unified diff.
    """

    run_id: str
    steps: tuple[Revised, ...]
    others: tuple[str, ...]
    difference: str

    @property
    def nothing(self) -> bool:
        """Whether the run goes on just as it would have."""
        return not self.steps and not self.others


def foresee_rest(run_id: str | None, settings: Settings) -> Replanned:
    """What `resume` with the current file would go on with; nothing is changed. Raises UsageError, SpecError."""
    with closing(bootstrap.journal(settings)) as journal:
        return _current(events_of(journal, resolve(journal, run_id))).told


async def resume(
    run_id: str | None,
    settings: Settings,
    *,
    spec: str = RECORDED,
    follow: Follow | None = None,
    hold: Hold | None = None,
    foreseen: Callable[[Replanned], None] | None = None,
    warn: Callable[[str], None] | None = None,
) -> Report:
    """Go on with a run whose process is gone. With `spec` `current`, `foreseen` is told before anything changes.

    One that Temporal keeps needs nobody to go on with it, unless it was ended there: it is followed, and takes a rest.

    `warn` is told what is not as the lock says: a run that has begun is not refused for it.

    Raises Conflict where it lives, UsageError where it cannot go on with its file, and what `run` raises.
    """
    with closing(bootstrap.journal(settings)) as journal:
        run_id, rest = resolve(journal, run_id), None
        if spec == CURRENT:
            current = _current(events_of(journal, run_id))
            if foreseen is not None:
                foreseen(current.told)
            rest = None if current.told.nothing else current.rest()
        if follow is not None and settings.temporal is not None and journal.owned(run_id):
            told = so_far(journal, run_id)
            follow(Change(SystemClock().now(), "", "", "found", "workers drive it, looking on", "warn"), told)
        return await go_on(journal, run_id, settings, follow, hold, whole=True, rest=rest, warn=warn)


def _current(events: Sequence[Event]) -> _Current:
    first, state = whole(events, "resume"), state_of(events)
    text = text_of(first, CURRENT)
    return _Current(text, _revised(state, text), state)


@dataclass(frozen=True, slots=True)
class _Current:
    """A run as it was found, the file as it is now, and what follows from both."""

    text: Text
    revision: Revision
    state: RunState

    @property
    def told(self) -> Replanned:
        found = self.revision
        others = (*found.others, *(("workflows",) if self._workflows() != self.state.workflows else ()))
        return Replanned(self.state.run_id, found.steps, others, self.text.difference)

    def _workflows(self) -> Mapping[str, Plan]:
        return _workflows(self.state, self.revision.plan, self.text)

    def rest(self) -> Rest:
        """What the engine is to put on paper, once it has the run."""
        text, state = self.text, self.state
        assert text.made is not None  # noqa: S101 - it was made of the file
        event = RunReplanned(
            SystemClock().now(),
            self.revision.plan,
            {**state.inputs, **text.inputs},
            {**state.origin, **{name: text.origin[name] for name in _TEXTS if name in text.origin}},
            self._workflows(),
            self.revision.changed,
        )

        def replan(now: RunState) -> RunReplanned:
            if _revised(now, text) != self.revision:
                hint = f"flowrun runs resume {state.run_id} --spec current shows what is left to change"
                raise Conflict(f"the run {state.run_id} has gone on meanwhile", hint=hint)
            return event

        return Rest(text.made, event, replan)


def _revised(state: RunState, text: Text) -> Revision:
    found = revise(state, text.plan)
    if isinstance(found, Refused):
        raise UsageError(found.why, hint=found.hint)
    return found


def _workflows(state: RunState, plan: Plan, text: Text) -> Mapping[str, Plan]:
    """The plans of files that are steps: as recorded for what has begun, as they are now for what has not."""
    begun = {step.id: now for step, now in zip(state.plan.steps, state.steps, strict=True) if _has_begun(now.status)}
    ended = [step for step in plan.steps if step.id in begun and begun[step.id].status.final]
    alive = [step for step in plan.steps if step.id in begun and not begun[step.id].status.final]
    old = _reached(alive, state.workflows)
    new = _reached([step for step in plan.steps if step.id not in begun], text.workflows)
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            raise UsageError(
                f"{name} has changed, and is a step that has begun as well as one that has not",
                hint=f"give the new text a file of its own, or go on as it was: flowrun runs resume {state.run_id}",
            )
    return {**_reached(ended, state.workflows), **new, **old}


def _has_begun(status: StepStatus) -> bool:
    return status is not StepStatus.WAITING


def _reached(steps: Sequence[Step], workflows: Mapping[str, Plan]) -> dict[str, Plan]:
    return reachable(Plan("", tuple(steps)), workflows)
