"""Exit codes: the one list, and the one place where an error or a run becomes a number."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from flowrun import errors

if TYPE_CHECKING:
    from flowrun.api import Report


class ExitCode(IntEnum):
    """What a command comes to. 8, 130 and 143 promise that nothing of the run is running; otherwise it is 9."""

    SUCCESS = 0
    FAILED = 1
    DIFFERENT = 2
    INVALID = 3
    DEADLINE = 4
    NOT_SIGNED_IN = 5
    UNREACHABLE = 6
    CONFLICT = 7
    ABORTED = 8
    IN_DOUBT = 9
    JOURNAL = 10
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def result(self) -> str:
        """The same as a word: `result` of the JSON envelope."""
        return self.name.lower()

    @property
    def meaning(self) -> str:
        """What it says, in a line."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.SUCCESS: "the run succeeded, or the command did what was asked",
    ExitCode.FAILED: "the run ended and did not succeed",
    ExitCode.DIFFERENT: "differences found; never anything else",
    ExitCode.INVALID: "wrong input or usage; nothing was started",
    ExitCode.DEADLINE: "a deadline passed",
    ExitCode.NOT_SIGNED_IN: "not signed in, or not allowed",
    ExitCode.UNREACHABLE: "Orchestrator, Temporal or the network is unreachable; safe to try again",
    ExitCode.CONFLICT: (
        "conflict: another process owns the run, its key or concurrency group refuses it, "
        "or the lock or the plan file is no longer true"
    ),
    ExitCode.ABORTED: "aborted by somebody else; nothing of the run is running",
    ExitCode.IN_DOUBT: "ended in doubt: the listed Jobs may still run, or the outcome of a start is unknown",
    ExitCode.JOURNAL: "the journal cannot be read or written",
    ExitCode.BUG: "a bug in flowrun; the message says where the report lies",
    ExitCode.INTERRUPTED: "aborted by Ctrl-C; nothing of the run is running (otherwise 9)",
    ExitCode.TERMINATED: "aborted by SIGTERM; nothing of the run is running (otherwise 9)",
}

_OF_ERRORS: tuple[tuple[type[errors.FlowrunError], ExitCode], ...] = (
    (errors.Conflict, ExitCode.CONFLICT),
    (errors.Stale, ExitCode.CONFLICT),
    (errors.JournalError, ExitCode.JOURNAL),
    (errors.NotSignedIn, ExitCode.NOT_SIGNED_IN),
    (errors.Unreachable, ExitCode.UNREACHABLE),
    (errors.Throttled, ExitCode.UNREACHABLE),
    (errors.Ambiguous, ExitCode.UNREACHABLE),
    (errors.TemporalDenied, ExitCode.NOT_SIGNED_IN),
    (errors.OtherWorker, ExitCode.CONFLICT),
    (errors.TemporalError, ExitCode.UNREACHABLE),
    (errors.EngineError, ExitCode.FAILED),
)
"""The first that fits decides. All others are wrong input: they are raised before anything starts."""


def of_error(error: errors.FlowrunError) -> ExitCode:
    """The code for an error that ended a command."""
    return next((code for kind, code in _OF_ERRORS if isinstance(error, kind)), ExitCode.INVALID)


def of_report(report: Report) -> ExitCode:
    """The code for a run. Doubt comes before everything; a run that has not ended may still have Jobs."""
    if report.doubts or not report.final:
        return ExitCode.IN_DOUBT
    if report.status == "succeeded":
        return ExitCode.SUCCESS
    if report.status == "failed" or report.abort is None:
        return ExitCode.FAILED
    if report.abort.cause == "run_timeout":
        return ExitCode.DEADLINE
    return {"SIGINT": ExitCode.INTERRUPTED, "SIGTERM": ExitCode.TERMINATED}.get(report.abort.by, ExitCode.ABORTED)
