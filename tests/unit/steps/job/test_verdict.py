from __future__ import annotations

from typing import Any

import pytest

from flowrun.core.status import Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.orchestrator.wire import Job, JobError, Robot
from flowrun.steps.job.handle import Handle
from flowrun.steps.job.verdict import Ended, phase_of, verdict
from flowrun.steps.job.watch import Gone

HANDLE = Handle(7, "Shared", ((1, "k1"),), release={"key": "r", "name": "Post", "version": "1.2"})


def job(number: int = 1, state: str = "Successful", outputs: str | None = '{"X": 1}', **more: Any) -> Job:
    return Job(id=number, key=f"k{number}", state=state, output_arguments=outputs, **more)


def judged(*ended: Ended, spare: tuple[Ended, ...] = (), handle: Handle = HANDLE, **arguments: Any) -> Outcome:
    return verdict(ended, handle, arguments, spare)


def failed(outcome: Outcome) -> Failed:
    assert isinstance(outcome, Failed)
    return outcome


def test_success_with_outputs_and_facts() -> None:
    outcome = judged(
        job(
            info="Job completed",
            creation_time="2026-01-01T00:00:00Z",
            start_time="2026-01-01T00:00:01Z",
            end_time="2026-01-01T00:00:02Z",
            robot=Robot(id=3, name="anna"),
        )
    )
    assert isinstance(outcome, Succeeded)
    assert outcome.outputs == {"X": 1}
    assert outcome.facts == {
        "jobs": [
            {
                "id": 1,
                "key": "k1",
                "state": "Successful",
                "info": "Job completed",
                "created_at": "2026-01-01T00:00:00Z",
                "started_at": "2026-01-01T00:00:01Z",
                "ended_at": "2026-01-01T00:00:02Z",
                "robot": "anna",
                "machine": None,
                "release": "Post",
                "version": "1.2",
                "folder": "Shared",
            }
        ]
    }


@pytest.mark.parametrize(
    ("ended", "error", "said"),
    [
        (job(state="Faulted", info="ledger is closed"), "faulted", "ledger is closed"),
        (job(state="Faulted", job_error=JobError(title="T", detail="D")), "faulted", "D"),
        (job(state="Faulted"), "faulted", "says no more"),
        (job(state="Stopped", info="by admin"), "stopped_outside", "by admin"),
        (job(stop_strategy="SoftStop"), "stopped_outside", "may not have done all"),
        (job(outputs="[1]"), "output_contract", "not a map"),
        (Gone((1, "k1"), seen_alive=False), "lost", "404"),
    ],
)
def test_ways_to_fail(ended: Ended, error: str, said: str) -> None:
    outcome = failed(judged(ended))
    assert outcome.error == error
    assert said in outcome.message


def test_outputs_of_a_failed_job_are_kept() -> None:
    assert failed(judged(job(state="Faulted", outputs='{"X": 1}'))).outputs == {"X": 1}
    assert failed(judged(job(state="Faulted", outputs="{"))).outputs == {}


def test_a_job_that_vanished_alive_is_unknown() -> None:
    assert isinstance(judged(Gone((1, "k1"), seen_alive=True)), Unknown)
    assert isinstance(judged(job(), spare=(Gone((2, "k2"), seen_alive=True),)), Unknown)


def test_a_doubt_of_the_start_outlives_success() -> None:
    outcome = judged(job(), handle=Handle(7, "", ((1, "k1"),), doubt="maybe twice"))
    assert isinstance(outcome, Unknown)
    assert outcome.message == "maybe twice"


@pytest.mark.parametrize("field", ["stop_strategy", "StopProcessExpression"])
def test_a_stop_strategy_of_the_start_itself_proves_nothing(field: str) -> None:
    assert isinstance(judged(job(stop_strategy="Kill"), start={field: "Kill"}), Succeeded)


def test_a_broken_contract_names_the_output() -> None:
    outcome = failed(judged(job(outputs=None), outputs={"X": {"type": "integer", "required": True}}))
    assert outcome.error == "output_contract"
    assert "'X'" in outcome.message


def test_several_jobs_give_lists_in_their_order() -> None:
    outcome = judged(job(1), job(2, outputs='{"Y": 2}'), job(3, outputs=None), jobs_count=3)
    assert isinstance(outcome, Succeeded)
    assert outcome.outputs == {"X": [1, None, None], "Y": [None, 2, None]}


@pytest.mark.parametrize("arguments", [{"strategy": "All"}, {"strategy": "JobsCount", "jobs_count": 2}])
def test_one_job_of_a_start_that_may_make_several_gives_lists_too(arguments: dict[str, Any]) -> None:
    outcome = judged(job(), **arguments)
    assert isinstance(outcome, Succeeded)
    assert outcome.outputs == {"X": [1]}


def test_declared_outputs_are_there_though_no_job_gave_them() -> None:
    outcome = judged(job(1, "Faulted", None), job(2, "Faulted", None), outputs={"X": {}}, jobs_count=2)
    assert failed(outcome).outputs == {"X": [None, None]}


def test_all_must_succeed_unless_any_is_enough() -> None:
    ended = (job(1), job(2, "Faulted", None, info="no"))
    assert isinstance(judged(*ended, jobs_count=2, jobs_succeed="any"), Succeeded)
    outcome = failed(judged(*ended, jobs_count=2, jobs_succeed="all"))
    assert outcome.error == "faulted"
    assert outcome.message == "1 of 2 Jobs failed: Job 2: no"


def test_none_is_not_any() -> None:
    ended = [job(number, "Faulted", None, info="no") for number in range(1, 6)]
    outcome = failed(judged(*ended, jobs_count=5, jobs_succeed="any"))
    assert "5 of 5 Jobs failed" in outcome.message
    assert "and 2 more" in outcome.message


@pytest.mark.parametrize(
    ("states", "begun", "phase"),
    [
        ((None,), False, None),
        (("Pending",), False, Phase.PENDING),
        (("Running",), True, Phase.RUNNING),
        (("Stopping",), True, Phase.RUNNING),
        (("Terminating",), True, Phase.RUNNING),
        (("Suspended",), True, Phase.SUSPENDED),
        (("Resumed",), True, Phase.SUSPENDED),
        (("Quantum",), True, Phase.RUNNING),
        (("Pending",), True, Phase.SUSPENDED),
        (("Pending", "Running"), True, Phase.RUNNING),
        (("Pending", "Suspended"), True, Phase.SUSPENDED),
        (("Successful", "Pending"), True, Phase.SUSPENDED),
        (("Successful", "Faulted"), True, None),
    ],
)
def test_phases(states: tuple[str | None, ...], begun: bool, phase: Phase | None) -> None:  # noqa: FBT001 - a case
    assert phase_of(states, begun=begun) is phase
