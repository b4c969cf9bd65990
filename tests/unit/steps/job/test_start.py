from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from flowrun.core.status import Cancelled, Failed, Unknown
from flowrun.errors import Ambiguous, NotSignedIn, OrchestratorError, Refused, Throttled, Unreachable
from flowrun.orchestrator.wire import Folder, Release
from flowrun.simulation.virtual import run
from flowrun.simulation.weather import Weather
from flowrun.steps.job.key import batch_key, start_key
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Started
from tests.simulation.scripted import Scripted, attempt_at, ids, kind_of, scripted, start


def throttled(seconds: float | None) -> Throttled:
    error = Throttled("Too many requests", status=429)
    error.retry_after = seconds
    return error


def test_one_post_with_the_key_twice_on_it() -> None:
    world = scripted()
    answer = run(start(world))
    key = start_key(attempt_at())
    assert [(info.reference, info.batch_execution_key) for info in world.infos] == [(key, batch_key(key))]
    assert isinstance(answer, Started)
    assert answer.handle == {
        "folder": {"id": 7, "path": "Shared"},
        "jobs": [{"id": 1001, "key": world.jobs_made[1001].key}],
        "release": {"key": "key-of-Post", "name": "Post", "version": "1.0.0"},
        "strategy": "ModernJobsCount",
        "tags_kept": {"BatchExecutionKey": True, "Reference": True},
    }


def test_all_jobs_of_a_start_are_kept() -> None:
    world = scripted()
    answer = run(start(world, attempt_at(strategy="Specific", robots=["anna", "bert"])))
    assert ids(answer) == [1001, 1002]


@pytest.mark.parametrize("error", [Unreachable("no route"), throttled(None)])
def test_what_was_not_done_is_posted_again(error: OrchestratorError) -> None:
    world = scripted(error, error)
    assert ids(run(start(world))) == [1001]
    assert len({info.model_dump_json() for info in world.infos}) == 1
    assert world.count("find") == 0


def test_a_retry_after_is_obeyed_by_all_starts() -> None:
    async def two() -> list[float]:
        world = scripted(throttled(50.0))
        kind = kind_of(world)
        first = asyncio.create_task(kind.start(attempt_at(), lambda: True))
        await asyncio.sleep(1.0)
        await asyncio.gather(first, kind.start(replace(attempt_at(), step_id="other"), lambda: True))
        return world.posted_at

    first, second, third = run(two())
    assert min(second, third) - first > 49.9


def test_patience_ends() -> None:
    answer = run(start(scripted(*[Unreachable("no route")] * 1000)))
    assert isinstance(answer, Failed)
    assert answer.error == "start_rejected"
    assert "no route (tried for " in answer.message


def test_a_retry_after_beyond_all_patience() -> None:
    answer = run(start(scripted(throttled(3000.0))))
    assert isinstance(answer, Failed)
    assert answer.error == "rate_limited"


@pytest.mark.parametrize("error", [Refused("no robot", status=409, code=1671), NotSignedIn("no scope", status=403)])
def test_a_refusal_is_told_whole(error: OrchestratorError) -> None:
    error.hint = "do this"
    world = scripted(error)
    answer = run(start(world))
    assert isinstance(answer, Failed)
    assert answer.error == "start_rejected"
    assert error.message in answer.message
    assert "do this" in answer.message
    assert ("1671" in answer.message) == (error.code == 1671)
    assert world.count("start") == 1


def test_taken_and_no_job() -> None:
    answer = run(start(scripted("none")))
    assert isinstance(answer, Failed)
    assert answer.error == "start_rejected"


@pytest.mark.parametrize("said", ["lost", "late"])
def test_a_lost_reply_is_looked_up_and_adopted(said: str) -> None:
    world = scripted(said, weather=Weather(lag=15.0))
    assert ids(run(start(world))) == [1001]
    assert world.count("start") == 1


@pytest.mark.parametrize("error", [Ambiguous("502"), OrchestratorError("what was that")])
def test_a_lost_request_is_posted_again_after_the_window(error: OrchestratorError) -> None:
    world = scripted(error)
    answer = run(start(world))
    assert ids(answer) == [1001]
    assert isinstance(answer, Started)
    assert answer.handle["again"]
    assert world.posted_at[1] - world.posted_at[0] >= 90.0


def test_rounds_are_bounded() -> None:
    world = scripted(*[Ambiguous("502")] * 10)
    answer = run(start(world))
    assert isinstance(answer, Unknown)
    assert start_key(attempt_at()) in answer.message
    assert world.count("start") == 3


def test_a_refusal_after_a_lost_reply_may_be_our_own_job() -> None:
    async def story() -> object:
        world = scripted(Ambiguous("504"), Refused("The robots already have pending jobs", status=409, code=1670))
        late = asyncio.create_task(_appear(world, 90.5))
        answer = await start(world)
        await late
        return answer

    assert ids(run(story())) == [1001]


async def _appear(world: Scripted, seconds: float) -> None:
    await asyncio.sleep(seconds)
    world._make(Folder(id=7), world.infos[0])


def test_a_second_look_that_finds_nothing_fails_it() -> None:
    answer = run(start(scripted(Ambiguous("504"), Refused("pending jobs", status=409, code=1670))))
    assert isinstance(answer, Failed)


@pytest.mark.parametrize("made_before", [True, False])
def test_recheck_looks_before_it_posts(made_before: bool) -> None:  # noqa: FBT001 - a case of the table
    async def story() -> tuple[object, Scripted]:
        world = scripted()
        if made_before:
            await start(world)
        return await start(world, replace(attempt_at(), recheck=True)), world

    answer, world = run(story())
    assert ids(answer) == [1001]
    assert world.count("start") == 1
    assert world.count("find") >= 1
    assert made_before or world.posted_at[0] >= 90.0


