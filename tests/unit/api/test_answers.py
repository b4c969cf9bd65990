from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flowrun.api import answers
from flowrun.core.events import (
    AttemptFinished,
    AttemptScheduled,
    AttemptStarted,
    AttemptStopping,
    Event,
    Leg,
    LegFinished,
    RetryPlanned,
    RunFinished,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import FanOut, Plan, RetryRule, Step
from flowrun.core.status import LegStatus, RunStatus, StepStatus, Succeeded
from flowrun.engines.clock import SystemClock
from flowrun.errors import Conflict, SpecError, UsageError
from flowrun.journal.sqlite import SqliteJournal
from flowrun.settings import Settings
from flowrun.steps.answer import Answer, Decision

RUN = "20260921-101320-ka"
T = 1_790_000_000.0
PLAN = Plan(
    "pay_day",
    (
        Step("sign_off", "approval", retry=(RetryRule(most=1),)),
        Step("regions", "approval", fan_out=FanOut({"region": []})),
        Step("post", "job"),
        Step("later", "approval"),
    ),
)
INPUTS = {"Amount": {"type": "number"}, "Account": {"default": "4711"}}


def asks(step: str, leg: int, *, until: float | None = None) -> list[Event]:
    handle = {"asked": T, "until": until, "instructions": "Pay\x1b?", "inputs": INPUTS}
    return [AttemptScheduled(T, step, leg, 1, {}), AttemptStarted(T, step, leg, 1, handle)]


BEGUN: list[Event] = [
    RunStarted(T, RUN, PLAN),
    StepBegan(T, "sign_off", (Leg(),)),
    StepBegan(T, "regions", (Leg("EU"), Leg("US"))),
    *asks("sign_off", 0),
    *asks("regions", 0),
]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with closing(SqliteJournal(tmp_path)) as journal:
        yield journal


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(project=tmp_path, state_dir=tmp_path)


def written(journal: SqliteJournal, *more: Event) -> SqliteJournal:
    """A run that has come so far, and that nobody drives."""
    first, *rest = [*BEGUN, *more]
    assert isinstance(first, RunStarted)
    journal.create(first)
    with journal.own(RUN, "a test") as ownership:
        journal.append(ownership, rest, 1)
    return journal


def test_what_is_asked_is_safe_to_show(journal: SqliteJournal, settings: Settings) -> None:
    written(journal)
    asked = answers.question(None, "regions", "EU", settings)
    assert (asked.name, asked.instructions, asked.required) == (
        "regions[EU]",
        "Pay\N{REPLACEMENT CHARACTER}?",
        ("Amount",),
    )
    assert asked.expected("Amount", "12.5") is None
    assert "not of type number" in (asked.expected("Amount", "much") or "")


@pytest.mark.parametrize(
    ("step", "leg", "words"),
    [
        ("sign_of", None, "did you mean sign_off"),
        ("nothing", None, "its approvals are sign_off, regions, later"),
        ("post", None, "post is a job step, and asks nobody"),
        ("later", None, "later has not been reached yet"),
        ("sign_off", "EU", "sign_off has no legs"),
        ("regions", None, "add --leg with one of EU, US"),
        ("regions", "eu", "did you mean EU"),
        ("regions", "Asia", "its legs are EU, US"),
        ("regions", "US", "does not ask at this moment"),
    ],
)
def test_who_asks_nothing_is_told_apart(
    journal: SqliteJournal, settings: Settings, step: str, leg: str | None, words: str
) -> None:
    written(journal)
    with pytest.raises(UsageError) as caught:
        answers.question(RUN, step, leg, settings)
    assert words in f"{caught.value.message} ({caught.value.hint})"


ANNA = Answer(Decision.APPROVED, "anna", T + 60, "fine", {"Amount": 1})
BOB = Answer(Decision.REJECTED, "bob", T + 60)
ENDED = RunFinished(T + 90, RunStatus.SUCCEEDED)
DONE = StepFinished(T + 60, "sign_off", StepStatus.SUCCEEDED, StepStatus.SUCCEEDED)
OTHERS: list[Event] = [
    LegFinished(T, "regions", 1, LegStatus.CANCELLED),
    AttemptFinished(T, "regions", 0, 1, Succeeded()),
    LegFinished(T, "regions", 0, LegStatus.CANCELLED),
    StepFinished(T, "regions", StepStatus.CANCELLED, StepStatus.CANCELLED),
    StepFinished(T, "post", StepStatus.CANCELLED, StepStatus.CANCELLED),
    StepFinished(T, "later", StepStatus.SKIPPED, StepStatus.SKIPPED, "condition"),
]


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        (
            [AttemptFinished(T, "sign_off", 0, 1, ANNA.outcome())],
            Conflict,
            "approved by anna at 2026-09-21T14:14:20Z: fine",
        ),
        ([AttemptFinished(T, "sign_off", 0, 1, BOB.outcome())], Conflict, "rejected by bob at"),
        ([AttemptFinished(T, "sign_off", 0, 1, Succeeded())], Conflict, "has ended without an answer"),
        ([AttemptStopping(T, "sign_off", 0, 1, force=False, cause="abort")], UsageError, "is being ended"),
        (
            [
                AttemptFinished(T, "sign_off", 0, 1, BOB.outcome()),
                RetryPlanned(T, "sign_off", 0, 1, 0, T + 300),
            ],
            UsageError,
            "not before 2026-09-21T14:18:20Z",
        ),
    ],
)
def test_who_asks_no_longer_says_why(
    journal: SqliteJournal, settings: Settings, more: list[Event], error: type[Exception], words: str
) -> None:
    written(journal, *more)
    with pytest.raises(error, match=words):
        answers.question(RUN, "sign_off", None, settings)


