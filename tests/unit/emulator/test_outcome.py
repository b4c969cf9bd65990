from __future__ import annotations

import pytest

from flowrun.emulator.outcome import INFO_LIMIT, faulted, judge
from flowrun.emulator.processes import Ended
from flowrun.orchestrator.wire import JobState

RUNNING, STOPPING, TERMINATING = JobState.RUNNING, JobState.STOPPING, JobState.TERMINATING


def test_output_is_kept_byte_for_byte() -> None:
    outcome = judge(Ended(0, b'\n {"b": 1.0, "a":  "\xc3\xa9"} \n'), RUNNING)
    assert (outcome.state, outcome.output) == (JobState.SUCCESSFUL, '{"b": 1.0, "a":  "é"}')
    assert outcome.info == "Job completed"


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        (Ended(0, b""), "printed nothing"),
        (Ended(0, b"done"), "did not print OutputArguments"),
        (Ended(0, b"[1]"), "it is array, not an object"),
        (Ended(0, b'{"a": NaN}'), "NaN is not JSON"),
        (Ended(0, b'{"a": 1}\n{"b": 2}'), "did not print OutputArguments"),
        (Ended(0, b"\xff{}"), "not UTF-8"),
        (Ended(0, b"[" * 100_000), "nested too deeply"),
        (Ended(0, b"{}", overflow=True), "more than 1048576 bytes"),
        (Ended(3), "exit code 3"),
        (Ended(-9), "ended by SIGKILL"),
        (Ended(-250), "signal 250"),
        (Ended(error="The program x was not found."), "x was not found"),
    ],
)
def test_everything_else_is_faulted_with_its_reason(ended: Ended, said: str) -> None:
    outcome = judge(ended, RUNNING)
    assert (outcome.state, outcome.output) == (JobState.FAULTED, None)
    assert said in outcome.info


def test_the_process_own_words_come_first_with_line_ends_like_uipath() -> None:
    info = judge(Ended(3, tail=b"Traceback\n  line 1\nValueError: no total\n"), RUNNING).info
    assert info == "Traceback\r\n  line 1\r\nValueError: no total\r\nThe process ended with exit code 3."


def test_the_code_of_every_failure_is_said_only_where_nothing_else_is() -> None:
    assert judge(Ended(1, tail=b"There is no photo.\n"), RUNNING).info == "There is no photo."
    assert judge(Ended(1), RUNNING).info == "The process ended with exit code 1."


def test_info_is_bounded_and_keeps_the_end() -> None:
    info = faulted("x" * 10_000 + " the reason").info
    assert len(info) == INFO_LIMIT
    assert info.endswith(" the reason")


@pytest.mark.parametrize("ended", [Ended(0, b"{}"), Ended(1), Ended(-15), Ended(error="no")])
def test_a_killed_job_is_stopped_whatever_it_said(ended: Ended) -> None:
    assert judge(ended, TERMINATING).state is JobState.STOPPED


def test_a_softly_stopped_job_that_ends_well_is_successful() -> None:
    assert judge(Ended(0, b"{}"), STOPPING).state is JobState.SUCCESSFUL
    assert judge(Ended(0, b"no json"), STOPPING).state is JobState.STOPPED
    assert judge(Ended(-15), STOPPING).state is JobState.STOPPED
