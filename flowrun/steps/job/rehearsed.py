"""What a start of Jobs and their end would come to, without an Orchestrator: the rules of the job step, and no call."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowrun.core.plan import Json
from flowrun.core.status import ErrorClass, Failed, Outcome
from flowrun.errors import PlanError
from flowrun.orchestrator.wire import Job, JobState
from flowrun.steps.job.handle import Handle
from flowrun.steps.job.request import argument_text, attaches, encode_arguments, expected_jobs, start_fields
from flowrun.steps.job.verdict import verdict


@dataclass(frozen=True, slots=True)
class Returned:
    """A Job that has ended: its State in Orchestrator's word, its Info, its outputs; None where it gave none."""

    state: str = JobState.SUCCESSFUL
    info: str = ""
    outputs: Mapping[str, Json] | None = None


def refusal(arguments: Mapping[str, Json]) -> Failed | None:
    """Why these arguments would make no start at all, as far as they alone can tell; None where they would."""
    given = arguments.get("input_arguments")
    try:
        if attaches(arguments):
            argument_text(given)
        else:
            encode_arguments(given)
        expected_jobs(arguments)
        start_fields(arguments.get("start"))
    except PlanError as error:
        hint = f"; {error.hint}" if error.hint else ""
        return Failed(ErrorClass.START_REJECTED, f"{error.message}{hint}")
    return None


def jobs_of(arguments: Mapping[str, Json]) -> int:
    """How many Jobs one start makes; one where only the server could know."""
    return expected_jobs(arguments) or 1


def handle_of(numbers: Sequence[int]) -> Json:
    """The handle of a start that made Jobs with these ids."""
    return _handle(numbers).to_json()


def outcome_of(arguments: Mapping[str, Json], numbers: Sequence[int], returned: Sequence[Returned]) -> Outcome:
    """What an attempt comes to whose Jobs, with these ids, have ended so: contract, several Jobs, all as for real."""
    ended = [_job(number, one) for number, one in zip(numbers, returned, strict=True)]
    return verdict(ended, _handle(numbers), arguments, ())


def _handle(numbers: Sequence[int]) -> Handle:
    return Handle(0, "", tuple((number, _key(number)) for number in numbers))


def _job(number: int, returned: Returned) -> Job:
    outputs = None if returned.outputs is None else json.dumps(returned.outputs, ensure_ascii=False)
    info = returned.info or None
    return Job(id=number, key=_key(number), state=returned.state, info=info, output_arguments=outputs)


def _key(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"
