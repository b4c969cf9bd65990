"""Planted bugs in the protocols and the engine: small, likely mistakes, each patched in for the length of a test."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import pytest

from flowrun.admission.concurrency import Turn
from flowrun.core import decide, evolve, run
from flowrun.core.plan import Concurrency
from flowrun.core.status import Cancelled, LegStatus, Succeeded
from flowrun.engines.dispatch import Dispatch
from flowrun.engines.embedded import claims
from flowrun.engines.embedded.scribe import Scribe
from flowrun.journal.memory import MemoryJournal
from flowrun.orchestrator.wire import Job
from flowrun.simulation.case import Case
from flowrun.simulation.ending import ending
from flowrun.simulation.faults import FAULTS, draw
from flowrun.simulation.story import tell
from flowrun.steps.job import kind as job_kind
from flowrun.steps.job import verdict
from flowrun.steps.job.lookup import LookUp
from flowrun.steps.job.outputs import outputs_of
from flowrun.steps.job.start import Starter, _Start
from flowrun.steps.job.watch import Watcher, _FolderWatch
from flowrun.steps.pace import Quiet
from tests.unit.simulation.cases import EVALUATOR, case, join, step

Plant: TypeAlias = Callable[[pytest.MonkeyPatch], None]


def posts_twice(patch: pytest.MonkeyPatch) -> None:
    """A lost reply is answered by posting again."""

    async def nothing_found(*_: object) -> tuple[()]:
        return ()

    patch.setattr(LookUp, "over_window", nothing_found)


def _looks_up_once(patch: pytest.MonkeyPatch) -> None:
    async def once(self: LookUp, folder: Any, mark: Any, *_: object) -> tuple[Job, ...]:
        return tuple(await self.once(folder, mark))

    patch.setattr(LookUp, "over_window", once)


def _forgets_what_a_dead_process_posted(patch: pytest.MonkeyPatch) -> None:
    start = Starter.start
    patch.setattr(Starter, "start", lambda self, attempt, may: start(self, replace(attempt, recheck=False), may))


def _says_never_begun(patch: pytest.MonkeyPatch) -> None:
    """A run that is ended while the reply to a start is lost calls it never begun."""

    async def hasty(*_: object) -> Any:
        return Cancelled("it had not been started")

    patch.setattr(_Start, "_after_ambiguous", hasty)


def _acts_before_it_writes(patch: pytest.MonkeyPatch) -> None:
    """Commands are carried out though the commit has failed."""
    commit = Scribe.commit

    def late(self: Scribe, events: Any, state: Any) -> None:
        commit(self, [event for event in events if type(event).__name__ != "AttemptScheduled"], state)

    patch.setattr(Scribe, "commit", late)


def _any_end_is_a_success(patch: pytest.MonkeyPatch) -> None:
    judged = verdict._judge
    patch.setattr(
        verdict,
        "_judge",
        lambda job, arguments: (
            replace(judged(job, arguments), error="") if isinstance(job, Job) else judged(job, arguments)
        ),
    )


def _a_stopped_job_is_a_success(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(verdict, "_asked_at_start", lambda _: True)


def _mixes_outputs_up(patch: pytest.MonkeyPatch) -> None:
    outputs = outputs_of
    patch.setattr(verdict, "outputs_of", lambda job, contract: dict.fromkeys(outputs(job, contract), "other"))


def _one_error_ends_the_watch(patch: pytest.MonkeyPatch) -> None:
    following = _FolderWatch._next
    patch.setattr(
        _FolderWatch, "_next", lambda self, done, took: (1e9, 1e9) if done.errors else following(self, done, took)
    )


def _a_running_job_is_given_up(patch: pytest.MonkeyPatch) -> None:
    """A Job that runs is called Faulted."""
    whole = Watcher.end_of

    async def careless(self: Watcher, folder: Any, name: Any, notice: Any) -> Any:
        job = await self._orchestrator.job(folder, name[0])
        if job is not None and job.state == "Running" and name[0] == 1002:
            return Job(id=name[0], key=name[1], state="Faulted", info="it cannot be read")
        return await whole(self, folder, name, notice)

    patch.setattr(Watcher, "end_of", careless)


def _a_stop_is_taken_for_an_end(patch: pytest.MonkeyPatch) -> None:
    """Whoever asked a Job to end does not wait for it."""
    stop, wait = job_kind.JobKind.stop, job_kind.JobKind.wait
    asked: set[tuple[str, str, str, int]] = set()

    async def asks(self: Any, attempt: Any, handle: Any, *, force: bool) -> None:
        asked.add((attempt.run_id, attempt.step_id, attempt.leg, attempt.number))
        await stop(self, attempt, handle, force=force)

    async def waits(self: Any, attempt: Any, handle: Any, progress: Any) -> Any:
        outcome = await wait(self, attempt, handle, progress)
        return outcome if isinstance(outcome, Succeeded) else Succeeded({}, None)

    patch.setattr(job_kind.JobKind, "stop", asks)
    patch.setattr(job_kind.JobKind, "wait", waits)


def _an_outcome_is_lost(patch: pytest.MonkeyPatch) -> None:
    """The engine drops what a kind said of the second step."""
    finished = Dispatch._finished

    def deaf(self: Dispatch, command: Any, outcome: Any) -> None:
        if command.step_id != "b":
            finished(self, command, outcome)

    patch.setattr(Dispatch, "_finished", deaf)


def _one_need_is_enough(patch: pytest.MonkeyPatch) -> None:
    begin = evolve.begin

    def hasty(event: Any) -> Any:
        state = begin(event)
        for at, known in enumerate(state.steps):
            state = replace(state, steps=state.steps.put(at, replace(known, unmet=min(1, known.unmet))))
        return state

    patch.setattr(run, "begin", hasty)


def nobody_asks_who_the_owner_is(patch: pytest.MonkeyPatch) -> None:
    """A process that was frozen posts what it had meant to, though its run has another owner by now."""
    patch.setattr(MemoryJournal, "confirm", lambda *_: None)


def _a_429_is_a_word_to_one_alone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Quiet, "hold", lambda *_: None)


def _killed_as_soon_as_asked(patch: pytest.MonkeyPatch) -> None:
    """Nobody waits for `stop_timeout`."""
    deadline = decide.leg_deadline

    def hasty(state: Any, at: int, leg: int) -> float | None:
        found = deadline(state, at, leg)
        now_leg = state.leg(at, leg)
        early = now_leg.status is LegStatus.STOPPING and not now_leg.stop.force and found is not None
        return found - state.place(at).stop_timeout if early and found is not None else found

    patch.setattr(decide, "leg_deadline", hasty)


def _everybody_gets_slots(patch: pytest.MonkeyPatch) -> None:
    """What other runs hold of a pool is forgotten."""
    patch.setattr(MemoryJournal, "take", lambda _, _owner, _pools, wishes, most: tuple(wishes[:most]))


def _it_is_always_our_turn(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(claims, "turn", lambda *_: Turn.GO)


def _pooled() -> Case:
    return case(step("a", pools={"sap": 1}), step("b", "a", pools={"sap": 1}), pools={"sap": 1})


def _grouped() -> Case:
    return case(step("a"), step("b", "a"), concurrency=Concurrency("month"))


@dataclass(frozen=True)
class Found:
    """By which words of a sentence a bug is found, in which workflow, under which faults, among how many seeds.

    `rare`: looked for in the night alone.
    """

    words: str
    case: Case = field(default_factory=join)
    faults: Collection[str] = tuple(FAULTS)
    most: int = 150
    rare: bool = False


PLANTS: Mapping[Plant, Found] = {
    posts_twice: Found("was started"),
    _looks_up_once: Found("was started"),
    _forgets_what_a_dead_process_posted: Found("was started"),
    _says_never_begun: Found("is said never to have begun"),
    _acts_before_it_writes: Found(""),
    _any_end_is_a_success: Found("is called a success"),
    _a_stopped_job_is_a_success: Found("is called a success"),
    _mixes_outputs_up: Found("is recorded as"),
    _one_error_ends_the_watch: Found("nobody has noticed"),
    _a_running_job_is_given_up: Found("lives on after"),
    _a_stop_is_taken_for_an_end: Found("is called a success"),
    _an_outcome_is_lost: Found(""),
    _one_need_is_enough: Found("was over"),
    nobody_asks_who_the_owner_is: Found(
        "was started", faults=("taken", "throttle", "unreachable"), most=2_000, rare=True
    ),
    _a_429_is_a_word_to_one_alone: Found("was told to wait", faults=("throttle",)),
    _killed_as_soon_as_asked: Found("to end, and was killed", join(timeout=60.0), ("abort", "hang", "stuck")),
    _everybody_gets_slots: Found("slots of", _pooled(), ("beside",)),
    _it_is_always_our_turn: Found("before its turn", _grouped(), ("beside",)),
}


def finds(seed: int, found: Found) -> bool:
    """Whether this seed shows the bug that is planted."""
    story = tell(seed, found.case, draw(seed, found.faults, 300.0, swarm=len(found.faults) == len(FAULTS)), EVALUATOR)
    return any(found.words in sentence for sentence in ending(story).wrong)
