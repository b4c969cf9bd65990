"""Each row of docs/reference/from-other-systems.md, run in every state that the steps before can be in.

The rules of the other systems are written down here once more, from their documentation, as functions of these states.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from flowrun.core.commands import StartStep
from flowrun.core.events import AttemptFinished, RunFinished, RunStarted, StepFinished
from flowrun.core.retry import delay, next_try
from flowrun.core.run import Run
from flowrun.core.status import Failed, Succeeded
from flowrun.planner.build import build
from flowrun.spec.loader import load
from flowrun.templating.evaluator import Templates

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reference" / "from-other-systems.md").read_text(encoding="utf-8")

STATES = ("succeeded", "let_through", "failed", "skipped", "skipped_before", "upstream_failed")
"""What a step before can come to. `skipped` by its own condition, `skipped_before` by that of a step before it."""

Rule = Callable[[str, str], bool]
ROW = re.compile(r"^\| (.*?) \|(.*)\|$")


def rows(heading: str) -> Iterator[tuple[str, str]]:
    """The two cells of each row of the first table below a heading, without their backticks."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("| ")]
    for line in table[1:]:
        found = ROW.match(line.replace("\\|", "\0"))
        if found:
            theirs, ours = (cell.replace("\0", "|").strip().strip("`") for cell in found.groups())
            yield theirs, ours


def _ok(state: str) -> bool:
    return state in ("succeeded", "let_through")


def _bad(state: str) -> bool:
    return state in ("failed", "upstream_failed")


def _skipped(state: str) -> bool:
    return state in ("skipped", "skipped_before")


AIRFLOW: Mapping[str, Rule] = {
    "all_success": lambda a, b: _ok(a) and _ok(b),
    "all_failed": lambda a, b: _bad(a) and _bad(b),
    "all_done": lambda *_: True,
    "all_skipped": lambda a, b: _skipped(a) and _skipped(b),
    "one_failed": lambda a, b: _bad(a) or _bad(b),
    "one_success": lambda a, b: _ok(a) or _ok(b),
    "one_done": lambda a, b: any(_ok(state) or state == "failed" for state in (a, b)),
    "none_failed": lambda a, b: not _bad(a) and not _bad(b),
    "none_failed_min_one_success": lambda a, b: not _bad(a) and not _bad(b) and (_ok(a) or _ok(b)),
    "none_skipped": lambda a, b: not _skipped(a) and not _skipped(b),
    "all_done_min_one_success": lambda a, b: _ok(a) or _ok(b),
}


def _argo(state: str) -> str:
    return {"let_through": "Succeeded", "skipped_before": "Omitted", "upstream_failed": "Omitted"}.get(
        state, state.capitalize()
    )


def depends(words: str) -> Rule:
    """An Argo expression, read by Python's own grammar; a name alone is succeeded or skipped."""
    python = re.sub(r"\b([ab])\b(?!\.)", r"(\1.Succeeded or \1.Skipped)", words)
    python = re.sub(r"([ab])\.(\w+)", r"(\1 == '\2')", python)
    python = python.replace("&&", " and ").replace("||", " or ").replace("!", " not ").strip()
    return lambda a, b: bool(eval(python, {"a": _argo(a), "b": _argo(b)}))


GITLAB: Mapping[str, Rule] = {
    "when: on_success": lambda a, b: _ok(a) and _ok(b),
    "when: on_failure": lambda a, b: _bad(a) or _bad(b),
    "when: always": lambda *_: True,
    "when: never": lambda *_: False,
}

AZURE: Mapping[str, Rule] = {
    "succeeded()": lambda a, b: _ok(a) and _ok(b),
    "failed()": lambda a, b: "failed" in (a, b),
    "succeededOrFailed()": lambda a, b: all(_ok(state) or state == "failed" for state in (a, b)),
    "always()": lambda *_: True,
    "in(dependencies.a.result, 'Succeeded', 'Skipped')": lambda a, _: _ok(a) or _skipped(a) or a == "upstream_failed",
    "and(succeeded(), ne(dependencies.b.result, 'SucceededWithIssues'))": lambda a, b: _ok(a) and b == "succeeded",
}


def conditions() -> Iterator[Any]:
    for heading, rules in (
        ("Airflow: trigger rules", AIRFLOW),
        ("GitLab: when and allow_failure", GITLAB),
        ("Azure Pipelines: conditions", AZURE),
    ):
        told = dict(rows(heading))
        assert told.keys() == rules.keys(), heading
        for theirs, ours in told.items():
            yield pytest.param(rules[theirs], ours, id=theirs)
    for theirs, ours in rows("Argo Workflows: depends"):
        yield pytest.param(depends(theirs), ours, id=theirs)