def test_a_run_that_has_ended_asks_nobody(journal: SqliteJournal, settings: Settings) -> None:
    answered: list[Event] = [
        AttemptFinished(T, "sign_off", 0, 1, ANNA.outcome()),
        LegFinished(T, "sign_off", 0, LegStatus.SUCCEEDED),
    ]
    written(journal, *answered, DONE, *OTHERS, ENDED)
    with pytest.raises(Conflict, match="approved by anna"):
        answers.question(RUN, "sign_off", None, settings)
    with pytest.raises(UsageError, match="later asks nobody: it is skipped, condition"):
        answers.question(RUN, "later", None, settings)


def test_nobody_answers_after_the_deadline(journal: SqliteJournal, settings: Settings) -> None:
    written(journal, *asks("regions", 1, until=T + 60))
    with pytest.raises(UsageError, match="its time was over at 2026-09-21T14:14:20Z"):
        answers.question(RUN, "regions", "US", settings)


async def test_an_answer_is_kept_where_nobody_drives_the_run(journal: SqliteJournal, settings: Settings) -> None:
    written(journal)
    asked = answers.question(RUN, "sign_off", None, settings)
    given = await answers.answer(asked, "approved", settings, texts={"Amount": "12.5"}, comment="fine\udce9", by="anna")
    assert (given.taken, given.by, given.comment) == (False, "anna", "fine?")
    (request,) = journal.requests(RUN)
    event = request.event
    assert isinstance(event, AttemptFinished)
    assert isinstance(event.outcome, Succeeded)
    assert (event.step_id, event.leg, event.attempt) == ("sign_off", 0, 1)
    assert {name: event.outcome.outputs[name] for name in ("by", "Amount", "Account")} == {
        "by": "anna",
        "Amount": 12.5,
        "Account": "4711",
    }


async def test_the_second_of_two_is_told_who_was_first(journal: SqliteJournal, settings: Settings) -> None:
    written(journal)
    asked = answers.question(RUN, "sign_off", None, settings)
    await answers.answer(asked, "rejected", settings, by="bob")
    with pytest.raises(Conflict, match="sign_off has been answered: rejected by bob"):
        await answers.answer(asked, "approved", settings, texts={"Amount": "1"}, by="anna")
    with pytest.raises(Conflict, match="rejected by bob"):
        answers.question(RUN, "sign_off", None, settings)


async def test_whoever_drives_the_run_takes_it(journal: SqliteJournal, settings: Settings) -> None:
    written(journal)
    asked = answers.question(RUN, "sign_off", None, settings)
    with journal.own(RUN, "a test") as ownership:
        answering = asyncio.ensure_future(answers.answer(asked, "rejected", settings, by="bob"))
        while not (requests := journal.requests(RUN)):  # noqa: ASYNC110 - real processes can but look
            await asyncio.sleep(0.05)
        journal.append(ownership, [requests[0].event], len(BEGUN))
        assert (await answering).taken


async def test_who_comes_after_the_timeout_is_told(journal: SqliteJournal, settings: Settings) -> None:
    written(journal)
    asked = answers.question(RUN, "sign_off", None, settings)
    silence = Answer(Decision.REJECTED, "timeout", SystemClock().now(), "nobody answered within 1h")
    with journal.own(RUN, "a test") as ownership:
        journal.append(ownership, [AttemptFinished(T, "sign_off", 0, 1, silence.outcome())], len(BEGUN))
        with pytest.raises(Conflict, match=r"rejected by timeout at .*: nobody answered within 1h"):
            await answers.answer(asked, "approved", settings, texts={"Amount": "1"})


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({}, "the input `Amount` is missing"),
        ({"Amount": "much"}, 'is the text "much", and not of type number'),
        ({"Amount": "1", "Amout": "1"}, "there is no input `Amout`"),
    ],
)
async def test_inputs_are_checked_before_anything_is_said(
    journal: SqliteJournal, settings: Settings, texts: dict[str, str], words: str
) -> None:
    written(journal)
    asked = answers.question(RUN, "sign_off", None, settings)
    with pytest.raises(SpecError) as caught:
        await answers.answer(asked, "approved", settings, texts=texts)
    assert [problem.message for problem in caught.value.problems if words in problem.message]
    assert journal.requests(RUN) == []
