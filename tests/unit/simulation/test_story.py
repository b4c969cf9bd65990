from __future__ import annotations

from dataclasses import replace

import pytest

from flowrun.core.events import AttemptScheduled, RunResumed
from flowrun.core.status import AbortLevel
from flowrun.simulation.courses import Course, Jobs, Script
from flowrun.simulation.ending import Result, ending
from flowrun.simulation.faults import Deaths, Trouble, Window, draw
from flowrun.simulation.judge import judge
from flowrun.simulation.story import RUN, Story, tell
from flowrun.simulation.weather import Weather
from tests.unit.simulation.cases import EVALUATOR, case, chain, retried, step


def told(trouble: Trouble, seed: int = 1, **more: object) -> Story:
    story = tell(seed, chain(**more), trouble, EVALUATOR)
    assert judge(story) == []
    return story


def struck(story: Story) -> set[str]:
    return {strike.fault for strike in story.strikes}


def test_fair_weather_is_a_run_like_any_other() -> None:
    story = told(Trouble())
    assert ending(story).result is Result.SUCCEEDED
    assert [(job.end, job.attempt and job.attempt.step_id) for job in story.jobs] == [
        ("Successful", "a"),
        ("Successful", "b"),
        ("Successful", "c"),
    ]
    assert 210.0 < story.took < 300.0
    assert story.strikes == []


@pytest.mark.parametrize("effect", range(1, 24, 2))
def test_a_process_that_dies_at_any_effect_starts_nothing_twice(effect: int) -> None:
    story = told(Trouble(deaths=Deaths(effects=(effect,))))
    assert ending(story).result is Result.SUCCEEDED
    assert len(story.jobs) == 3
    assert struck(story) == {"crash"}
    assert effect <= 3 or any(isinstance(one.event, RunResumed) for one in story.events())


def test_a_full_disk_ends_the_process_and_not_the_run() -> None:
    story = told(Trouble(full=(3,)))
    assert ending(story).result is Result.SUCCEEDED
    assert struck(story) == {"disk"}


def test_what_nobody_ends_waits_for_ever_where_nothing_ends_it() -> None:
    ended = ending(told(Trouble(hangs=1.0)))
    assert ended.result is Result.HUNG
    assert [(hang.step, hang.why) for hang in ended.hangs] == [("a", "job")]
    assert ended.code is None


def test_a_timeout_ends_it() -> None:
    ended = ending(told(Trouble(hangs=1.0), timeout=300.0))
    assert (ended.result, ended.step, ended.error) == (Result.FAILED, "a", "timeout")


def test_a_job_behind_one_that_hangs_gets_no_robot() -> None:
    apart = case(step("a"), step("b"), script=Script({"a": (Jobs(courses=(Course(lasts=float("inf")),)),)}))
    found = {
        tuple((hang.step, hang.why) for hang in ending(tell(seed, apart, Trouble(robots=1), EVALUATOR)).hangs)
        for seed in range(8)
    }
    assert found == {(("a", "job"),), (("a", "job"), ("b", "pending"))}


def test_a_job_that_survives_kill_is_said_to() -> None:
    story = told(Trouble(stuck=1.0, hangs=1.0), seed=2, timeout=120.0)
    ended = ending(story)
    assert ended.result in (Result.IN_DOUBT, Result.FAILED)
    assert {"stuck", "hang"} <= set(ended.faults)


def test_nobody_is_signed_in_for_longer_than_anybody_waits() -> None:
    story = told(Trouble(unsigned=(Window(0.0, 2000.0),)))
    assert ending(story).result is Result.SUCCEEDED
    assert [one for one in story.strikes if "signed in" in one.whom]


def test_maintenance_asks_what_runs_to_end() -> None:
    ended = ending(told(Trouble(maintenance=(Window(30.0, 200.0),))))
    assert (ended.result, ended.error) == (Result.FAILED, "stopped_outside")


def test_somebody_ends_the_run() -> None:
    ended = ending(told(Trouble(aborts=((90.0, AbortLevel.STOP),))))
    assert (ended.result, ended.code) == (Result.ENDED, 8)


def test_an_attempt_after_one_that_had_begun_may_do_its_work_twice() -> None:
    ended = ending(told(Trouble(stopped=0.5), seed=3, retry=retried()))
    assert ended.again
    assert all(how == "stopped_outside" for _, how in ended.again)


def test_a_server_that_keeps_no_key_may_start_twice_and_it_is_counted() -> None:
    blind = Weather(late_request=0.9, keeps_batch_key=False, keeps_reference=False)
    endings = [ending(tell(seed, chain(), Trouble(weather=blind), EVALUATOR)) for seed in range(12)]
    assert any(one.twice for one in endings)
    assert all(one.result is not Result.BROKEN for one in endings)


def test_once_it_is_calm_nothing_new_goes_wrong() -> None:
    story = told(Trouble(weather=Weather(gateway=0.5), calm_at=50.0))
    assert story.strikes
    assert max(strike.at for strike in story.strikes) <= 51.0


def test_each_attempt_is_on_record_before_its_job() -> None:
    trouble = draw(5, ("lost", "late", "crash"), 300.0, swarm=False)
    story = tell(5, chain(), trouble, EVALUATOR)
    noted = {
        (note.record.event.step_id, note.record.event.attempt): note.at
        for note in story.notes
        if isinstance(note.record.event, AttemptScheduled) and note.run_id == RUN
    }
    for job in story.jobs:
        assert job.attempt is not None
        assert noted[job.attempt.step_id, job.attempt.number] <= job.created


def test_what_the_judge_is_told_wrong_he_finds() -> None:
    story = told(Trouble())
    story.jobs[0].created += 5.0
    story.jobs.append(replace(story.jobs[0], id=9, created=1.0))
    assert any("was started 2 times" in sentence for sentence in judge(story))
    story.jobs[0].end = "Faulted"
    assert any("is called a success" in sentence for sentence in judge(story))


def test_a_doubt_about_a_file_that_is_a_step_is_one_about_all_in_it() -> None:
    """Nobody can be asked for an hour, and the run is killed: it gives the step up, and so says enough."""
    inner = chain().plan
    outer = case(step("file", kind="workflow", arguments={"workflow": "w.yaml", "inputs": {}}, outputs=()))
    outer = replace(outer, plan=replace(outer.plan, workflow="outer"), workflows={"w.yaml": inner})
    long = {"w": Script({"a": (Jobs(courses=(Course(lasts=9000.0),)),)})}
    killed = Trouble(maintenance=(Window(50.0, 3650.0),), stuck=1.0, aborts=((200.0, AbortLevel.KILL),))
    story = tell(1, replace(outer, scripts=long), killed, EVALUATOR)
    assert judge(story) == []
    assert ending(story).result is Result.IN_DOUBT
    assert any(job.ends > story.took for job in story.jobs)