def before(name: str, state: str) -> str:
    """A step that comes to this state, and the one before it that makes it so."""
    behind = f"  {name}: {{release: Good, needs: {name}0}}\n"
    lines = {
        "succeeded": f"  {name}: {{release: Good}}\n",
        "let_through": f"  {name}: {{release: Bad, continue_on_error: true}}\n",
        "failed": f"  {name}: {{release: Bad}}\n",
        "skipped": f"  {name}: {{release: Good, if: run.id == 'nobody'}}\n",
        "skipped_before": f"  {name}0: {{release: Good, if: run.id == 'nobody'}}\n{behind}",
        "upstream_failed": f"  {name}0: {{release: Bad}}\n{behind}",
    }
    return lines[state]


def play(text: str, error: str = "faulted") -> tuple[dict[str, StepFinished], RunFinished]:
    """The verdicts of a workflow in which the Release Bad fails with this error, and every other one does its work."""
    loaded = load(text, "row.yaml")
    assert loaded.workflow is not None, loaded.problems
    run = Run(RunStarted(1.0, "row", build(loaded.workflow)), Templates())
    events = run.settle(1.0)
    while not isinstance(events[-1], RunFinished):
        for command in [one for one in run.outstanding() if isinstance(one, StartStep)]:
            outcome = Failed(error) if command.arguments.get("release") == "Bad" else Succeeded()
            run.record(AttemptFinished(1.0, command.step_id, command.leg, command.attempt, outcome))
        events += run.settle(1.0)
    return {event.step_id: event for event in events if isinstance(event, StepFinished)}, events[-1]


@pytest.mark.parametrize(("rule", "condition"), list(conditions()))
def test_a_condition_says_what_theirs_says(rule: Rule, condition: str) -> None:
    runs = {}
    for a, b in product(STATES, repeat=2):
        step = (
            f"  t:\n    release: Good\n    needs: [a, b]\n{f'    if: {json.dumps(condition)}' if condition else ''}\n"
        )
        verdicts, _ = play(f"flowrun: 1\nname: row\nsteps:\n{before('a', a)}{before('b', b)}{step}")
        runs[a, b] = verdicts["t"].result == "succeeded"
        assert verdicts["t"].result in ("succeeded", "skipped"), verdicts["t"]
    assert runs == {(a, b): rule(a, b) for a, b in product(STATES, repeat=2)}


NAMES = {"States.ALL": set(STATES), "States.Timeout": {"timeout"}, "States.TaskFailed": {"faulted", "lost"}}


def theirs_wait(rules: list[dict[str, Any]], counts: list[int], error: str) -> float | None:
    """The seconds to the next try by the documentation of Step Functions; None where there is none."""
    for at, rule in enumerate(rules):
        if any(name == "States.ALL" or error in NAMES[name] for name in rule["ErrorEquals"]):
            if counts[at] >= rule["MaxAttempts"]:
                return None
            counts[at] += 1
            wait = float(rule["IntervalSeconds"] * rule["BackoffRate"] ** (counts[at] - 1))
            return min(wait, float(rule.get("MaxDelaySeconds", wait)))
    return None


@pytest.mark.parametrize(("theirs", "ours"), list(rows("Step Functions: Retry")))
def test_a_retry_waits_and_gives_up_as_theirs_does(theirs: str, ours: str) -> None:
    loaded = load(f"flowrun: 1\nname: row\nsteps:\n  t: {{release: T, retry: {ours}}}\n", "row.yaml")
    assert loaded.workflow is not None, loaded.problems
    rules = build(loaded.workflow).steps[0].retry
    for errors in product(("timeout", "faulted", "lost"), repeat=5):
        counts, tries = [0] * len(rules), (0,) * len(rules)
        for error in errors:
            wait = theirs_wait(json.loads(theirs), counts, error)
            again = next_try(rules, tries, error, "", 1.0)
            assert (again and again[1]) == wait, (errors, error)
            if again is None:
                break
            assert again[1] == delay(rules[again[0]].backoff, tries[again[0]], 1.0)
            tries = tuple(count + (at == again[0]) for at, count in enumerate(tries))


def test_a_catch_goes_another_way() -> None:
    section = PAGE.split("## Step Functions: Catch\n")[1]
    text = section.split("```yaml\n")[1].split("```")[0]
    cells = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line[:3] == "| `"
    ]
    assert len(cells) == 4
    for ending, ask, ship, run in cells[1:]:
        bad = text if ending == "succeeded" else text.replace("ChargeCard", "Bad")
        verdicts, finished = play(bad, ending)
        assert (verdicts["ask"].result, verdicts["ship"].result, finished.status) == (ask, ship, run)


REWRITTEN = (ROOT / "docs" / "how-to" / "rewrite-a-workflow.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [block.split("```")[0] for block in REWRITTEN.split("Here:\n\n```yaml\n")[1:]])
def test_what_is_rewritten_is_valid_and_says_nothing_twice(text: str) -> None:
    assert load(text, "rewritten.yaml").problems == ()
