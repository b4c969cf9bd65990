from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flowrun.core.plan import Json
from flowrun.core.status import Cancelled, Failed, Outcome, Succeeded
from flowrun.simulation.virtual import EPOCH, VirtualClock, run
from flowrun.steps.approval import ApprovalKind
from flowrun.steps.protocol import Attempt, Started

DAY = 86_400.0


def attempt(**asked: Any) -> Attempt:
    return Attempt("run", "sign_off", "", 1, {"approval": {"instructions": "Pay it?", **asked}})


async def asked(kind: ApprovalKind, one: Attempt) -> Json:
    answer = await kind.start(one, lambda: True)
    assert isinstance(answer, Started), answer
    return answer.handle


def end(one: Attempt) -> tuple[Outcome, float]:
    """What it comes to where nobody answers, and after how many virtual seconds."""

    async def story() -> tuple[Outcome, float]:
        kind = ApprovalKind(VirtualClock())
        outcome = await kind.wait(one, await asked(kind, one), lambda *_: None)
        return outcome, asyncio.get_running_loop().time()

    return run(story(), longest=10 * DAY)


def test_the_handle_says_what_is_asked_since_when_and_until_when() -> None:
    inputs = {"Amount": {"type": "number"}}
    handle = run(asked(ApprovalKind(VirtualClock()), attempt(timeout=DAY, inputs=inputs)))
    assert handle == {"asked": EPOCH, "until": EPOCH + DAY, "instructions": "Pay it?", "inputs": inputs}
    forever = run(asked(ApprovalKind(VirtualClock()), attempt()))
    assert (forever["until"], forever["inputs"]) == (None, {})


@pytest.mark.parametrize(
    ("instructions", "shown"), [(" Pay 3? ", "Pay 3?"), (3, "3"), ({"Total": "é"}, '{"Total": "é"}')]
)
def test_instructions_of_any_type_become_text(instructions: Json, shown: str) -> None:
    assert run(asked(ApprovalKind(VirtualClock()), attempt(instructions=instructions)))["instructions"] == shown


@pytest.mark.parametrize("arguments", [{}, {"approval": None}, {"approval": {}}, {"approval": {"instructions": " "}}])
def test_a_question_without_words_is_none(arguments: Json) -> None:
    answer = run(ApprovalKind(VirtualClock()).start(Attempt("run", "ask", "", 1, arguments), lambda: True))
    assert isinstance(answer, Failed)
    assert answer.error == "expression"


def test_nobody_answers_and_it_is_rejected() -> None:
    outcome, took = end(attempt(timeout=DAY, on_timeout="reject"))
    assert isinstance(outcome, Failed)
    assert (outcome.error, outcome.message) == ("rejected", "nobody answered within 1d")
    assert took == pytest.approx(DAY)
    assert (outcome.outputs["decision"], outcome.outputs["by"]) == ("rejected", "timeout")
    assert outcome.outputs["at"] == "2026-01-02T00:00:00Z"


def test_nobody_answers_and_it_is_approved_with_defaults() -> None:
    inputs = {"Account": {"type": "string", "default": "4711"}, "Note": {"required": False}}
    outcome, took = end(attempt(timeout=5400.0, on_timeout="approve", inputs=inputs))
    assert isinstance(outcome, Succeeded)
    assert took == pytest.approx(5400.0)
    told = {name: outcome.outputs[name] for name in ("decision", "by", "comment", "Account", "Note")}
    assert told == {
        "decision": "approved",
        "by": "timeout",
        "comment": "nobody answered within 1h30m",
        "Account": "4711",
        "Note": None,
    }


def test_a_restart_does_not_move_the_deadline() -> None:
    async def story() -> float:
        one = attempt(timeout=1000.0)
        handle = await asked(ApprovalKind(VirtualClock()), one)
        await asyncio.sleep(400.0)
        assert isinstance(await ApprovalKind(VirtualClock()).wait(one, handle, lambda *_: None), Failed)
        return asyncio.get_running_loop().time()

    assert run(story()) == pytest.approx(1000.0)


def test_a_stop_ends_the_wait_at_once() -> None:
    async def story() -> float:
        kind, one = ApprovalKind(VirtualClock()), attempt()
        handle = await asked(kind, one)
        waiting = asyncio.create_task(kind.wait(one, handle, lambda *_: None))
        await asyncio.sleep(7.0)
        await kind.stop(one, handle, force=False)
        assert isinstance(await waiting, Cancelled)
        return asyncio.get_running_loop().time()

    assert run(story()) == pytest.approx(7.0)


def test_it_says_until_when_it_waits() -> None:
    async def story() -> list[str]:
        seen: list[str] = []
        for one in (attempt(timeout=60.0), attempt()):
            kind = ApprovalKind(VirtualClock())
            waiting = asyncio.create_task(kind.wait(one, await asked(kind, one), lambda _, word: seen.append(word)))
            await asyncio.sleep(0.0)
            waiting.cancel()
        return seen

    assert run(story()) == ["waits for an answer until 2026-01-01T00:01:00Z", "waits for an answer"]
