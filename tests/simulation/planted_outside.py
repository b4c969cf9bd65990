"""Planted bugs in the protocols and the engine: small, likely mistakes, each patched in for the length of a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from flowrun.core import evolve, run
from flowrun.core.status import Cancelled, Succeeded
from flowrun.engines.embedded.dispatch import Dispatch
from flowrun.engines.embedded.loop import Scribe
from flowrun.orchestrator.wire import Job
from flowrun.steps.job import kind as job_kind
from flowrun.steps.job import verdict
from flowrun.steps.job.lookup import LookUp
from flowrun.steps.job.outputs import outputs_of
from flowrun.steps.job.start import Starter, _Start
from flowrun.steps.job.watch import Watcher, _FolderWatch

Plant: TypeAlias = Callable[[pytest.MonkeyPatch], None]


def _posts_twice(patch: pytest.MonkeyPatch) -> None:
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
        for at, step in enumerate(state.steps):
            state = replace(state, steps=state.steps.put(at, replace(step, unmet=min(1, step.unmet))))
        return state

    patch.setattr(run, "begin", hasty)


PLANTS: Mapping[Plant, str] = {
    _posts_twice: "was started",
    _looks_up_once: "was started",
    _forgets_what_a_dead_process_posted: "was started",
    _says_never_begun: "is said never to have begun",
    _acts_before_it_writes: "",
    _any_end_is_a_success: "is called a success",
    _a_stopped_job_is_a_success: "is called a success",
    _mixes_outputs_up: "is recorded as",
    _one_error_ends_the_watch: "nobody has noticed",
    _a_running_job_is_given_up: "lives on after",
    _a_stop_is_taken_for_an_end: "is called a success",
    _an_outcome_is_lost: "",
    _one_need_is_enough: "was over",
}
"""Each with words of the sentence by which it is found."""
