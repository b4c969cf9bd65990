import re
from dataclasses import replace

import pytest

from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptScheduled,
    Leg,
    LegFinished,
    RunFinished,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.evolve import begin, evolve
from flowrun.core.plan import Plan, Step
from flowrun.core.state import RunState
from flowrun.core.status import (
    AbortLevel,
    Cancelled,
    Cause,
    Failed,
    LegStatus,
    Outcome,
    Phase,
    RunStatus,
    StepStatus,
    Succeeded,
    Unknown,
)
from flowrun.journal import naming
from flowrun.steps.protocol import Attempt
from flowrun.steps.upshot import Words, upshot
from flowrun.steps.workflow import LONGEST, child_id, given, reachable, verdict

ATTEMPT = Attempt("20261123-2255-k3m9qx", "post", "", 1, {"workflow": "post.yaml"})
FACTS = {"run": "run.post.1"}
DECLARED = {
    "period": {"type": "string", "pattern": "^[0-9]{4}$"},
    "region": {"type": "choice", "options": ["EU", "US"], "default": "EU"},
    "note": {"required": False},
}


def test_the_id_of_a_child_is_readable() -> None:
    assert child_id(ATTEMPT) == "20261123-2255-k3m9qx.post.1"
    assert child_id(replace(ATTEMPT, leg="eu", number=12)) == "20261123-2255-k3m9qx.post.eu.12"


@pytest.mark.parametrize("leg", ["EU", "a b", "a/b", "../..", "ü", "a.b", "x" * 500, "EU, 2026-10", "\ud800", "CON"])
def test_the_id_of_any_child_can_be_the_name_of_a_file(leg: str) -> None:
    found = child_id(replace(ATTEMPT, leg=leg))
    naming.check(found)
    assert re.fullmatch(r"20261123-2255-k3m9qx\.post\.[A-Za-z0-9_-]+-[0-9a-f]{8}\.1", found)


def test_no_two_attempts_have_one_id_where_case_means_nothing() -> None:
    keys = ["eu", "EU", "Eu", "eU", "", "1", "e.u", "e-u", "e u", "post"]
    steps = ["post", "Post", "post_", "post.compensate"]
    attempts = [
        replace(ATTEMPT, step_id=step, leg=key, number=number) for step in steps for key in keys for number in (1, 2)
    ]
    ids = [child_id(attempt).lower() for attempt in attempts]
    ids += [child_id(replace(attempt, run_id=child_id(ATTEMPT))).lower() for attempt in attempts]
    assert len(set(ids)) == len(ids)


def test_a_long_way_down_has_an_id_that_is_long_enough_and_no_longer() -> None:
    attempts = [replace(ATTEMPT, step_id=f"a_step_with_a_long_name_{letter}") for letter in "ab"]
    for _ in range(8):
        ids = [child_id(attempt) for attempt in attempts]
        assert len(set(ids)) == 2
        assert all(len(found) <= LONGEST for found in ids)
        for found in ids:
            naming.check(found)
        attempts = [replace(attempt, run_id=found) for attempt, found in zip(attempts, ids, strict=True)]


def test_inputs_are_taken_as_they_are_declared() -> None:
    assert given(DECLARED, {"period": "2026"}) == ({"period": "2026", "region": "EU", "note": None}, [])
    assert given(DECLARED, {"period": "2026", "note": None, "region": "US"})[1] == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "input 'period' must be given"),
        ({"period": 2026}, "input 'period' is the number 2026, and must be of type string"),
        ({"period": "26"}, "input 'period' is the text \"26\", and must be a text that matches ^[0-9]{4}$"),
        ({"period": None}, "input 'period' is nothing, and must be of type string"),
        ({"period": "2026", "region": "JP"}, "input 'region' is the text \"JP\", and must be one of EU, US"),
        ({"period": "2026", "perod": "2026"}, "it has no input 'perod'"),
    ],
)
def test_what_does_not_fit_is_said_in_words(values: dict[str, object], said: str) -> None:
    assert given(DECLARED, values)[1] == [said]


def ended(
    *outcomes: Outcome, outputs: dict[str, object] | None = None, abort: AbortRequested | None = None
) -> RunState:
    """A run that has ended, one step for each outcome; they end in the order in which they are given last to first."""
    steps = tuple(Step(f"s{at}", "job") for at in range(len(outcomes)))
    state = begin(RunStarted(0.0, "run.post.1", Plan("post", steps)))
    for at in reversed(range(len(outcomes))):
        name, outcome = f"s{at}", outcomes[at]
        state = evolve(state, StepBegan(1.0, name, (Leg(),)))
        state = evolve(state, AttemptScheduled(2.0, name, 0, 1, {}))
        state = evolve(state, AttemptFinished(3.0, name, 0, 1, outcome))
        good = isinstance(outcome, Succeeded)
        error, message = (outcome.error, outcome.message) if isinstance(outcome, Failed) else ("lost", "")
        result = LegStatus.SUCCEEDED if good else LegStatus.FAILED
        state = evolve(state, LegFinished(4.0, name, 0, result, "" if good else error, "" if good else message))
        status = StepStatus(result)
        cause = "" if good else error
        state = evolve(state, StepFinished(5.0, name, status, status, cause, "" if good else message))
    if abort is not None:
        state = evolve(state, abort)
    failed = RunStatus.FAILED if any(state.failed.values()) else RunStatus.SUCCEEDED
    status_ = RunStatus.CANCELLED if abort is not None else failed
    return evolve(state, RunFinished(6.0, status_, outputs=outputs or {}))


