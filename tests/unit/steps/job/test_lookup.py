from __future__ import annotations

import asyncio
import random

import pytest

from flowrun.errors import Refused
from flowrun.orchestrator.wire import Folder, StartInfo, Tag
from flowrun.simulation.orchestrator import World
from flowrun.simulation.virtual import EPOCH, VirtualClock, run
from flowrun.simulation.weather import Weather
from flowrun.steps.job.key import Mark, batch_key
from flowrun.steps.job.lookup import LookUp, Tags, Unresolved
from flowrun.steps.pace import Budget
from flowrun.steps.policy import Policy

FOLDER = Folder(id=7)
KEY = "fr1:r:s:1"
MARK = Mark(batch_key(KEY), KEY)
OWN = Mark(batch_key(KEY), None)


def look_up(world: World, clock: VirtualClock | None = None, **policy: float) -> LookUp:
    clock = clock or VirtualClock()
    return LookUp(world, clock, Policy(**policy), Budget(clock, None))  # type: ignore[arg-type] # only durations here


def make(world: World, count: int = 1) -> None:
    world._make(FOLDER, StartInfo(reference=KEY, batch_execution_key=batch_key(KEY), jobs_count=count))


def test_nothing_is_believed_before_the_window_is_over() -> None:
    async def story() -> float:
        assert await look_up(World(random.Random(1))).over_window(FOLDER, MARK, 1, lambda: True) == ()
        return asyncio.get_running_loop().time()

    assert 90.0 <= run(story()) < 95.0


def test_a_clock_that_jumps_does_not_shorten_the_window() -> None:
    async def story() -> float:
        clock = VirtualClock()
        asyncio.get_running_loop().call_later(5.0, setattr, clock, "drift", 7200.0)
        world = World(random.Random(1))
        asyncio.get_running_loop().call_later(80.0, make, world)
        found = await look_up(world, clock).over_window(FOLDER, MARK, 1, lambda: True)
        assert clock.now() > EPOCH + 7200.0
        return found[0].id

    assert run(story()) == 1001


def test_what_is_found_is_given_at_once() -> None:
    async def story() -> float:
        world = World(random.Random(1))
        make(world, 3)
        found = await look_up(world).over_window(FOLDER, MARK, 3, lambda: True)
        assert [job.id for job in found] == [1001, 1002, 1003]
        return asyncio.get_running_loop().time()

    assert run(story()) < 1.0


@pytest.mark.parametrize("expected", [None, 5])
def test_fewer_than_expected_are_waited_for(expected: int | None) -> None:
    async def story() -> list[int]:
        world = World(random.Random(1))
        make(world, 2)
        asyncio.get_running_loop().call_later(20.0, make, world)
        return [job.id for job in await look_up(world).over_window(FOLDER, MARK, expected, lambda: True)]

    assert run(story()) == [1001, 1002, 1003]


@pytest.mark.parametrize("found", [True, False])
def test_a_thousand_starts_are_looked_up_within_the_budget(found: bool) -> None:  # noqa: FBT001 - a case of the table
    """As after a crash of a wide run: 20 calls a minute, 50 starts in one."""

    async def story() -> tuple[int, float]:
        world = World(random.Random(1))
        clock = VirtualClock()
        one = LookUp(world, clock, Policy(), Budget(clock, 20))
        marks = [Mark(batch_key(f"fr1:r:s[{number}]:1"), f"fr1:r:s[{number}]:1") for number in range(1_000)]
        for mark in marks if found else ():
            world._make(FOLDER, StartInfo(reference=mark.reference, batch_execution_key=mark.batch))
        one.tags.recall({"BatchExecutionKey": True})
        answers = await asyncio.gather(*(one.over_window(FOLDER, mark, 1, lambda: True) for mark in marks))
        assert [len(jobs) for jobs in answers] == [int(found)] * 1_000
        return world.count("find"), asyncio.get_running_loop().time()

    calls, seconds = run(story())
    assert calls <= (20 if found else 100)
    assert seconds < (90.0 if found else 600.0)


def test_an_outage_is_outlasted_while_the_run_goes_on() -> None:
    async def story() -> float:
        world = World(random.Random(1), outage_until=4 * 3600.0)
        assert await look_up(world).over_window(FOLDER, MARK, 1, lambda: True) == ()
        return asyncio.get_running_loop().time()

    assert run(story()) >= 4 * 3600.0


def test_an_outage_is_not_outlasted_when_the_run_is_ending() -> None:
    async def story() -> None:
        world = World(random.Random(1), outage_until=1e6)
        with pytest.raises(Unresolved):
            await look_up(world).over_window(FOLDER, MARK, 1, lambda: False)
        assert asyncio.get_running_loop().time() < 1000.0

    run(story())


def test_an_error_at_the_end_of_the_window_is_no_answer() -> None:
    async def story() -> list[int]:
        world = World(random.Random(1), outage_until=200.0)
        asyncio.get_running_loop().call_later(100.0, make, world)
        return [job.id for job in await look_up(world).over_window(FOLDER, MARK, 1, lambda: True)]

    assert run(story()) == [1001]


