from __future__ import annotations

import asyncio
import logging
import random

import pytest

from flowrun.errors import OrchestratorError
from flowrun.orchestrator.wire import Folder, Job, StartInfo, Tag
from flowrun.simulation.orchestrator import World
from flowrun.simulation.virtual import EPOCH, VirtualClock, run
from flowrun.simulation.weather import Weather
from flowrun.steps.job.inquiry import Inquiry
from flowrun.steps.job.key import Mark, batch_key
from flowrun.steps.pace import Budget

FOLDER = Folder(id=7)
KEYS = [f"fr1:r:s[{number}]:1" for number in range(1_000)]


def mark(key: str) -> Mark:
    return Mark(batch_key(key), key)


def world_with(*keys: str) -> World:
    world = World(random.Random(1))
    for key in keys:
        world._make(FOLDER, StartInfo(reference=key, batch_execution_key=batch_key(key)))
    return world


def inquiry(world: World, per_minute: int | None = None) -> Inquiry:
    return Inquiry(world, Budget(VirtualClock(), per_minute))


@pytest.mark.parametrize("tag", list(Tag))
def test_many_go_in_few_calls_and_each_gets_its_own(tag: Tag) -> None:
    async def story() -> int:
        world = world_with(*KEYS[::2])
        one = inquiry(world)
        answers = await asyncio.gather(*(one.jobs(FOLDER, tag, mark(key), None) for key in KEYS))
        assert [[job.reference for job in jobs or ()] for jobs in answers[:4]] == [[KEYS[0]], [], [KEYS[2]], []]
        assert sum(len(jobs or ()) for jobs in answers) == 500
        return world.count("find")

    assert run(story()) == 20


def test_what_is_asked_while_the_budget_is_waited_for_goes_along() -> None:
    async def ask(one: Inquiry, number: int) -> list[Job] | None:
        await asyncio.sleep(number)
        return await one.jobs(FOLDER, Tag.BATCH, mark(KEYS[number]), None)

    async def story() -> int:
        world = world_with()
        one = inquiry(world, per_minute=1)
        await asyncio.gather(*(ask(one, number) for number in range(30)))
        return world.count("find")

    assert run(story()) == 2


def test_a_look_begins_after_it_was_asked_for() -> None:
    """A call that is under way may have looked before the Job was there."""

    async def story() -> list[int]:
        world = world_with()
        one = inquiry(world)
        first = asyncio.create_task(one.jobs(FOLDER, Tag.BATCH, mark(KEYS[0]), None))
        await asyncio.sleep(0.001)
        assert world.count("find") == 1
        second = asyncio.create_task(one.jobs(FOLDER, Tag.BATCH, mark(KEYS[1]), None))
        await first
        world._make(FOLDER, StartInfo(reference=KEYS[1], batch_execution_key=batch_key(KEYS[1])))
        return [job.id for job in await second or ()]

    assert run(story()) == [1001]


@pytest.mark.parametrize(
    ("times", "since"), [((EPOCH + 5.0, EPOCH + 3.0), EPOCH + 3.0), ((EPOCH, None), None), ((None, None), None)]
)
def test_the_earliest_start_says_how_far_back(times: tuple[float | None, ...], since: float | None) -> None:
    class Noting(World):
        async def find_jobs(self, folder, tag, values, since=None):
            del folder, tag, values
            said.append(since)
            return []

    said: list[float | None] = []

    async def story() -> None:
        one = inquiry(Noting(random.Random(1)))
        await asyncio.gather(*(one.jobs(FOLDER, Tag.BATCH, mark(KEYS[0]), time) for time in times))

    run(story())
    assert said == [since]


def test_an_error_goes_to_all_who_asked_and_to_nobody_later() -> None:
    async def story() -> None:
        world = world_with(KEYS[0])
        world.weather = Weather(list_fails=1.0)
        one = inquiry(world)
        asked = [one.jobs(FOLDER, Tag.BATCH, mark(key), None) for key in KEYS[:3]]
        assert all(
            isinstance(answer, OrchestratorError) for answer in await asyncio.gather(*asked, return_exceptions=True)
        )
        world.weather = Weather()
        assert await one.jobs(FOLDER, Tag.BATCH, mark(KEYS[0]), None)

    run(story())


def test_who_gave_up_is_left_out() -> None:
    async def story() -> tuple[int, int]:
        world = world_with(*KEYS[:2])
        one = inquiry(world)
        gone, stays = (asyncio.create_task(one.jobs(FOLDER, Tag.BATCH, mark(key), None)) for key in KEYS[:2])
        await asyncio.sleep(0)
        gone.cancel()
        return len(await stays or ()), world.count("find")

    assert run(story()) == (1, 1)


def test_closing_leaves_nobody_waiting() -> None:
    async def story() -> None:
        one = inquiry(world_with())
        asked = asyncio.create_task(one.jobs(FOLDER, Tag.BATCH, mark(KEYS[0]), None))
        await asyncio.sleep(0)
        await one.aclose()
        with pytest.raises(asyncio.CancelledError):
            await asked

    run(story())


def test_nobody_gets_a_stranger(caplog: pytest.LogCaptureFixture) -> None:
    class Unfiltered(World):
        async def find_jobs(self, folder, tag, values, since=None):
            del folder, tag, values, since
            return [self._shown(job, whole=False) for job in self.jobs_made.values()]

    async def story() -> list[Job] | None:
        world = Unfiltered(random.Random(1))
        for key in KEYS[:2]:
            world._make(FOLDER, StartInfo(reference=key, batch_execution_key=batch_key(key)))
        return await inquiry(world).jobs(FOLDER, Tag.BATCH, mark(KEYS[1]), None)

    with caplog.at_level(logging.WARNING):
        assert [job.id for job in run(story()) or ()] == [1002]
    assert "Job 1001" in caplog.text
