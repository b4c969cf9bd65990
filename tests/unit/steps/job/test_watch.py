from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence

import pytest

from flowrun.errors import NotSignedIn, OrchestratorError, Refused, Throttled, Unreachable
from flowrun.orchestrator.wire import Folder, Job, StartInfo
from flowrun.simulation.orchestrator import SimJob, World
from flowrun.simulation.virtual import VirtualClock, run
from flowrun.simulation.weather import Weather
from flowrun.steps.job.handle import JobName
from flowrun.steps.job.watch import Gone, Watcher
from flowrun.steps.pace import Budget
from flowrun.steps.policy import Policy

FOLDER = Folder(id=7)
POLICY = Policy(lists_per_minute=None)


class Place:
    """A world with Jobs that run as long as a test says, and one watcher."""

    def __init__(self, world: World | None = None, policy: Policy = POLICY) -> None:
        self.world = world or World(random.Random(1), Weather(running=0.0))
        self.clock = VirtualClock()
        self.watcher = Watcher(self.world, self.clock, policy, Budget(self.clock, policy.lists_per_minute))
        self.states: dict[int, list[str]] = {}

    def job(self, seconds: float, **more: object) -> SimJob:
        job = self.world._make(FOLDER, StartInfo(jobs_count=1))[0]
        job.ends = asyncio.get_running_loop().time() + seconds
        for name, value in more.items():
            setattr(job, name, value)
        return job

    def end_of(self, job: SimJob) -> asyncio.Task[Job | Gone]:
        seen = self.states.setdefault(job.id, [])
        name: JobName = (job.id, job.key)
        return asyncio.create_task(self.watcher.end_of(FOLDER, name, lambda now: seen.append(now.state)))

    def calls(self, verb: str, after: float = 0.0, before: float = 9e9) -> list[float]:
        return [call.at for call in self.world.calls if call.verb == verb and after <= call.at < before]


def test_few_are_read_by_id_and_never_listed() -> None:
    async def story() -> None:
        place = Place()
        ends = [place.end_of(place.job(20.0)) for _ in range(10)]
        done = await asyncio.gather(*ends)
        assert all(isinstance(job, Job) and job.output_arguments for job in done)
        assert place.calls("list") == []

    run(story())


def test_many_are_listed_and_each_ended_one_read_once() -> None:
    async def story() -> None:
        place = Place()
        jobs = [place.job(100.0 + at) for at in range(250)]
        done = await asyncio.gather(*(place.end_of(job) for job in jobs))
        assert all(isinstance(job, Job) and job.output_arguments for job in done)
        reads = [call.ids[0] for call in place.world.calls if call.verb == "read"]
        assert {*reads} == {job.id for job in jobs}
        assert len(reads) < 250 + 30, "the last ten are few, and read by id until they end"
        assert {len(call.ids) for call in place.world.calls if call.verb == "list" and call.at < 50} == {100, 50}

    run(story())


def test_states_are_told_once_each() -> None:
    async def story() -> None:
        place = Place()
        job = place.job(200.0, begins=50.0)
        await place.end_of(job)
        assert place.states[job.id] == ["Pending", "Running"]

    run(story())


def test_polls_become_rarer_and_a_hurry_makes_them_quick() -> None:
    async def story() -> None:
        place = Place()
        waiting = place.end_of(place.job(2000.0))
        await asyncio.sleep(1000.0)
        assert len(place.calls("read", 0, 60)) > len(place.calls("read", 500, 560))
        assert len(place.calls("read", 500, 1000)) <= 500 / 15 + 1
        place.watcher.hurry(FOLDER)
        await asyncio.sleep(3.0)
        assert len(place.calls("read", 1000.0, 1003.0)) >= 2
        waiting.cancel()

    run(story())


def test_rings_in_a_row_do_not_poll_faster_than_the_fastest() -> None:
    async def story() -> None:
        place = Place()
        waiting = place.end_of(place.job(2000.0))
        for _ in range(600):
            await asyncio.sleep(0.1)
            place.watcher.hurry(FOLDER)
        assert len(place.calls("read")) <= 61
        waiting.cancel()

    run(story())


def test_a_job_that_lists_do_not_show_yet_is_read_by_id() -> None:
    async def story() -> None:
        place = Place()
        for _ in range(20):
            place.end_of(place.job(1000.0))
        hidden = place.job(10.0, listed=9e9)
        assert isinstance(await place.end_of(hidden), Job)

    run(story())


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("error", [Unreachable("x"), Throttled("x"), NotSignedIn("x"), OrchestratorError("x")])
def test_errors_are_survived(count: int, error: OrchestratorError) -> None:
    class Stormy(World):
        async def job(self, folder: Folder, job_id: int) -> Job | None:
            if asyncio.get_running_loop().time() < 5000.0:
                self._note("failed")
                raise error
            return await super().job(folder, job_id)

        async def jobs(self, folder: Folder, ids: Sequence[int]) -> list[Job]:
            if asyncio.get_running_loop().time() < 5000.0:
                self._note("failed")
                raise error
            return await super().jobs(folder, ids)

    async def story() -> None:
        place = Place(Stormy(random.Random(1), Weather(running=0.0)))
        done = await asyncio.gather(*(place.end_of(place.job(50.0)) for _ in range(count)))
        assert all(isinstance(job, Job) for job in done)
        assert asyncio.get_running_loop().time() < 5000.0 + 70.0
        assert place.world.count("failed") < 5000.0 / 60.0 + 20

    run(story())


