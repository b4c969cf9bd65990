from __future__ import annotations

from typing import Any

import pytest

from flowrun.core.events import AttemptFinished, AttemptScheduled, Leg, LegFinished, StepBegan
from flowrun.core.plan import FanOut
from flowrun.core.protocol import Scope
from flowrun.core.questions import Questions, step_view
from flowrun.core.run import Run
from flowrun.core.state import RunState
from flowrun.core.status import Cancelled, Failed, LegStatus, Outcome, Succeeded, Unknown
from flowrun.errors import TemplateError
from tests.simulation.core.words import Words
from tests.unit.core.making import NOW, decided, job, run_of


class Curious(Words):
    """Remembers what it was shown."""

    def __init__(self) -> None:
        self.seen: list[Scope] = []

    def condition(self, expression: str, scope: Scope) -> bool:
        self.seen.append(scope)
        return super().condition(expression, scope)

    def render(self, template: Any, scope: Scope) -> Any:
        self.seen.append(scope)
        return super().render(template, scope)


def ended(outcome: Outcome, result: str = "succeeded", cause: str = "", **step: Any) -> Run:
    """A run whose step `a` ended like this in its second attempt."""
    run = run_of(job("a", **step), job("b", "a"))
    run.record(StepBegan(NOW, "a", (Leg(),)))
    run.record(AttemptScheduled(NOW, "a", 0, 1, {}))
    run.record(AttemptFinished(NOW, "a", 0, 1, outcome))
    run.record(LegFinished(NOW, "a", 0, LegStatus(result), cause, "why"))
    run.record(decided("a", result, cause))
    return run


def test_the_names_that_an_expression_sees() -> None:
    run, curious = run_of(job("a"), inputs={"x": 1}), Curious()
    Questions(curious).condition(run.state, "success()", {"success": True})
    scope = curious.seen[0]
    assert set(scope.names) == {"inputs", "steps", "run", "workflow", "env", "secrets"}
    assert scope.names["inputs"] == {"x": 1}
    assert scope.names["run"] == {"id": "run", "key": "", "started_at": NOW}
    assert scope.names["workflow"] == {"name": "made"}
    assert scope.status == {"success": True}


def test_only_steps_that_are_final_are_seen() -> None:
    run, curious = ended(Succeeded({"v": 1})), Curious()
    Questions(curious).outputs(run.state)
    steps = curious.seen[0].names["steps"]
    assert list(steps) == ["a"]
    assert len(steps) == 1
    assert "b" not in steps
    with pytest.raises(KeyError):
        steps["b"]
    with pytest.raises(KeyError):
        steps["nobody"]


def test_a_view_is_made_once_and_only_when_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def view(_state: RunState, at: int) -> dict[str, str]:
        made.append(at)
        return {"result": "ok"}

    monkeypatch.setattr("flowrun.core.questions.step_view", view)
    run, ask = ended(Succeeded()), Questions(Words())
    assert ask.arguments(run.state, 1, run.state.leg(0, 0)) == {}
    assert made == []
    for _ in range(3):
        assert not ask.condition(run.state, "ok a", {})
    assert made == [0]


def test_what_a_step_that_succeeded_looks_like() -> None:
    view = step_view(ended(Succeeded({"v": 1}, {"jobs": [{"Key": "k"}]}), defaults={"v": 0, "w": 2}).state, 0)
    assert view == {
        "result": "succeeded",
        "outcome": "succeeded",
        "cause": "",
        "error": None,
        "jobs": [{"Key": "k"}],
        "attempt": 1,
        "outputs": {"v": 1, "w": 2},
    }


def test_what_a_step_that_failed_looks_like() -> None:
    run = ended(Failed("faulted", "why", {"v": 1}), "failed", "faulted")
    view = step_view(run.state, 0)
    assert view["error"] == {"class": "faulted", "message": ""}
    assert view["outputs"] == {"v": 1}
    assert view["result"] == "failed"


@pytest.mark.parametrize("outcome", [Cancelled(), Unknown(facts=["no map"])])
def test_what_did_not_end_by_itself_has_only_its_defaults(outcome: Outcome) -> None:
    view = step_view(ended(outcome, "cancelled", "abort", defaults={"w": 2}).state, 0)
    assert (view["outputs"], view["jobs"], view["error"]) == ({"w": 2}, [], None)


def test_what_a_step_that_did_not_run_looks_like() -> None:
    run = run_of(job("a", defaults={"w": 2}))
    run.record(decided("a", "skipped", "condition"))
    view = step_view(run.state, 0)
    assert (view["result"], view["cause"], view["outputs"], view["attempt"]) == ("skipped", "condition", {"w": 2}, 0)


