"""WorkflowKind: another file as a step. It is a run of its own in the same journal, named after the attempt.

The name follows from the attempt alone, so a process that dies between putting the run on paper and saying so is no
matter: the next one finds it by its name. Nothing of it has begun by then, for it is driven by who waits for it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from flowrun.core.plan import Json, Plan, Step
from flowrun.core.state import leg_name
from flowrun.core.status import (
    AbortLevel,
    Cancelled,
    Cause,
    ErrorClass,
    Failed,
    Outcome,
    RunStatus,
    Succeeded,
    Unknown,
)
from flowrun.errors import Conflict, TemplateError
from flowrun.steps.fields import described
from flowrun.steps.inputs import InputModel
from flowrun.steps.model import fits
from flowrun.steps.protocol import Attempt, Permission, Preflight, Progress, Started
from flowrun.steps.upshot import Upshot

LONGEST = 100
"""Characters of a run's id (journal.naming)."""

_PLAIN = re.compile(r"[a-z0-9_]{1,32}")
_ODD = re.compile(r"[^A-Za-z0-9_]+")
_SHOWN = 24
_HASH = 8
_LONG_HASH = 16


class Children(Protocol):
    """The runs that steps of one run are. What keeps and drives them is the engine's affair. All raise JournalError."""

    def plan(self, workflow: str) -> Plan | None:
        """The plan of a file, by the name that the step has for it; None where the run brought none."""
        ...

    async def known(self, run_id: str) -> bool:
        """Whether there is such a run."""
        ...

    async def begin(self, run_id: str, workflow: str, inputs: Mapping[str, Json]) -> None:
        """Put a new run on paper. Nothing of it starts before `end`.

        Raises TemplateError, and Conflict where another run stands in its way and it is not to wait.
        """
        ...

    async def end(self, run_id: str, progress: Progress) -> Upshot:
        """Drive it until it has ended, or look on while another does. Meanwhile `progress` gets its `upshot.Words`."""
        ...

    async def stop(self, run_id: str, level: AbortLevel, by: str) -> None:
        """Ask it to end."""
        ...


class WorkflowKind:
    """Implements StepKind. The handle is `{"run": id}`."""

    name: str = "workflow"

    def __init__(self, children: Children) -> None:
        self._children = children

    async def check(self, steps: Sequence[Step]) -> Preflight:
        """There is nothing to look at but the steps inside, and those have kinds of their own."""
        del steps
        return Preflight()

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        """Put the run on paper, unless it is there already."""
        run_id = child_id(attempt)
        if await self._children.known(run_id):
            return Started({"run": run_id})
        if attempt.adopt_only or not may_start():
            return Cancelled("the run ended before it began")
        return await self._begin(run_id, str(attempt.arguments["workflow"]), attempt.arguments.get("inputs") or {})

    async def _begin(self, run_id: str, workflow: str, inputs: Json) -> Started | Failed:
        plan = self._children.plan(workflow)
        if plan is None:
            return Failed(ErrorClass.START_REJECTED, f"the run does not know the workflow {workflow}")
        if not isinstance(inputs, Mapping):
            message = f"{workflow}: inputs are {described(inputs)}, and must be a map of names to values"
            return Failed(ErrorClass.START_REJECTED, message)
        values, wrong = given(plan.inputs, inputs)
        if wrong:
            return Failed(ErrorClass.START_REJECTED, f"{workflow}: {'; '.join(wrong)}")
        try:
            await self._children.begin(run_id, workflow, values)
        except TemplateError as error:
            return Failed(ErrorClass.EXPRESSION, f"{workflow}: {error.message}")
        except Conflict as error:
            return Failed(ErrorClass.START_REJECTED, error.message)
        return Started({"run": run_id})

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        """Return when the run has ended."""
        return verdict(await self._children.end(handle["run"], progress), attempt)

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """End the run as whoever aborts it would."""
        level = AbortLevel.KILL if force else AbortLevel.STOP
        await self._children.stop(handle["run"], level, _signature(attempt))