def test_what_failed_first_gives_the_class() -> None:
    outcome = verdict(upshot(ended(Failed("faulted", "later"), Failed("timeout", "sooner"), Succeeded())), ATTEMPT)
    assert isinstance(outcome, Failed)
    assert (outcome.error, outcome.message) == ("timeout", "run run.post.1 failed: s1: timeout: sooner")
    assert outcome.facts == FACTS


def test_a_cause_that_is_no_error_class_is_a_fault() -> None:
    outcome = verdict(upshot(ended(Failed("empty_matrix", "the matrix has no legs"))), ATTEMPT)
    assert isinstance(outcome, Failed)
    assert outcome.error == "faulted"
    assert "empty_matrix" in outcome.message


def test_outputs_that_cannot_be_made_fail_as_an_expression() -> None:
    state = replace(ended(Succeeded()), status=RunStatus.FAILED, cause="expression", message="outputs: no such name")
    outcome = verdict(upshot(state), ATTEMPT)
    assert isinstance(outcome, Failed)
    assert (outcome.error, outcome.message) == ("expression", "run run.post.1 failed: outputs: no such name")


def test_doubts_travel_up_with_their_jobs_from_any_depth() -> None:
    deep = Unknown("of run x something may still be running: b", {"run": "x", "jobs": [{"id": 7, "key": "k7"}]})
    run = ended(Unknown("lost sight", {"jobs": [{"id": 4, "key": "k4"}]}), deep, Unknown("no reply"))
    outcome = verdict(upshot(run), ATTEMPT)
    assert isinstance(outcome, Unknown)
    assert outcome.message == "of run run.post.1 something may still be running: s2, s1, s0"
    assert outcome.facts == {"run": "run.post.1", "jobs": [{"id": 4, "key": "k4"}, {"id": 7, "key": "k7"}]}


@pytest.mark.parametrize(
    ("abort", "expected"),
    [
        (AbortRequested(5.5, AbortLevel.STOP, f"run {ATTEMPT.run_id}, step post"), Cancelled),
        (AbortRequested(5.5, AbortLevel.STOP, "somebody"), "stopped_outside"),
        (AbortRequested(5.5, AbortLevel.STOP, "timeout", Cause.RUN_TIMEOUT), "timeout"),
        (AbortRequested(5.5, AbortLevel.STOP, "run b", Cause.SUPERSEDED), "stopped_outside"),
    ],
)
def test_an_end_before_its_time_is_called_by_who_wanted_it(abort: AbortRequested, expected: object) -> None:
    outcome = verdict(upshot(ended(Succeeded(), abort=abort)), ATTEMPT)
    assert isinstance(outcome, Cancelled) if expected is Cancelled else getattr(outcome, "error", "") == expected


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        ({}, Succeeded({"doc": "D-1", "note": None}, FACTS)),
        (
            {"doc": {"type": "string"}, "note": {"default": "-"}},
            Succeeded({"doc": "D-1", "note": "-"}, FACTS),
        ),
        (
            {"note": {"required": False, "type": "string"}},
            Succeeded({"doc": "D-1", "note": None}, FACTS),
        ),
        ({"note": {}}, "output 'note' is null"),
        ({"doc": {"type": "integer"}}, "output 'doc' is the text \"D-1\", and the step promises 'integer'"),
    ],
)
def test_outputs_are_held_against_the_contract_of_the_step(contract: dict[str, object], expected: object) -> None:
    state = ended(Succeeded(), outputs={"doc": "D-1", "note": None})
    outcome = verdict(upshot(state), replace(ATTEMPT, arguments={"outputs": contract}))
    if isinstance(expected, str):
        assert isinstance(outcome, Failed)
        assert outcome.error == "output_contract"
        assert outcome.message.startswith(expected)
    else:
        assert outcome == expected


def test_only_what_is_named_is_reachable() -> None:
    def naming_(*names: str) -> Plan:
        return Plan("p", tuple(Step(f"s{at}", "workflow", {"workflow": name}) for at, name in enumerate(names)))

    plans = {"a": naming_("b", "c"), "b": naming_("c"), "c": naming_(), "d": naming_("a"), "e": naming_()}
    assert set(reachable(naming_("a"), plans)) == {"a", "b", "c"}
    assert reachable(Plan("p", (Step("s", "job", {"workflow": "a"}),)), plans) == {}


def test_who_waits_for_its_turn_is_pending() -> None:
    said: list[tuple[Phase, str]] = []
    words = Words(lambda phase, word: said.append((phase, word)))
    state = begin(RunStarted(0.0, "r", Plan("post", (Step("a", "job"),))))
    words.tell(replace(state, status=RunStatus.QUEUED))
    words.tell(replace(state, status=RunStatus.QUEUED))
    words.tell(state)
    assert said == [(Phase.PENDING, "queued"), (Phase.RUNNING, "0 of 1 step")]
