"""What a script makes of steps that run files."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.api.tests import carry_out_tests
from tests.unit.trials.test_trial import HEAD, passes, tried

INNER = (
    f"{HEAD}inputs: {{day: {{}}}}\n"
    "steps: {a: {release: A, input_arguments: {d: '${{ inputs.day }}'}}}\n"
    "outputs: {Doc: '${{ inputs.day }}'}\n"
)
WORKFLOW = (
    "steps:\n"
    "  post: {workflow: inner.yaml, inputs: {day: '2026-10-30'}, timeout: 1h, retry: [{errors: [faulted], max: 1}]}\n"
    "  report: {needs: post, release: R, input_arguments: {in_Doc: '${{ steps.post.outputs.Doc }}'}}\n"
)


@pytest.fixture(autouse=True)
def inner(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(INNER)


@pytest.mark.parametrize(
    ("says", "expect"),
    [
        (
            "{outputs: {Doc: D-1}, duration: 5m}",
            "{duration: 5m, steps: {post: {arguments: {day: '2026-10-30'}}, report: {arguments: {in_Doc: D-1}}}}",
        ),
        (
            "[{attempt: 1, error: faulted}, {outputs: {Doc: D-2}}]",
            "{result: succeeded, steps: {post: {attempts: 2}}}",
        ),
        ("{error: timeout, message: it took too long}", "{steps: {post: {cause: timeout, message: too long}}}"),
        ("{error: start_rejected}", "{steps: {post: {cause: start_rejected}}, never_started: [report]}"),
        ("{error: unknown}", "{result: failed, doubts: [post]}"),
        ("{duration: forever, stops: 2m}", "{steps: {post: {cause: timeout, duration: 1h2m}}}"),
    ],
)
def test_what_a_file_comes_to(tmp_path: Path, says: str, expect: str) -> None:
    passes(tmp_path, WORKFLOW, f"workflows: {{post: {says}}}\n    expect: {expect}")


def test_an_entry_that_nothing_came_to_is_told(tmp_path: Path) -> None:
    done = tried(tmp_path, WORKFLOW, "workflows: {post: {attempt: 7}}\n    expect: {result: failed}")
    assert [problem.code for problem in done.problems] == ["FR712"]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("jobs: {post: {}}", "FR703"),
        ("workflows: {report: {}}", "FR703"),
        ("workflows: {pots: {}}", "FR702"),
        ("workflows: {post: {outputs: {Dco: 1}}}", "FR705"),
        ("workflows: {post: {leg: EU}}", "FR704"),
        ("workflows: {post: {error: broken}}", "FR107"),
    ],
)
def test_names_are_checked_against_the_workflow(tmp_path: Path, script: str, code: str) -> None:
    (tmp_path / "x.yaml").write_text(f"{HEAD}{WORKFLOW}")
    test = f"flowrun_test: 1\ntests:\n  - name: t\n    {script}\n    expect: {{result: failed}}"
    (tmp_path / "x.test.yaml").write_text(test)
    (file,) = carry_out_tests([tmp_path / "x.yaml"]).files
    assert [problem.code for page in file.faults for problem in page.problems] == [code]