@pytest.mark.parametrize("made_before", [True, False])
def test_adopt_only_never_posts(made_before: bool) -> None:  # noqa: FBT001 - a case of the table
    async def story() -> object:
        world = scripted()
        if made_before:
            await start(world)
        answer = await kind_of(world).start(replace(attempt_at(), adopt_only=True), lambda: False)
        assert world.count("start") == int(made_before)
        return answer

    answer = run(story())
    assert ids(answer) == [1001] if made_before else isinstance(answer, Cancelled)


def test_nothing_is_posted_without_permission() -> None:
    world = scripted()
    assert isinstance(run(kind_of(world).start(attempt_at(), lambda: False)), Cancelled)
    assert world.count("start") == 0


def test_permission_is_asked_before_every_post() -> None:
    """Ended while it waits to post again: what was lost is looked up, and nothing more is posted."""

    async def story() -> tuple[object, int]:
        world = scripted(Unreachable("no route"), Ambiguous("502"))
        loop = asyncio.get_running_loop()
        answer = await kind_of(world).start(attempt_at(), lambda: loop.time() < 60.0)
        assert loop.time() >= 90.0
        return answer, world.count("start")

    answer, posts = run(story())
    assert isinstance(answer, Cancelled)
    assert posts == 2


def test_an_end_while_nothing_is_open_is_quick() -> None:
    async def story() -> float:
        world = scripted(*[Unreachable("no route")] * 100)
        loop = asyncio.get_running_loop()
        assert isinstance(await kind_of(world).start(attempt_at(), lambda: loop.time() < 100.0), Cancelled)
        return loop.time()

    assert run(story()) < 103.0


def test_two_starts_with_one_key(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> object:
        world = scripted()
        await start(world)
        await start(world)
        return await start(world, replace(attempt_at(), recheck=True))

    with caplog.at_level(logging.ERROR):
        answer = run(story())
    assert ids(answer) == [1001]
    assert ids(answer, "spare") == [1002]
    assert "started twice" in caplog.text


def test_a_stranger_is_not_adopted() -> None:
    class Unfiltered(Scripted):
        async def find_jobs(self, folder, tag, values, since=None):
            await super().find_jobs(folder, tag, values, since)
            return [self._shown(job, whole=False) for job in self.jobs_made.values()]

    async def story() -> object:
        world = scripted(make=Unfiltered)
        await start(world, replace(attempt_at(), step_id="other"))
        return await start(world, replace(attempt_at(), recheck=True))

    assert ids(run(story())) == [1002]


def test_no_more_than_so_many_posts_at_once() -> None:
    under_way = [0]

    class Slow(Scripted):
        async def start_jobs(self, folder, info):
            under_way.append(under_way[-1] + 1)
            await asyncio.sleep(1.0)
            under_way.append(under_way[-1] - 1)
            return await super().start_jobs(folder, info)

    async def story() -> int:
        kind = kind_of(scripted(make=Slow), Policy(concurrent_starts=5))
        attempts = [replace(attempt_at(), step_id=f"s{at}") for at in range(40)]
        await asyncio.gather(*(kind.start(attempt, lambda: True) for attempt in attempts))
        return max(under_way)

    assert run(story()) == 5


@pytest.mark.parametrize("doubtful", [True, False])
def test_a_folder_that_cannot_be_found(doubtful: bool) -> None:  # noqa: FBT001 - a case of the table
    class Lost(Scripted):
        async def folder(self, path_or_id):
            del path_or_id
            raise Refused("no such folder", status=400, code=1100)

    world = scripted(make=Lost)
    answer = run(start(world, replace(attempt_at(), recheck=doubtful)))
    assert isinstance(answer, Unknown if doubtful else Failed)
    assert "no such folder" in answer.message


def test_reads_on_the_way_are_tried_again() -> None:
    class Flaky(Scripted):
        asked = 0

        async def release(self, folder: Folder, *, name: str | None = None, key: str | None = None) -> Release:
            self.asked += 1
            if self.asked < 3:
                raise Unreachable("no route")
            return await super().release(folder, name=name, key=key)

    world = scripted(make=Flaky)
    assert ids(run(start(world))) == [1001]


def test_a_look_up_that_is_refused_for_good_ends_unknown() -> None:
    class Blind(Scripted):
        async def find_jobs(self, folder, tag, values, since=None):
            del folder, tag, values, since
            raise Refused("Invalid OData query options.", status=400, code=1000)

    world = scripted(Ambiguous("502"), make=Blind)
    answer = run(start(world))
    assert isinstance(answer, Unknown)
    assert "Invalid OData query options." in answer.message


def test_bad_arguments_post_nothing() -> None:
    world = scripted()
    answer = run(start(world, attempt_at(input_arguments={"a": "x" * 10_000})))
    assert isinstance(answer, Failed)
    assert answer.error == "start_rejected"
    assert "a 10,002" in answer.message
    assert world.count("start") == 0


def test_a_start_outlasts_credentials_that_are_exchanged() -> None:
    lost = NotSignedIn("expired", status=401)
    world = scripted(lost, lost, lost)
    assert isinstance(run(start(world)), Started)
    assert world.count("start") == 4


def test_credentials_that_stay_refused_leave_the_start_as_it_is() -> None:
    world = scripted(*[NotSignedIn("expired", status=401)] * 100)
    with pytest.raises(NotSignedIn, match="expired"):
        run(kind_of(world, Policy(sign_in_patience=60.0)).start(attempt_at(), lambda: True))
    assert world.jobs_made == {}
