from __future__ import annotations

import asyncio

import pytest

from flowrun.errors import Refused
from flowrun.orchestrator.memory import Remembered
from tests.unit.orchestrator.server import StillClock


async def test_one_question_for_all_who_ask(clock: StillClock) -> None:
    asked = []

    async def ask() -> int:
        asked.append(1)
        await asyncio.sleep(0)
        return len(asked)

    remembered: Remembered[int] = Remembered(clock, 60)
    assert await asyncio.gather(*(remembered.get("k", ask) for _ in range(5))) == [1] * 5
    clock.time += 61
    assert await remembered.get("k", ask) == 2
    assert await remembered.get("other", ask) == 3


async def test_errors_are_not_remembered(clock: StillClock) -> None:
    async def fail() -> int:
        raise Refused("no")

    async def answer() -> int:
        return 1

    remembered: Remembered[int] = Remembered(clock)
    with pytest.raises(Refused):
        await remembered.get("k", fail)
    assert await remembered.get("k", answer) == 1
