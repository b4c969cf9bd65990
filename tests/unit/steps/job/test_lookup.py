from __future__ import annotations

import asyncio
import random

import pytest

from flowrun.errors import Refused
from flowrun.orchestrator.wire import Folder, StartInfo
from flowrun.steps.job.key import batch_key
from flowrun.steps.job.lookup import LookUp, Tags, Unresolved, ours
from flowrun.steps.pace import Budget
from flowrun.steps.policy import Policy
from tests.simulation.orchestrator import Weather, World
from tests.simulation.virtual import EPOCH, VirtualClock, run

FOLDER = Folder(id=7)
KEY = "fr1:r:s:1"


def look_up(world: World, clock: VirtualClock | None = None, **policy: float) -> LookUp:
    clock = clock or VirtualClock()
    return LookUp(world, clock, Policy(**policy), Budget(clock, None))  # type: ignore[arg-type] # only durations here


def make(world: World, count: int = 1) -> None:
    world._make(FOLDER, StartInfo(reference=KEY, batch_execution_key=batch_key(KEY), jobs_count=count))


def test_nothing_is_believed_before_the_window_is_over() -> None:
    async def story() -> float:
        assert await look_up(World(random.Random(1))).over_window(FOLDER, KEY, 1, lambda: True) == ()
        return asyncio.get_running_loop().time()

    assert 90.0 <= run(story()) < 95.0


def test_a_clock_that_jumps_does_not_shorten_the_window() -> None:
    async def story() -> float:
        clock = VirtualClock()
        asyncio.get_running_loop().call_later(5.0, setattr, clock, "drift", 7200.0)
        world = World(random.Random(1))
        asyncio.get_running_loop().call_later(80.0, make, world)
        found = await look_up(world, clock).over_window(FOLDER, KEY, 1, lambda: True)
        assert clock.now() > EPOCH + 7200.0
        return found[0].id

    assert run(story()) == 1001


def test_what_is_found_is_given_at_once() -> None:
    async def story() -> float:
        world = World(random.Random(1))
        make(world, 3)
        found = await look_up(world).over_window(FOLDER, KEY, 3, lambda: True)
        assert [job.id for job in found] == [1001, 1002, 1003]
        return asyncio.get_running_loop().time()

    assert run(story()) < 1.0


@pytest.mark.parametrize("expected", [None, 5])
def test_fewer_than_expected_are_waited_for(expected: int | None) -> None:
    async def story() -> list[int]:
        world = World(random.Random(1))
        make(world, 2)
        asyncio.get_running_loop().call_later(20.0, make, world)
        return [job.id for job in await look_up(world).over_window(FOLDER, KEY, expected, lambda: True)]

    assert run(story()) == [1001, 1002, 1003]


def test_an_outage_is_outlasted_while_the_run_goes_on() -> None:
    async def story() -> float:
        world = World(random.Random(1), outage_until=4 * 3600.0)
        assert await look_up(world).over_window(FOLDER, KEY, 1, lambda: True) == ()
        return asyncio.get_running_loop().time()

    assert run(story()) >= 4 * 3600.0


def test_an_outage_is_not_outlasted_when_the_run_is_ending() -> None:
    async def story() -> None:
        world = World(random.Random(1), outage_until=1e6)
        with pytest.raises(Unresolved):
            await look_up(world).over_window(FOLDER, KEY, 1, lambda: False)
        assert asyncio.get_running_loop().time() < 1000.0

    run(story())


def test_an_error_at_the_end_of_the_window_is_no_answer() -> None:
    async def story() -> list[int]:
        world = World(random.Random(1), outage_until=200.0)
        asyncio.get_running_loop().call_later(100.0, make, world)
        return [job.id for job in await look_up(world).over_window(FOLDER, KEY, 1, lambda: True)]

    assert run(story()) == [1001]


def test_a_server_that_does_not_let_us_look() -> None:
    class Blind(World):
        async def find_jobs(self, folder, batch_execution_key):
            del folder, batch_execution_key
            raise Refused("Invalid OData query options.")

    async def story() -> None:
        with pytest.raises(Unresolved, match="Invalid OData"):
            await look_up(Blind(random.Random(1))).over_window(FOLDER, KEY, 1, lambda: True)

    run(story())


def test_a_server_that_keeps_no_key_is_not_asked() -> None:
    async def story() -> int:
        world = World(random.Random(1))
        blind = look_up(world)
        blind.tags.kept = False
        with pytest.raises(Unresolved):
            await blind.over_window(FOLDER, KEY, 1, lambda: True)
        return world.count("find")

    assert run(story()) == 0


@pytest.mark.parametrize(
    ("weather", "kept"),
    [(Weather(), True), (Weather(keeps_reference=False), True), (Weather(keeps_batch_key=False), False)],
)
def test_what_a_reply_teaches(weather: Weather, kept: bool) -> None:  # noqa: FBT001 - a case of the table
    async def story() -> None:
        world = World(random.Random(1), weather)
        make(world)
        tags = Tags()
        tags.learn([world._shown(job, whole=True) for job in world.jobs_made.values()], KEY)
        assert tags.kept is kept

    run(story())


def test_ours_by_either_tag_and_nobody_elses() -> None:
    async def story() -> list[int]:
        world = World(random.Random(1))
        for weather in (Weather(keeps_reference=False), Weather(keeps_batch_key=False)):
            world.weather = weather
            make(world)
        world._make(FOLDER, StartInfo(reference="fr1:r:s:11", batch_execution_key=batch_key("fr1:r:s:11")))
        return [job.id for job in ours([world._shown(job, whole=True) for job in world.jobs_made.values()], KEY)]

    assert run(story()) == [1001, 1002]
