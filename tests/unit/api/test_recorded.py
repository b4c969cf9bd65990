from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from flowrun.api.recorded import record_test, write_test
from flowrun.api.tests import carry_out_tests
from flowrun.cli.main import main
from flowrun.core.events import AttemptFinished, Event, RunStarted
from flowrun.errors import UsageError
from flowrun.journal.sqlite import SqliteJournal
from flowrun.settings import Settings
from tests.unit.trials.test_trial import APPROVAL, HEAD

ROOT = Path(__file__).parents[3]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOWRUN_STATE_DIR", str(tmp_path / "state"))
    return Settings.load({"FLOWRUN_STATE_DIR": str(tmp_path / "state")}, tmp_path)


def kept(settings: Settings, events: tuple[Event, ...]) -> None:
    """As if an engine had driven this run."""
    with closing(SqliteJournal(settings.state_dir)) as journal:
        first, *rest = events
        assert isinstance(first, RunStarted)
        journal.create(first)
        with journal.own(first.run_id, "test") as ownership:
            journal.append(ownership, rest, 1)


@pytest.mark.parametrize("file", sorted((ROOT / "specs").rglob("*.test.yaml")), ids=lambda file: file.stem)
def test_what_a_run_did_is_recorded_as_a_test_that_passes(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcomes = carry_out_tests([file]).outcomes
    assert outcomes
    for number, outcome in enumerate(outcomes):
        settings = Settings.load({"FLOWRUN_STATE_DIR": str(tmp_path / str(number))}, tmp_path)
        kept(settings, outcome.tried.events)
        made = record_test(None, settings)
        assert (made.left_out, made.differs) == ((), ()), outcome.tried.name
        assert made.text.count("\n") > 5


def told(folder: Path, workflow: str, test: str) -> tuple[Event, ...]:
    (folder / "x.yaml").write_text(f"{HEAD}{workflow}")
    (folder / "x.test.yaml").write_text(f"flowrun_test: 1\ntests:\n  - name: t\n    {test}")
    (outcome,) = carry_out_tests([folder / "x.yaml"]).outcomes
    return outcome.tried.events


CASES = {
    "an approval": (APPROVAL, "answers: {ask: {decision: approve, by: anna, after: 2h, inputs: {limit: 7}}}"),
    "a refusal": (APPROVAL, "answers: {ask: {decision: reject, by: bert, comment: too much}}"),
    "no answer": (APPROVAL, ""),
    "several Jobs": (
        "steps: {a: {release: A, jobs_count: 2, jobs_succeed: any}}",
        "jobs: {a: {jobs: [{outputs: {X: 1}}, {state: Faulted, info: 'no'}]}}",
    ),
    "a timeout": (
        "steps: {a: {release: A, timeout: 1m, stop_timeout: 10s, retry: 1}}",
        "jobs: {a: [{attempt: 1, pending: 5s, duration: forever, stops: never, killed: 2s}, {}]}",
    ),
    "a Job that stays pending": (
        "steps: {a: {release: A, pending_timeout: 1m}}",
        "jobs: {a: {pending: forever, stops: 3s}}",
    ),
    "suspended": ("steps: {a: {release: A, timeout: 1m}}", "jobs: {a: {duration: 50s, suspended: 1h}}"),
    "doubt": ("steps: {a: {release: A}}", "jobs: {a: {error: unknown, start: 3s, info: no word}}"),
    "a start that is refused": (
        "steps: {a: {release: A, retry: 1}}",
        "jobs: {a: [{attempt: 1, error: start_rejected, info: busy}, {}]}",
    ),
    "jitter": (
        (
            "steps: {a: {release: A, timeout: 1h, retry: [{max: 1, backoff: {initial: 10m, jitter: full}}]}, "
            "b: {release: B}}\ntimeout: 8m"
        ),
        "jobs: {a: [{attempt: 1, state: Faulted, info: x, chance: 0.5}, {duration: 2m}]}",
    ),
    "the run's own time": ("steps: {a: {release: A}}\ntimeout: 1h", "jobs: {a: {duration: forever, stops: 4s}}"),
    "an abort before the start is answered": (
        "steps: {a: {release: A}}",
        "jobs: {a: {start: 10s}}\n    abort: {after: 4s, by: anna}",
    ),
    "a kill after a stop": (
        "steps: {a: {release: A}}",
        "jobs: {a: {duration: 1h, stops: never}}\n    abort: [{after: 1m}, {after: 2m, level: kill, by: anna}]",
    ),
    "a contract that is broken": ("steps: {a: {release: A, outputs: {X: {}}}}", "jobs: {a: {outputs: {}}}"),
    "an expression that fails": ("steps: {a: {release: A, input_arguments: {x: '${{ 1 / 0 }}'}}}", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_all_that_can_happen_outside_is_recorded(name: str, settings: Settings, tmp_path: Path) -> None:
    workflow, test = CASES[name]
    events = told(tmp_path, workflow, f"{test}\n    expect: {{result: succeeded}}")
    kept(settings, events)
    made = record_test(None, settings, tmp_path / "y.test.yaml")
    assert (made.left_out, made.differs) == ((), ())
    write_test(made, tmp_path / "y.test.yaml")
    again = (tmp_path / "y.test.yaml").read_text().replace("tests:", "workflow: x.yaml\ntests:", 1)
    (tmp_path / "y.test.yaml").write_text(again)
    (outcome,) = carry_out_tests([tmp_path / "y.test.yaml"]).outcomes
    assert outcome.tried.passed
    assert [_known(event) for event in outcome.tried.events] == [_known(event) for event in events]


def _known(event: Event) -> tuple[str, object]:
    what = getattr(event, "outcome", None) if isinstance(event, AttemptFinished) else getattr(event, "step_id", None)
    return type(event).__name__, type(what).__name__ if isinstance(event, AttemptFinished) else what


SECRET = (
    "steps:\n"
    "  a: {release: A, outputs: {Token: {type: string, sensitive: true}, Pin: {type: integer, sensitive: true}}}\n"
    "  b: {needs: a, release: B, input_arguments: {x: 'Bearer ${{ steps.a.outputs.Token }}', "
    "pin: '${{ steps.a.outputs.Pin }}'}}\n"
    "  c: {needs: b, release: C, if: steps.a.outputs.Pin == 4711}\n"
)


def test_what_is_sensitive_never_gets_into_it(settings: Settings, tmp_path: Path) -> None:
    jobs = "jobs: {a: {outputs: {Token: tok-123, Pin: 4711}}, b: {state: Faulted, info: tok-123 is old}}"
    kept(settings, told(tmp_path, SECRET, f"{jobs}\n    expect: {{result: failed}}"))
    made = record_test(None, settings)
    assert "tok-123" not in made.text
    assert "4711" not in made.text.replace("steps.a.outputs.Pin == 4711", "")
    assert "x: Bearer hidden" in made.text
    assert made.differs == ()


def test_an_expectation_that_needs_what_is_hidden_is_left_out(settings: Settings, tmp_path: Path) -> None:
    workflow = "steps: {a: {release: A, outputs: {Pin: {type: integer, sensitive: true}}}}\n"
    workflow += "outputs: {double: '${{ steps.a.outputs.Pin * 2 }}'}"
    kept(settings, told(tmp_path, workflow, "jobs: {a: {outputs: {Pin: 4711}}}\n    expect: {result: succeeded}"))
    made = record_test(None, settings)
    assert made.left_out == ("tests[0].expect.outputs.double",)
    assert made.differs == ()
    assert "9422" not in made.text


def test_a_run_that_has_not_ended_is_not_recorded(settings: Settings, tmp_path: Path) -> None:
    events = told(tmp_path, "steps: {a: {release: A}}", "jobs: {a: {duration: forever}}\n    expect: {result: failed}")
    kept(settings, events)
    with pytest.raises(UsageError, match="has not ended"):
        record_test(None, settings)


def test_a_file_that_is_there_is_not_written_over(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(settings, told(tmp_path, "steps: {a: {release: A}}", "expect: {result: succeeded}"))
    assert main(["test", "--record", "latest", "--to", "new.test.yaml"]) == 0
    assert capsys.readouterr().out == "new.test.yaml\n"
    assert main(["test", "--record", "latest", "--to", "new.test.yaml"]) == 3
    assert "is there already" in capsys.readouterr().err
    assert main(["test", "--record", "latest"]) == 0
    assert "flowrun_test: 1" in capsys.readouterr().out