def fan(**step: Any) -> Run:
    run = run_of(job("a", fan_out=FanOut({"n": [0, 1, 2]}), **step))
    run.record(StepBegan(NOW, "a", tuple(Leg(f"k{at}", {"n": at}) for at in range(3))))
    outcomes: tuple[Outcome, ...] = (Succeeded({"v": "x"}, {"jobs": [1]}), Failed("faulted", "bad"), Cancelled())
    for at, (outcome, result) in enumerate(zip(outcomes, ("succeeded", "failed", "cancelled"), strict=True)):
        run.record(AttemptScheduled(NOW, "a", at, 1, {}))
        run.record(AttemptFinished(NOW, "a", at, 1, outcome))
        run.record(LegFinished(NOW, "a", at, LegStatus(result), "faulted" if at == 1 else "", "bad" if at == 1 else ""))
    run.record(decided("a", "failed", "faulted"))
    return run


def test_what_a_fan_out_looks_like() -> None:
    view = step_view(fan().state, 0)
    assert view["outputs"] == {"v": ["x", None, None]}
    assert view["jobs"] == [1]
    assert view["legs"] == [
        {
            "key": f"k{at}",
            "matrix": {"n": at},
            "result": result,
            "cause": "faulted" if at == 1 else "",
            "error": {"class": "faulted", "message": "bad"} if at == 1 else None,
            "attempt": 1,
            "outputs": {"v": "x"} if at == 0 else {},
            "jobs": [1] if at == 0 else [],
        }
        for at, result in enumerate(("succeeded", "failed", "cancelled"))
    ]


def test_defaults_fill_the_holes_of_a_fan_out() -> None:
    assert step_view(fan(defaults={"v": 0, "w": 1}).state, 0)["outputs"] == {"v": ["x", 0, 0], "w": [1, 1, 1]}


def test_a_declared_output_is_there_though_no_leg_has_it() -> None:
    assert step_view(fan(outputs=("v", "z")).state, 0)["outputs"] == {"v": ["x", None, None], "z": [None] * 3}


@pytest.mark.parametrize(("result", "outputs"), [("succeeded", {"v": [], "z": []}), ("skipped", {"v": []})])
def test_declared_outputs_of_a_fan_out_without_legs(result: str, outputs: dict[str, Any]) -> None:
    run = run_of(job("a", fan_out=FanOut({"n": []}), outputs=("v", "z"), defaults={"v": 0}))
    run.record(StepBegan(NOW, "a", ()))
    run.record(decided("a", result))
    assert step_view(run.state, 0)["outputs"] == outputs


def test_a_fan_out_without_legs_has_lists_without_items() -> None:
    run = run_of(job("a", fan_out=FanOut({"n": []}), defaults={"v": 0}))
    run.record(StepBegan(NOW, "a", ()))
    run.record(decided("a", "succeeded"))
    view = step_view(run.state, 0)
    assert (view["outputs"], view["legs"], view["jobs"]) == ({"v": []}, [], [])


def legs_of(fan_out: FanOut, **inputs: Any) -> list[tuple[str, Any]]:
    run = run_of(job("a", fan_out=fan_out), inputs=inputs)
    return [(leg.key, leg.matrix) for leg in Questions(Words()).legs(run.state, fan_out)]


def test_legs_come_from_values_known_only_now() -> None:
    fan_out = FanOut({"n": "${{ inputs.rows }}"}, include="${{ inputs.more }}", exclude="${{ inputs.less }}")
    assert legs_of(fan_out, rows=[1, 2], more=[{"n": 3}], less=[{"n": 1}]) == [("2", {"n": 2}), ("3", {"n": 3})]


def test_a_key_of_the_authors_own() -> None:
    assert legs_of(FanOut({"n": [{"Code": "EU"}, {"Code": 7}]}, key="${{ matrix.n.Code }}")) == [
        ("EU", {"n": {"Code": "EU"}}),
        ("7", {"n": {"Code": 7}}),
    ]


@pytest.mark.parametrize("fan_out", [FanOut({"n": [1, 2]}, key="same"), FanOut({"n": ["x", "x"]})])
def test_two_legs_of_one_name_are_refused(fan_out: FanOut) -> None:
    with pytest.raises(TemplateError, match="two legs have the key") as error:
        legs_of(fan_out)
    assert "fan_out.key" in (error.value.hint or "")


def test_arguments_see_the_matrix_of_their_leg() -> None:
    run = run_of(job("a", arguments={"n": "${{ matrix.n }}"}))
    run.record(StepBegan(NOW, "a", (Leg("7", {"n": 7}),)))
    assert Questions(Words()).arguments(run.state, 0, run.state.leg(0, 0)) == {"n": 7}
