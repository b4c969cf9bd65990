"""What a Job came to, judged from how its process ended."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass

from flowrun.emulator import arguments
from flowrun.emulator.entities import Json
from flowrun.emulator.processes import OUTPUT_LIMIT, Ended
from flowrun.emulator.triggers import Suspension
from flowrun.orchestrator.wire import JobState

INFO_LIMIT = 4000
SUSPEND = "$suspend"
"""The only key of what a program prints that wants to be suspended."""
COMPLETED = "Job completed"
STOPPED = "The Job was stopped."


@dataclass(frozen=True, slots=True)
class Outcome:
    """The final state of a Job and what it says about it. `output` is JSON text, byte for byte as it was printed."""

    state: JobState
    info: str
    output: str | None = None
    error_code: str | None = None
    suspension: Suspension | None = None


def faulted(info: str) -> Outcome:
    """A Job that failed. The text is bounded, with the line ends that UiPath's own have."""
    lines = "\r\n".join(info.strip().splitlines())
    if len(lines) > INFO_LIMIT:
        lines = "…" + lines[1 - INFO_LIMIT :]
    return Outcome(JobState.FAULTED, lines, error_code="Robot")


def suspended(words: Json) -> Outcome:
    """A Job that waits, as its program asked for: `{"message": …, "seconds": …, "state": …}`, all optional."""
    known: dict[str, Json] = words if isinstance(words, dict) else {"": None}
    message, seconds = known.get("message"), known.get("seconds")
    good = isinstance(message, str | None) and (seconds is None or _is_duration(seconds))
    if set(known) - {"message", "seconds", "state"} or not good or len(json.dumps(words)) > arguments.LIMIT:
        return faulted(
            f'The process asked to be suspended by {{"{SUSPEND}": …}}, which has message (a text), seconds (a number) '
            f"and state (anything), with {arguments.LIMIT} characters at most."
        )
    suspension = Suspension(message, seconds, known.get("state"))
    return Outcome(JobState.SUSPENDED, message or "Job suspended", suspension=suspension)


def _is_duration(value: Json) -> bool:
    """Whether it is a number that can be waited for."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def judge(ended: Ended, state: JobState) -> Outcome:
    """The outcome of a process that ended while its Job was in `state`.

    A killed Job is Stopped, whatever its process said. A softly stopped one that still ended well is Successful, as the
    real robot has it (API facts 3.1), else Stopped.
    """
    if state is JobState.TERMINATING:
        return Outcome(JobState.STOPPED, STOPPED)
    outcome = _judge_freely(ended)
    if state is JobState.STOPPING and outcome.state is not JobState.SUCCESSFUL:
        return Outcome(JobState.STOPPED, STOPPED)
    return outcome


def _judge_freely(ended: Ended) -> Outcome:
    if ended.error is not None:
        return faulted(ended.error)
    if ended.overflow:
        return faulted(f"The process printed more than {OUTPUT_LIMIT} bytes on its standard output, and was ended.")
    if ended.code != 0:
        return faulted(_failure(ended))
    return _output(ended.output)


def _output(printed: bytes) -> Outcome:
    expected = "its whole standard output must be one JSON object, such as {}"
    if not printed.strip():
        return faulted(f"The process ended with code 0 and printed nothing; {expected}.")
    try:
        text = printed.decode("utf-8").strip()
        values = arguments.parse_object(text)
    except UnicodeDecodeError:
        return faulted(f"The process printed bytes that are not UTF-8; {expected}.")
    except ValueError as error:
        return faulted(f"The process did not print OutputArguments ({error}); {expected}.")
    return suspended(values[SUSPEND]) if set(values) == {SUSPEND} else Outcome(JobState.SUCCESSFUL, COMPLETED, text)


def _failure(ended: Ended) -> str:
    tail = ended.tail.decode("utf-8", errors="replace").strip()
    if tail and ended.code == 1:  # the code of every failure: the words say more
        return tail
    if ended.code > 0:
        how = f"The process ended with exit code {ended.code}."
    else:
        try:
            name = signal.Signals(-ended.code).name
        except ValueError:
            name = f"signal {-ended.code}"
        how = f"The process was ended by {name}."
    return f"{tail}\n{how}" if tail else how