def test_one_line_when_an_outage_begins_and_one_when_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        place = Place(World(random.Random(1), Weather(running=0.0), outage_until=3000.0))
        await place.end_of(place.job(10.0))

    with caplog.at_level(logging.WARNING):
        run(story())
    assert [record.message.split(":")[1].split(",")[0].strip() for record in caplog.records] == [
        "cannot read Jobs",
        "Jobs can be read again",
    ]


def test_a_list_that_is_refused_leaves_reads_by_id() -> None:
    class NoLists(World):
        async def jobs(self, folder: Folder, ids: Sequence[int]) -> list[Job]:
            del folder, ids
            raise Refused("Invalid OData query options.", status=400, code=1000)

    async def story() -> None:
        place = Place(NoLists(random.Random(1), Weather(running=0.0)))
        done = await asyncio.gather(*(place.end_of(place.job(50.0)) for _ in range(30)))
        assert all(isinstance(job, Job) for job in done)
        assert asyncio.get_running_loop().time() < 80.0

    run(story())


def test_one_404_is_not_the_end() -> None:
    class Blinking(World):
        async def job(self, folder: Folder, job_id: int) -> Job | None:
            job = await super().job(folder, job_id)
            return None if asyncio.get_running_loop().time() < 9.0 else job

    async def story() -> None:
        place = Place(Blinking(random.Random(1), Weather(running=0.0)))
        assert isinstance(await place.end_of(place.job(30.0)), Job)

    run(story())


@pytest.mark.parametrize(("after", "alive"), [(0.0, False), (50.0, True)])
def test_404_again_and_again_means_gone(after: float, alive: bool) -> None:  # noqa: FBT001 - a case of the table
    async def story() -> None:
        place = Place()
        job = place.job(500.0)
        asyncio.get_running_loop().call_later(after, place.world.jobs_made.clear)
        assert await place.end_of(job) == Gone((job.id, job.key), seen_alive=alive)
        assert asyncio.get_running_loop().time() - after >= POLICY.gone_after

    run(story())


def test_an_id_that_is_by_now_another_jobs() -> None:
    """An Orchestrator that was set up anew counts from the same number again."""

    async def story() -> None:
        place = Place()
        job = place.job(500.0)
        other = SimJob(job.id, "another", 7, None, None, 0.0, 0.0, 0.0, 1.0, "Successful")
        place.world.jobs_made[job.id] = other
        assert isinstance(await place.end_of(job), Gone)

    run(story())


def test_unknown_states_are_not_final(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        place = Place()
        job = place.job(100.0, end="Hibernated")
        waiting = place.end_of(job)
        await asyncio.sleep(500.0)
        assert not waiting.done()
        job.end = "Faulted"
        assert (await waiting).state == "Faulted"  # type: ignore[union-attr] # it is not gone
        assert place.states[job.id] == ["Running", "Hibernated"]

    run(story())
    assert caplog.text.count("Hibernated") == 1


def test_a_state_that_is_final_in_the_list_only_is_not_believed() -> None:
    class Hasty(World):
        async def jobs(self, folder: Folder, ids: Sequence[int]) -> list[Job]:
            jobs = await super().jobs(folder, ids)
            return [job.model_copy(update={"state": "Successful"}) for job in jobs]

    async def story() -> None:
        place = Place(Hasty(random.Random(1), Weather(running=0.0)))
        ends = [place.end_of(place.job(300.0)) for _ in range(20)]
        await asyncio.gather(*ends)
        assert asyncio.get_running_loop().time() >= 300.0

    run(story())


def test_two_may_await_one_job() -> None:
    async def story() -> None:
        place = Place()
        job = place.job(50.0)
        one, other, third = (place.end_of(job) for _ in range(3))
        await asyncio.sleep(5.0)
        third.cancel()
        assert await one == await other

    run(story())


def test_nobody_waiting_means_no_calls() -> None:
    async def story() -> None:
        place = Place()
        waiting = place.end_of(place.job(5000.0))
        await asyncio.sleep(100.0)
        waiting.cancel()
        await asyncio.sleep(100.0)
        assert place.calls("read", 102.0) == []
        assert isinstance(await place.end_of(place.job(10.0)), Job)

    run(story())


def test_a_bug_reaches_whoever_waits() -> None:
    class Broken(World):
        async def job(self, folder: Folder, job_id: int) -> Job | None:
            del folder, job_id
            raise ZeroDivisionError

    async def story() -> None:
        place = Place(Broken(random.Random(1), Weather(running=0.0)))
        with pytest.raises(ZeroDivisionError):
            await place.end_of(place.job(10.0))

    run(story())


def test_which_are_awaited() -> None:
    async def story() -> None:
        place = Place()
        ended, lives = place.job(5.0), place.job(500.0)
        names = [(ended.id, ended.key), (lives.id, lives.key)]
        assert place.watcher.awaited(FOLDER, names) == []
        first, second = place.end_of(ended), place.end_of(lives)
        await first
        assert place.watcher.awaited(FOLDER, names) == names[1:]
        second.cancel()

    run(story())


def test_a_watch_that_nobody_is_signed_in_for_ends() -> None:
    class Closed(World):
        async def job(self, folder: Folder, job_id: int) -> Job | None:
            raise NotSignedIn(f"expired, so no Job {job_id} of {folder.id}", status=401)

    async def story() -> None:
        place = Place(Closed(random.Random(1), Weather(running=0.0)), Policy(sign_in_patience=60.0))
        with pytest.raises(NotSignedIn, match="expired"):
            await place.end_of(place.job(50.0))
        assert 30.0 < asyncio.get_running_loop().time() < 120.0

    run(story())
