"""What a script makes of each kind of step, and of all that a Job can come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.api.tests import carry_out_tests
from flowrun.core.events import AttemptFinished, AttemptProgressed
from flowrun.trials.trial import Tried

HEAD = "flowrun: 1\nname: x\n"


def tried(folder: Path, workflow: str, test: str) -> Tried:
    """The one test of a workflow, both as YAML: the steps, and what stands beside the name."""
    (folder / "x.yaml").write_text(f"{HEAD}{workflow}")
    (folder / "x.test.yaml").write_text(f"flowrun_test: 1\ntests:\n  - name: t\n    {test}")
    (file,) = carry_out_tests([folder / "x.yaml"]).files
    assert [page.render(color=False) for page in file.faults] == []
    return file.outcomes[0].tried


def passes(folder: Path, workflow: str, test: str) -> Tried:
    done = tried(folder, workflow, test)
    assert [(problem.where, problem.message) for problem in done.problems] == []
    return done


APPROVAL = (
    "steps:\n"
    "  ask: {approval: {instructions: 'Post?', timeout: 24h, inputs: {limit: {type: integer}}}}\n"
    "  post: {needs: ask, release: P, input_arguments: {in_Limit: '${{ steps.ask.outputs.limit }}'}}\n"
)


@pytest.mark.parametrize(
    ("answer", "expect"),
    [
        (
            "{decision: approve, by: anna, after: 2h, inputs: {limit: 7}}",
            "{duration: 2h, steps: {ask: {outputs: {by: anna, limit: 7}}, post: {arguments: {in_Limit: 7}}}}",
        ),
        (
            "{decision: reject, by: bert, comment: too much}",
            "{result: failed, steps: {ask: {cause: rejected, message: 'rejected by bert: too much'}, post: skipped}}",
        ),
        (
            "{decision: approve, after: 25h, inputs: {limit: 7}}",
            "{result: failed, duration: 24h, steps: {ask: {cause: rejected, message: nobody answered within}}}",
        ),
    ],
)
def test_an_approval_is_answered_or_its_time_passes(tmp_path: Path, answer: str, expect: str) -> None:
    passes(tmp_path, APPROVAL, f"answers: {{ask: {answer}}}\n    expect: {expect}")


def test_an_approval_that_is_asked_again_is_answered_anew(tmp_path: Path) -> None:
    workflow = "steps: {ask: {approval: {instructions: x}, retry: [{errors: [rejected], max: 1}]}}"
    answers = "[{attempt: 1, decision: reject}, {decision: approve, by: anna}]"
    passes(tmp_path, workflow, f"answers: {{ask: {answers}}}\n    expect: {{steps: {{ask: {{attempts: 2}}}}}}")


def test_an_approval_that_nobody_answers_never_ends(tmp_path: Path) -> None:
    done = tried(tmp_path, "steps: {ask: {approval: {instructions: x}}}", "expect: {steps: {ask: succeeded}}")
    assert done.problems[0].message == "after 0.0s the run waits for ever: ask"
    passes(
        tmp_path,
        "steps: {ask: {approval: {instructions: x}}}",
        "abort: {after: 1h}\n    expect: {result: cancelled, duration: 1h, steps: {ask: cancelled}}",
    )


def test_an_answer_is_checked_against_what_is_asked(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(f"{HEAD}{APPROVAL}")
    (tmp_path / "x.test.yaml").write_text(
        "flowrun_test: 1\ntests:\n"
        "  - {name: a, answers: {ask: {decision: approve, inputs: {limt: 7}}}, expect: {result: failed}}\n"
        "  - {name: b, answers: {ask: {decision: approve, inputs: {limit: much}}}, expect: {result: failed}}\n"
    )
    (file,) = carry_out_tests([tmp_path]).files
    found = [(problem.code, problem.position) for page in file.faults for problem in page.problems]
    assert [(code, (place.line, place.column)) for code, place in found if place] == [
        ("FR222", (3, 30)),
        ("FR221", (3, 59)),
        ("FR223", (4, 66)),
    ]


JOB = "steps: {a: {release: A, outputs: {X: {type: integer}, Y: {type: string, default: none}}}}"


@pytest.mark.parametrize(
    ("says", "expect"),
    [
        ("{outputs: {X: 1}}", "{result: succeeded, steps: {a: {outputs: {X: 1, Y: none}}}}"),
        ("{outputs: {X: one}}", "{steps: {a: {cause: output_contract, message: 'the step promises'}}}"),
        ("{outputs: {Y: a}}", "{steps: {a: {cause: output_contract, message: is missing}}}"),
        ("{state: Faulted, info: no}", "{steps: {a: {cause: faulted, message: 'no'}}}"),
        ("{state: Faulted, info: no, outputs: {X: 3}}", "{steps: {a: {cause: faulted, outputs: {X: 3}}}}"),
        ("{state: Stopped}", "{steps: {a: {cause: stopped_outside}}}"),
        ("{error: start_rejected, info: no Release}", "{steps: {a: {cause: start_rejected, message: no Release}}}"),
        ("{error: rate_limited}", "{steps: {a: {cause: rate_limited}}}"),
        ("{error: lost, duration: 5m}", "{duration: 5m, steps: {a: {cause: lost}}}"),
        ("{error: unknown, start: 5s}", "{duration: 5s, doubts: [a], steps: {a: {cause: lost}}}"),
    ],
)
def test_what_a_job_comes_to(tmp_path: Path, says: str, expect: str) -> None:
    passes(tmp_path, JOB, f"jobs: {{a: {says}}}\n    expect: {expect}")


def test_arguments_are_as_long_as_orchestrator_takes_them(tmp_path: Path) -> None:
    workflow = "inputs: {x: {}}\nsteps: {a: {release: A, input_arguments: {x: '${{ inputs.x }}'}}}"
    long, longest = "x" * 10_000, "x" * (10_000 - len('{"x":""}'))
    passes(
        tmp_path,
        workflow,
        f"inputs: {{x: {long}}}\n    expect: {{steps: {{a: {{cause: start_rejected, message: 10,000}}}}}}".replace(
            "10,000", "'10,000'"
        ),
    )
    passes(tmp_path, workflow, f"inputs: {{x: {longest}}}\n    expect: {{result: succeeded}}")


def test_several_jobs_of_one_start_end_each_in_its_way(tmp_path: Path) -> None:
    workflow = "steps: {a: {release: A, jobs_count: 2, jobs_succeed: any}}"
    says = "{jobs: [{outputs: {X: 1}}, {state: Faulted, info: no}]}"
    passes(tmp_path, workflow, f"jobs: {{a: {says}}}\n    expect: {{steps: {{a: {{outputs: {{X: [1, null]}}}}}}}}")
    every = workflow.replace("any", "all")
    expect = "{steps: {a: {cause: faulted, message: '1 of 2 Jobs failed: Job 102: no'}}}"
    passes(tmp_path, every, f"jobs: {{a: {says}}}\n    expect: {expect}")
    passes(tmp_path, every, "jobs: {a: {outputs: {X: 1}}}\n    expect: {steps: {a: {outputs: {X: [1, 1]}}}}")


def test_the_states_of_a_job_are_told_as_orchestrator_says_them(tmp_path: Path) -> None:
    done = passes(
        tmp_path,
        "steps: {a: {release: A, timeout: 1m}}",
        "jobs: {a: {pending: 5s, duration: 50s, suspended: 1h}}\n    expect: {result: succeeded, duration: 1h55s}",
    )
    told = [event.detail for event in done.events if isinstance(event, AttemptProgressed)]
    assert told == ["Pending", "Running", "Suspended", "Running"]
    finished = next(event for event in done.events if isinstance(event, AttemptFinished))
    assert finished.outcome.facts["jobs"][0]["id"] == 101


def test_the_pending_time_is_limited(tmp_path: Path) -> None:
    passes(
        tmp_path,
        "steps: {a: {release: A, pending_timeout: 15m, retry: [{errors: [pending_timeout], max: 1}]}}",
        "jobs: {a: [{attempt: 1, pending: forever}, {}]}\n"
        "    expect: {result: succeeded, duration: 15m, steps: {a: {attempts: 2}}}",
    )


@pytest.mark.parametrize(("chance", "took"), [("1", "10m"), ("0.25", "2m30s"), ("0", "0s")])
def test_jitter_is_what_the_dice_of_the_test_say(tmp_path: Path, chance: str, took: str) -> None:
    rule = "{max: 1, backoff: {initial: 10m, jitter: full}}"
    passes(
        tmp_path,
        f"steps: {{a: {{release: A, retry: [{rule}]}}}}",
        f"chance: {chance}\n    jobs: {{a: [{{attempt: 1, state: Faulted}}, {{}}]}}\n    expect: {{duration: {took}}}",
    )


def test_the_clock_of_the_run_is_the_tests(tmp_path: Path) -> None:
    passes(
        tmp_path,
        "steps: {a: {wait: {until: \"'2026-10-31T20:00:00Z'\"}}}\noutputs: {id: '${{ run.id }}'}",
        "started_at: 2026-10-31T18:00:00Z\n    run_id: october\n    expect: {duration: 2h, outputs: {id: october}}",
    )


def test_true_is_not_one(tmp_path: Path) -> None:
    done = tried(
        tmp_path,
        "steps: {a: {release: A}}",
        "jobs: {a: {outputs: {X: true}}}\n    expect: {steps: {a: {outputs: {X: 1}}}}",
    )
    assert [problem.message for problem in done.problems] == ["expected 1, found true"]
    passes(
        tmp_path,
        "steps: {a: {release: A}}",
        "jobs: {a: {outputs: {X: 1.0}}}\n    expect: {steps: {a: {outputs: {X: 1}}}}",
    )
