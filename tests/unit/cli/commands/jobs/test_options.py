from __future__ import annotations

import pytest

from flowrun.cli.commands.jobs.options import EXPANDABLE, STATES, STRATEGIES
from flowrun.cli.main import main
from flowrun.orchestrator.wire import Job, JobState, Strategy


def test_the_words_are_those_of_the_api() -> None:
    assert tuple(JobState) == STATES
    assert tuple(Strategy) == STRATEGIES
    assert set(EXPANDABLE) <= set(Job.model_fields)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--expand", "robot,moon"], "'moon' is none of robot, release, machine"),
        (["wait", "1", "--timeout", "soon"], "no duration"),
        (["export"], "Missing option '--to'"),
    ],
)
def test_wrong_words(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", *words]) == 3
    assert said in capsys.readouterr().err