def child_id(attempt: Attempt) -> str:
    """The id of the run that an attempt is: `20261123-2255-k3m9qx.post.1`, with the key of its leg where it has one.

    What could not stand in a file's name everywhere, or only differs from another by case, is told apart by a hash.
    """
    parts = [attempt.run_id, _part(attempt.step_id), *([_part(attempt.leg)] if attempt.leg else ()), attempt.number]
    whole = ".".join(map(str, parts))
    if len(whole) <= LONGEST:
        return whole
    return f"{whole[: LONGEST - _LONG_HASH - 1]}-{_hash(whole, _LONG_HASH)}"


def _part(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return f"{_ODD.sub('-', text)[:_SHOWN].strip('-') or 'x'}-{_hash(text, _HASH)}"


def _hash(text: str, length: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def given(declared: Mapping[str, Json], values: Mapping[str, Json]) -> tuple[dict[str, Json], list[str]]:
    """The value of every input that is declared, and in words what is wrong with those that were given."""
    taken: dict[str, Json] = {}
    wrong = [f"it has no input {name!r}" for name in values if name not in declared]
    for name, declaration in declared.items():
        model = InputModel.model_validate(declaration)
        if name not in values:
            taken[name] = model.default
            wrong += [f"input {name!r} must be given"] if model.must_be_given else []
            continue
        value = taken[name] = values[name]
        expected = None if value is None and model.required is False else model.expected(value)
        wrong += [f"input {name!r} is {described(value)}, and must be {expected}"] if expected else []
    return taken, wrong


def reachable(plan: Plan, workflows: Mapping[str, Plan]) -> dict[str, Plan]:
    """Of these plans those that steps of `plan` name, directly or through others."""
    found: dict[str, Plan] = {}
    ahead = [plan]
    while ahead:
        for step in ahead.pop().steps:
            name = step.arguments.get("workflow") if step.kind == WorkflowKind.name else None
            if isinstance(name, str) and name in workflows and name not in found:
                found[name] = workflows[name]
                ahead.append(workflows[name])
    return found


def verdict(upshot: Upshot, attempt: Attempt) -> Outcome:
    """What a run that has ended means for the step that it is."""
    run_id = upshot.run_id
    facts: dict[str, Json] = {"run": run_id}
    if upshot.doubts:
        message = f"of run {run_id} something may still be running: {', '.join(upshot.doubts)}"
        return Unknown(message, {**facts, "jobs": list(upshot.jobs)})
    match upshot.status:
        case RunStatus.SUCCEEDED:
            outputs, wrong = _kept(upshot.outputs, attempt.arguments.get("outputs") or {})
            return Failed(ErrorClass.OUTPUT_CONTRACT, wrong, outputs, facts) if wrong else Succeeded(outputs, facts)
        case RunStatus.CANCELLED:
            return _cancelled(upshot, attempt, facts)
        case _:
            return Failed(upshot.error, f"run {run_id} failed: {upshot.message}", facts=facts)


def _cancelled(upshot: Upshot, attempt: Attempt, facts: Json) -> Outcome:
    run_id, cause = upshot.run_id, upshot.cause
    if upshot.by == _signature(attempt):
        return Cancelled(f"run {run_id} was ended", facts)
    if cause is Cause.RUN_TIMEOUT:
        return Failed(ErrorClass.TIMEOUT, f"run {run_id} was ended by its own timeout", facts=facts)
    why = f"aborted by {upshot.by or 'somebody'}" if cause in (None, Cause.ABORT) else str(cause)
    return Failed(ErrorClass.STOPPED_OUTSIDE, f"run {run_id} was cancelled: {why}", facts=facts)


def _kept(outputs: Mapping[str, Json], contract: Mapping[str, Mapping[str, Json]]) -> tuple[dict[str, Json], str]:
    """The outputs with the contract's defaults, and in words where they break it."""
    kept = dict(outputs)
    for name, promise in contract.items():
        value = kept.get(name)
        if value is None and "default" in promise:
            kept[name] = promise["default"]
        elif value is None and promise.get("required", True):
            return kept, f"output {name!r} is null; give it a `default` or write `required: false` if that is fine"
        elif value is not None and not fits(value, str(promise.get("type", "any"))):
            return kept, f"output {name!r} is {described(value)}, and the step promises {promise['type']!r}"
    return kept, ""


def _signature(attempt: Attempt) -> str:
    """Who it is that ends the run: by this we know later that it was us."""
    return f"run {attempt.run_id}, step {leg_name(attempt.step_id, attempt.leg)}"
