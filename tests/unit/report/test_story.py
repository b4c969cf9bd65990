from __future__ import annotations

import json
from typing import Any

import pytest

from flowrun.core.events import AbortRequested, AttemptStarted, Event
from flowrun.core.plan import Backoff, FanOut, Need, Plan, Repeat, RetryRule, Step
from flowrun.core.status import AbortLevel
from flowrun.report import telling
from flowrun.report.story import story
from tests.golden.events.plans import PLANS, job
from tests.simulation.told import START, told

RULES = (
    RetryRule(errors=("start_rejected",), most=1),
    RetryRule(errors=("faulted",), most=2, match="script", backoff=Backoff(initial=20.0)),
)


def lines(events: tuple[Event, ...], step: str) -> list[str]:
    return telling.text(story(events, step)).splitlines()


def test_a_chain_is_told_from_the_step_to_the_root() -> None:
    post = job("post", fails="faulted", times=9, fan_out=FanOut({"n": ["EU", "US"]}), retry=RULES)
    events = told(Plan("p", (post, job("sign", "post"), job("report", "sign")))).events
    found = lines(events, "report")
    assert found == [
        "report  skipped: upstream_failed  at 1970-01-01T00:17:43.000Z",
        "  its need sign was skipped (upstream_failed) (R5)",
        "",
        "sign  skipped: upstream_failed  at 1970-01-01T00:17:43.000Z",
        "  its need post failed (R5)",
        "",
        "post  failed: faulted  at 1970-01-01T00:17:43.000Z",
        "  2 of 2 legs failed; the first, EU: as the script says (R8)",
        "  post[EU]  failed: faulted: as the script says",
        (
            "    attempt 1  1970-01-01T00:16:40.000Z, 1.0s  faulted: as the script says; "
            "tried again after 20 s, rule 2 (faulted that match 'script'), 1 of 2"
        ),
        (
            "    attempt 2  1970-01-01T00:17:01.000Z, 1.0s  faulted: as the script says; "
            "tried again after 40 s, rule 2 (faulted that match 'script'), 2 of 2"
        ),
        (
            "    attempt 3  1970-01-01T00:17:42.000Z, 1.0s  faulted: as the script says; "
            "rule 2 (faulted that match 'script') grants 2 and no more"
        ),
        "  … and 1 more leg",
    ]


def test_an_if_is_told_with_what_it_referred_to_at_the_time() -> None:
    plan = Plan(
        "p",
        (
            job("a", gives={"n": 3, "big": "x" * 200}),
            job("b", "a", condition="steps.a.outputs.n > 5 and inputs.period == 'x' and steps.a.outputs.big != ''"),
        ),
    )
    found = lines(told(plan).events, "b")
    assert found[2:6] == [
        "  if: steps.a.outputs.n > 5 and inputs.period == 'x' and steps.a.outputs.big != ''",
        "    steps.a.outputs.n was 3",
        '    inputs.period was "2026-01"',
        f'    steps.a.outputs.big was "{"x" * 78}…',
    ]


@pytest.mark.parametrize("name", ["steps.a.outputs.token", "steps.a.outputs", "steps.a"])
def test_what_is_sensitive_is_not_shown(name: str) -> None:
    secret = job("a", gives={"token": "tok-123", "n": 1}, sensitive=("token",))
    plan = Plan(
        "p", (secret, job("b", "a", condition=f"{name} == 'no'"), job("c", "a", condition="steps.a.outputs.n == 2"))
    )
    events = told(plan).events
    assert "tok-123" not in telling.text(story(events, "b")) + json.dumps(telling.data(story(events, "b")))
    assert f"    {name} was (sensitive)" in lines(events, "b")
    assert "    steps.a.outputs.n was 1" in lines(events, "c")


