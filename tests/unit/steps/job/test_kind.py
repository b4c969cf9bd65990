from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from flowrun.core.status import Failed, Phase, Succeeded, Unknown
from flowrun.errors import Ambiguous
from flowrun.orchestrator.wire import Folder
from flowrun.simulation.virtual import run
from flowrun.simulation.weather import Weather
from flowrun.steps.job.key import start_key
from flowrun.steps.protocol import Started
from tests.simulation.scripted import attempt_at, ids, kind_of, scripted


def test_phases_of_one_job() -> None:
    async def story() -> list[tuple[Phase, str]]:
        world, seen = scripted(weather=Weather(running=500.0, pending=500.0)), []
        kind = kind_of(world)
        answer = await kind.start(attempt_at(), lambda: True)
        assert isinstance(answer, Started)
        await kind.wait(attempt_at(), answer.handle, lambda *news: seen.append(news))
        return seen

    assert run(story()) == [(Phase.PENDING, "Pending"), (Phase.RUNNING, "Running")]


def test_phases_of_several_jobs_change_as_one() -> None:
    async def story() -> list[Phase]:
        world, seen = scripted(weather=Weather(running=500.0, pending=500.0)), []
        kind, attempt = kind_of(world), attempt_at(jobs_count=30)
        answer = await kind.start(attempt, lambda: True)
        assert isinstance(answer, Started)
        await kind.wait(attempt, answer.handle, lambda phase, _: seen.append(phase))
        return seen

    phases = run(story())
    assert phases[:2] == [Phase.PENDING, Phase.RUNNING]
    assert Phase.PENDING not in phases[1:]


def test_a_job_stopped_by_somebody_is_no_success() -> None:
    async def story() -> object:
        world = scripted(weather=Weather(running=500.0))
        kind = kind_of(world)
        answer = await kind.start(attempt_at(), lambda: True)
        assert isinstance(answer, Started)
        world.jobs_made[1001].asked = "SoftStop"  # type: ignore[assignment] # as it comes from the wire
        return await kind.wait(attempt_at(), answer.handle, lambda *_: None)

    outcome = run(story())
    assert isinstance(outcome, Failed)
    assert outcome.error == "stopped_outside"


def test_spare_jobs_are_killed_seen_ended_and_told(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> object:
        world = scripted(weather=Weather(running=5000.0))
        for _ in range(2):
            await kind_of(world).start(attempt_at(), lambda: True)
        kind = kind_of(world)
        answer = await kind.start(replace(attempt_at(), recheck=True), lambda: True)
        assert ids(answer, "spare") == [1002]
        assert isinstance(answer, Started)
        outcome = await kind.wait(attempt_at(), answer.handle, lambda *_: None)
        assert [(call.ids, call.strategy) for call in world.calls if call.verb == "stop"] == [((1002,), "Kill")]
        assert world.jobs_made[1002].end == "Stopped"
        return outcome

    with caplog.at_level(logging.ERROR):
        outcome = run(story())
    assert isinstance(outcome, Succeeded)
    assert outcome.facts["spare_jobs"][0]["id"] == 1002
    assert "1002" in caplog.text


def test_a_stop_reaches_spare_jobs_too() -> None:
    async def story() -> list[tuple[int, ...]]:
        world = scripted(weather=Weather(running=5000.0))
        kind = kind_of(world)
        answers = [await kind.start(replace(attempt_at(), number=number), lambda: True) for number in (1, 2)]
        assert isinstance(answers[0], Started)
        handle = {**answers[0].handle, "spare": [{"id": 1002, "key": world.jobs_made[1002].key}]}
        await kind.stop(attempt_at(), handle, force=False)
        return [call.ids for call in world.calls if call.verb == "stop"]

    assert run(story()) == [(1001, 1002)]


def test_a_job_that_turns_up_after_the_window_is_ended_before_the_verdict() -> None:
    async def story() -> object:
        world = scripted(Ambiguous("504"), weather=Weather(running=5000.0))
        kind = kind_of(world)
        answer = await kind.start(attempt_at(), lambda: True)
        assert isinstance(answer, Started)
        world._make(Folder(id=7), world.infos[0])
        outcome = await kind.wait(attempt_at(), answer.handle, lambda *_: None)
        assert len(world.of(start_key(attempt_at()))) == 2
        assert asyncio.get_running_loop().time() >= world.jobs_made[1002].ends
        return outcome

    outcome = run(story())
    assert isinstance(outcome, Succeeded)
    assert [job["id"] for job in outcome.facts["spare_jobs"]] == [1002]


def test_what_another_process_learnt_of_the_server_is_in_the_handle() -> None:
    """A resumed run that waits for one Job knows that the lost reply of another start cannot be looked up."""

    async def story() -> object:
        world = scripted(weather=Weather(running=5000.0, keeps_batch_key=False, keeps_reference=False))
        first = await kind_of(world).start(attempt_at(), lambda: True)
        assert isinstance(first, Started)
        kind = kind_of(world)
        waiting = asyncio.create_task(kind.wait(attempt_at(), first.handle, lambda *_: None))
        await asyncio.sleep(1.0)
        answer = await kind.start(replace(attempt_at(), step_id="other", recheck=True), lambda: True)
        waiting.cancel()
        assert world.count("start") == 1
        return answer

    assert isinstance(run(story()), Unknown)
