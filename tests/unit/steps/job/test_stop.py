from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest

from flowrun.errors import Ambiguous, NotSignedIn, OrchestratorError, Refused, Throttled, Unreachable
from flowrun.orchestrator.wire import Folder, StartInfo, StopStrategy
from flowrun.simulation.orchestrator import World
from flowrun.simulation.virtual import VirtualClock, run
from flowrun.simulation.weather import Weather
from flowrun.steps.job.handle import JobName
from flowrun.steps.job.stop import Stopper
from flowrun.steps.job.watch import Watcher
from flowrun.steps.pace import Budget
from flowrun.steps.policy import Policy

FOLDER = Folder(id=7)
SOFT, KILL = StopStrategy.SOFT_STOP, StopStrategy.KILL


class Place:
    """A world with Jobs that run for ever unless a test says so, and one stopper."""

    def __init__(self, make: type[World] = World, *, refuses_mixed_stops: bool = False) -> None:
        self.world = make(random.Random(1), Weather(running=9e9, refuses_mixed_stops=refuses_mixed_stops))
        clock, policy = VirtualClock(), Policy()
        self.watcher = Watcher(self.world, clock, policy, Budget(clock, None))
        self.stopper = Stopper(self.world, clock, policy, self.watcher)

    def jobs(self, count: int) -> list[JobName]:
        return [(job.id, job.key) for job in self.world._make(FOLDER, StartInfo(jobs_count=count))]

    def end(self, name: JobName) -> None:
        self.world.jobs_made[name[0]].ends = 0.0

    def asked(self) -> list[tuple[tuple[int, ...], str]]:
        return [(call.ids, call.strategy) for call in self.world.calls if call.verb == "stop"]


class Failing(World):
    """StopJobs fails with these, one after the other."""

    errors: list[OrchestratorError]

    async def stop_jobs(self, folder: Folder, ids: Sequence[int], strategy: StopStrategy) -> None:
        if self.errors:
            self._note("stop", tuple(ids), strategy)
            raise self.errors.pop(0)
        await super().stop_jobs(folder, ids, strategy)


@pytest.mark.parametrize("strategy", [SOFT, KILL])
def test_the_strategy_goes_by_its_name(strategy: StopStrategy) -> None:
    async def story() -> None:
        place = Place()
        names = place.jobs(2)
        await place.stopper.stop(FOLDER, names, strategy)
        assert place.asked() == [((1001, 1002), strategy.value)]

    run(story())


def test_strategies_and_folders_go_apart() -> None:
    async def story() -> None:
        place = Place()
        names = place.jobs(2)
        other = [(job.id, job.key) for job in place.world._make(Folder(id=8), StartInfo(jobs_count=1))]
        await asyncio.gather(
            place.stopper.stop(FOLDER, names[:1], SOFT),
            place.stopper.stop(FOLDER, names[1:], KILL),
            place.stopper.stop(Folder(id=8), other, SOFT),
        )
        assert sorted(place.asked()) == [((1001,), "SoftStop"), ((1002,), "Kill"), ((1003,), "SoftStop")]

    run(story())


def test_many_go_out_in_hundreds() -> None:
    async def story() -> None:
        place = Place()
        await asyncio.gather(*(place.stopper.stop(FOLDER, [name], SOFT) for name in place.jobs(250)))
        assert [len(ids) for ids, _ in place.asked()] == [100, 100, 50]

    run(story())


@pytest.mark.parametrize("error", [Unreachable("x"), Ambiguous("x"), Throttled("x"), NotSignedIn("x")])
def test_it_asks_until_it_is_taken(error: OrchestratorError) -> None:
    async def story() -> None:
        place = Place(Failing)
        assert isinstance(place.world, Failing)
        place.world.errors = [error] * 20
        await place.stopper.stop(FOLDER, place.jobs(2), SOFT)
        assert place.asked() == [((1001, 1002), "SoftStop")] * 21

    run(story())


def test_a_list_refused_for_an_ended_job_goes_one_by_one() -> None:
    async def story() -> None:
        place = Place(refuses_mixed_stops=True)
        names = place.jobs(3)
        place.end(names[1])
        await place.stopper.stop(FOLDER, names, KILL)
        first, *others = [ids for ids, _ in place.asked()]
        assert first == (1001, 1002, 1003)
        assert sorted(others) == [(1001,), (1003,)]

    run(story())


def test_jobs_that_are_gone_need_no_stop() -> None:
    async def story() -> None:
        place = Place()
        names = place.jobs(2)
        del place.world.jobs_made[1001]
        await place.stopper.stop(FOLDER, names, SOFT)
        assert [ids for ids, _ in place.asked()] == [(1001, 1002), (1002,)]

    run(story())


def test_one_that_is_refused_for_good_is_asked_until_it_ends_and_holds_up_nobody() -> None:
    class Stubborn(World):
        async def stop_jobs(self, folder: Folder, ids: Sequence[int], strategy: StopStrategy) -> None:
            if 1001 in ids:
                raise Refused("Job cannot be stopped.", status=409)
            await super().stop_jobs(folder, ids, strategy)

    async def story() -> None:
        place = Place(Stubborn)
        first, second = place.jobs(2)
        stuck = asyncio.create_task(place.stopper.stop(FOLDER, [first], SOFT))
        await place.stopper.stop(FOLDER, [second], SOFT)
        await asyncio.sleep(100.0)
        assert not stuck.done()
        place.end(first)
        await stuck

    run(story())


def test_only_those_that_are_awaited_and_have_not_ended() -> None:
    async def story() -> None:
        place = Place()
        names = place.jobs(3)
        waiting = [asyncio.create_task(place.watcher.end_of(FOLDER, name, lambda _: None)) for name in names]
        place.end(names[0])
        await waiting[0]
        await place.stopper.stop(FOLDER, names, SOFT)
        assert [ids for ids, _ in place.asked()] == [(1002, 1003)]
        for one in waiting:
            one.cancel()

    run(story())


def test_a_wish_that_is_given_up_is_not_asked_again() -> None:
    async def story() -> None:
        place = Place(Failing)
        assert isinstance(place.world, Failing)
        place.world.errors = [Unreachable("x")] * 1000
        wishing = asyncio.create_task(place.stopper.stop(FOLDER, place.jobs(1), SOFT))
        await asyncio.sleep(50.0)
        wishing.cancel()
        await asyncio.sleep(100.0)
        asked = len(place.asked())
        await asyncio.sleep(500.0)
        assert len(place.asked()) == asked

    run(story())


def test_nothing_to_stop() -> None:
    async def story() -> None:
        place = Place()
        await place.stopper.stop(FOLDER, [], SOFT)
        assert place.asked() == []

    run(story())


def test_a_bug_reaches_whoever_asked() -> None:
    class Broken(World):
        async def stop_jobs(self, folder: Folder, ids: Sequence[int], strategy: StopStrategy) -> None:
            del folder, ids, strategy
            raise ZeroDivisionError

    async def story() -> None:
        place = Place(Broken)
        with pytest.raises(ZeroDivisionError):
            await place.stopper.stop(FOLDER, place.jobs(1), SOFT)

    run(story())