def test_who_ended_the_run_is_told() -> None:
    plan = Plan("p", (job("a", takes=100, deaf=1, stop_timeout=10.0), job("b", "a")))
    events = told(plan, [AbortRequested(START + 5, AbortLevel.STOP, "anna")]).events
    found = lines(events, "b")
    assert "  its need a was cancelled (R5)" in found
    assert "  the run was ended by anna (stop) while it ran (R6)" in found
    assert any("killed (abort)" in line for line in found)
    assert found[-1] == "the run was being ended from 1970-01-01T00:16:45.000Z by anna: stop, abort"


def test_a_round_that_is_repeated_is_told() -> None:
    step = job("a", gives={"done": False}, repeat=Repeat("outputs.done", 2, 30.0))
    found = lines(told(Plan("p", (step,))).events, "a")
    assert "repeated after 30 s: `until` does not hold yet" in found[2]
    assert found[1] == "  `repeat.until` does not hold after 2 rounds"


def cut(plan: Plan, kind: type[Event], count: int = 1) -> tuple[Event, ...]:
    """The events up to the one of this kind."""
    events = told(plan).events
    places = [place for place, event in enumerate(events) if isinstance(event, kind)]
    return events[: places[count - 1] + 1]


ASK = Step("ask", "approval", {"approval": {"instructions": "Post?"}})
RETRYING = job("a", fails="faulted", retry=(RetryRule(most=1, backoff=Backoff(initial=600.0)),))


def waits(events: tuple[Event, ...], step: str) -> list[str]:
    return [leg.waits for leg in story(events, step).links[0].legs]


def two(**more: Any) -> tuple[Step, ...]:
    return (job("a", takes="inf", **more), job("b", takes="inf", **more))


@pytest.mark.parametrize(
    ("events", "step", "words"),
    [
        (told(Plan("p", (ASK,))).events, "ask", "for an answer: flowrun runs approve run-1 ask"),
        (told(Plan("p", (job("a", takes="inf"),))).events, "a", "for its end; it is running"),
        (told(Plan("p", (job("a", pending=float("inf"), takes="inf"),))).events, "a", "for a robot"),
        (cut(Plan("p", (RETRYING,)), AttemptStarted)[:-1], "a", "for the answer to its start"),
        (told(Plan("p", two(), max_parallel=1)).events, "b", "for a slot of the run (max_parallel 1)"),
        (
            told(Plan("p", two(pools={"sap": 2}), pools={"sap": 3})).events,
            "b",
            "for slots of the pool sap (it has 3)",
        ),
    ],
)
def test_a_leg_that_is_not_over_says_for_what_it_waits(events: tuple[Event, ...], step: str, words: str) -> None:
    assert waits(events, step) == [words]


def test_a_leg_of_a_fan_out_waits_for_a_slot_of_it_or_for_its_next_try() -> None:
    fan = job("a", takes="inf", fan_out=FanOut({"n": [1, 2]}, max_parallel=1))
    assert waits(told(Plan("p", (fan,))).events, "a") == [
        "for its end; it is running",
        "for a slot of its fan-out (max_parallel 1)",
    ]
    events = told(Plan("p", (RETRYING,))).events
    planned = next(at for at, event in enumerate(events) if type(event).__name__ == "RetryPlanned")
    assert waits(events[: planned + 1], "a") == ["for the time of its next try"]


def test_a_step_that_waits_for_another_tells_of_that_too() -> None:
    found = story(told(Plan("p", (ASK, Step("post", "job", {}, (Need("ask"),))))).events, "post")
    assert [link.why.step for link in found.links] == ["post", "ask"]


@pytest.mark.parametrize("name", PLANS)
def test_every_step_of_every_plan_has_a_story_at_every_moment(name: str) -> None:
    events = told(PLANS[name]).events
    for length in range(1, len(events) + 1):
        for step in PLANS[name].steps:
            found = story(events[:length], step.id)
            assert found.links[0].why.text
            assert telling.text(found)
            json.dumps(telling.data(found))


def test_the_json_has_the_same_chain() -> None:
    events = told(PLANS["condition"]).events
    data = telling.data(story(events, "b"))
    assert [link["step"] for link in data["chain"]] == ["b", "a"]
    assert data["chain"][1]["legs"][0]["attempts"][0]["came_to"] == "faulted: as the script says"