def test_a_server_that_does_not_let_us_look() -> None:
    class Blind(World):
        async def find_jobs(self, folder, tag, values, since=None):
            del folder, tag, values, since
            raise Refused("Invalid OData query options.")

    async def story() -> None:
        with pytest.raises(Unresolved, match="Invalid OData"):
            await look_up(Blind(random.Random(1))).over_window(FOLDER, MARK, 1, lambda: True)

    run(story())


def test_a_server_that_takes_no_filter_by_a_tag() -> None:
    async def story() -> None:
        with pytest.raises(Unresolved, match="cannot be asked for Jobs by BatchExecutionKey or Reference"):
            await look_up(World(random.Random(1), Weather(filters=frozenset()))).over_window(
                FOLDER, MARK, 1, lambda: True
            )

    run(story())


@pytest.mark.parametrize("mark", [MARK, OWN])
def test_a_server_that_keeps_no_key_is_not_asked(mark: Mark) -> None:
    async def story() -> int:
        world = World(random.Random(1))
        blind = look_up(world)
        blind.tags.recall({"BatchExecutionKey": False, "Reference": None if mark is OWN else False})
        with pytest.raises(Unresolved):
            await blind.over_window(FOLDER, mark, 1, lambda: True)
        assert await blind.once(FOLDER, mark) == []
        return world.count("find")

    assert run(story()) == 0


KNOWN = [
    (Weather(), (True, True), [Tag.BATCH]),
    (Weather(keeps_reference=False), (True, False), [Tag.BATCH]),
    (Weather(keeps_batch_key=False), (False, True), [Tag.REFERENCE]),
    (Weather(keeps_batch_key=False, keeps_reference=False), (False, False), []),
]


@pytest.mark.parametrize(("weather", "kept", "asked"), KNOWN)
def test_what_a_reply_teaches(weather: Weather, kept: tuple[bool, bool], asked: list[Tag]) -> None:
    async def story() -> None:
        world = World(random.Random(1), weather)
        make(world)
        tags = Tags()
        assert tags.worth_asking(MARK) == [Tag.BATCH, Tag.REFERENCE]
        tags.learn([world._shown(job, whole=True) for job in world.jobs_made.values()], MARK)
        assert tags.known() == dict(zip(("BatchExecutionKey", "Reference"), kept, strict=True))
        assert tags.worth_asking(MARK) == asked

    run(story())


def test_a_reference_of_the_authors_own_teaches_nothing_about_references() -> None:
    async def story() -> None:
        world = World(random.Random(1), Weather(keeps_batch_key=False))
        make(world)
        tags = Tags()
        tags.learn([world._shown(job, whole=True) for job in world.jobs_made.values()], OWN)
        assert tags.known() == {"BatchExecutionKey": False, "Reference": None}
        assert tags.worth_asking(OWN) == []
        assert tags.worth_asking(MARK) == [Tag.REFERENCE]

    run(story())


def test_a_server_that_keeps_the_reference_alone_is_asked_by_it_alone() -> None:
    async def story() -> list[str | None]:
        world = World(random.Random(1), Weather(keeps_batch_key=False))
        make(world)
        one = look_up(world)
        found = await one.over_window(FOLDER, MARK, 1, lambda: True)
        one.tags.learn(found, MARK)
        assert [job.id for job in found] == [1001]
        await one.over_window(FOLDER, MARK, 1, lambda: True)
        return [call.key for call in world.calls if call.verb == "find"]

    assert run(story()) == [Tag.BATCH, Tag.REFERENCE, Tag.REFERENCE]


def test_a_tag_that_the_server_cannot_be_asked_by_is_tried_once() -> None:
    async def story() -> list[str | None]:
        world = World(random.Random(1), Weather(filters=frozenset({Tag.REFERENCE})))
        await look_up(world, quiescence=2.0).over_window(FOLDER, MARK, 1, lambda: True)
        return [call.key for call in world.calls if call.verb == "find"]

    assert run(story()) == [Tag.BATCH, *[Tag.REFERENCE] * 3]


def test_what_is_learnt_during_the_last_look_asks_for_another() -> None:
    """The look went by a tag that this server turns out not to keep, so it proves nothing."""

    class Late(World):
        async def find_jobs(self, folder, tag, values, since=None):
            found = await super().find_jobs(folder, tag, values, since)
            if tag is Tag.BATCH and asyncio.get_running_loop().time() > 90.0:
                one.tags.kept[Tag.BATCH] = False
            return found

    world = Late(random.Random(1), Weather(keeps_batch_key=False))
    one = look_up(world)
    one.tags.recall({"BatchExecutionKey": True})

    async def story() -> list[int]:
        make(world)
        return [job.id for job in await one.over_window(FOLDER, MARK, 1, lambda: True)]

    assert run(story()) == [1001]
