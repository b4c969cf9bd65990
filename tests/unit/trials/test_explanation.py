from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowrun.api import Inputs, assumed
from flowrun.cli.main import main
from flowrun.core.plan import FanOut, Plan, Step
from flowrun.errors import SpecError, UsageError
from flowrun.templating.evaluator import Templates
from flowrun.trials import assumption
from flowrun.trials.explanation import explanation
from tests.golden.events.plans import PLANS

FOLDER = Path(__file__).parents[2] / "golden" / "explanations"
CLOSE = FOLDER / "close.yaml"
CASES = {
    "all-is-well": "",
    "a-step-fails": "post=failed",
    "a-leg-fails": "post[EU]=failed",
    "skipped-and-rejected": "fx=skipped,sign_off=rejected",
    "let-through-and-empty": "fx=failed,post=empty",
    "an-abort": "abort=post",
    "a-kill": "abort:kill",
    "upstream": "list=failed:timeout,report=failed",
    "nobody-can-tell": "fx=failed:unknown",
}


@pytest.mark.parametrize("name", CASES)
def test_every_step_has_its_reason(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`flowrun explain tests/golden/explanations/close.yaml -a … > tests/golden/explanations/NAME.txt`."""
    assert main(["explain", str(CLOSE), "--assume", CASES[name]]) == 0
    assert capsys.readouterr().out == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def states(file: Path, *texts: str, **given: str) -> dict[str, str]:
    return {row.step: row.state for row in assumed(file, texts, Inputs(given)).rows}


def test_what_is_given_is_known() -> None:
    assert states(CLOSE, period="2026-09")["period"] == "skipped"
    assert states(CLOSE, period="2026-10", region="US")["us"] == "succeeded"
    with pytest.raises(SpecError):
        assumed(CLOSE, (), Inputs({"perod": "2026-09"}))


def test_the_answer_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(CLOSE), "-a", "fx=skipped", "-a", "post=failed", "-o", "json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["status"], data["why"], data["rule"]) == ("failed", "post failed", "R7")
    report = next(step for step in data["steps"] if step["id"] == "report")
    assert (report["state"], report["cause"], report["rule"]) == ("skipped", "upstream_failed", "R5")
    assert report["by"] == ["post", "sign_off"]
    post = next(step for step in data["steps"] if step["id"] == "post")
    assert (post["assumed"], post["attempts"], post["legs"]) == (True, 3, ["?"])


def test_a_code_is_still_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "fr104"]) == 0
    assert capsys.readouterr().out.startswith("FR104: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pst=failed", "no step 'pst'"),
        ("post=faild", "a step is assumed failed"),
        ("post", "a step is assumed failed"),
        ("post[EU]=skipped", "a leg is assumed failed or succeeded"),
        ("list[EU]=failed", "list has no legs"),
        ("list=empty", "list has no legs"),
        ("list=rejected", "list is no approval"),
        ("list=failed:x", "no error class 'x'"),
        ("list=skipped:timeout", "no error class 'timeout'"),
        ("abort=x", "no step 'x'"),
        ("abort=post:x", "no abort 'x'"),
        ("=failed", "is no assumption"),
    ],
)
def test_what_cannot_be_assumed_is_said(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        assumed(CLOSE, (text,), Inputs())


def test_the_key_of_a_leg_may_hold_a_comma() -> None:
    plan = Plan("p", (Step("a", "job", fan_out=FanOut({"n": ["x,y", "z"]})),))
    found = explanation(plan, {}, Templates(), assumption.read(["a[x,y]=failed"], plan))
    assert found.rows[0].legs == ("x,y", "z")
    assert found.rows[0].why == "assumed: x,y fails"


def test_an_optional_assumption_that_succeeds_says_nothing() -> None:
    assert states(CLOSE, "post=succeeded") == states(CLOSE)


@pytest.mark.parametrize("name", [name for name in PLANS if name not in ("expression", "run_timeout")])
def test_without_assumptions_what_an_engine_would_do_is_told_of_every_step(name: str) -> None:
    plan = PLANS[name]
    found = explanation(plan, {"period": "2026-01"}, Templates(), assumption.read([], plan))
    assert {row.step for row in found.rows} == {step.id for step in plan.steps}
    assert all(row.why for row in found.rows)
    assert found.status == "succeeded"
