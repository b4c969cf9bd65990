"""Robots from outside: who gets which Job, and what is believed of what they say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flowrun.emulator.blobs import Blobs
from flowrun.emulator.deployment import CatalogWords, Deployer
from flowrun.emulator.entities import Job
from flowrun.emulator.files import Files
from flowrun.emulator.ledger import Ledger
from flowrun.emulator.sessions import Report, Session, Sessions, is_for_sessions
from flowrun.emulator.store import Store
from flowrun.orchestrator.wire import JobState

RUNNING, SUCCESSFUL, FAULTED, STOPPED = JobState.RUNNING, JobState.SUCCESSFUL, JobState.FAULTED, JobState.STOPPED


class Place:
    """A store with the Release of a package and one of a builtin, and the robots that connect to it."""

    def __init__(self, folder: Path, lost_after: float = 60.0) -> None:
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.store = Store(self.ledger, lambda: 1.0)
        package = {"package": "demo", "input": {"a": {"type": "integer", "default": 7}, "b": "string"}}
        words = {"robots": 1, "releases": {"Coded": package, "Echo": {"builtin": "echo"}}}
        given = Deployer(folder, 0.0).deploy(CatalogWords.model_validate(words))
        self.store.deploy(given.folders, given.robots, given.releases)
        self.files = Files(Blobs(folder / "blobs", lambda: 1.0), self.ledger, lambda: 1.0)
        self.sessions = Sessions(self.store, self.files, folder, folder, lost_after)

    def job(self, release: str = "Coded", arguments: str | None = None, priority: int = 45) -> Job:
        found = next(item for item in self.store.releases if item.name == release)
        blank = Job(0, "", found.folder, found, "b", 0.0, 0.0, priority=priority, input_arguments=arguments)
        return self.store.create(blank)

    def connect(self) -> Session:
        return self.sessions.connect("host")

    def offered(self, session: Session) -> Job | None:
        offer, _ = self.sessions.beat(session)
        return offer.job if offer else None

    def stops(self, session: Session) -> list[Job]:
        return self.sessions.beat(session)[1]

    def say(self, session: Session, job: Job, state: JobState, **more: object) -> None:
        self.sessions.report(session, Report(job.key, state, **more))  # type: ignore[arg-type] # as the test wants it


@pytest.fixture
def coded(tmp_path: Path) -> Path:
    place = tmp_path / "demo"
    place.mkdir()
    (place / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1.0.0"\n', encoding="utf-8")
    (place / "uipath.json").write_text('{"functions": {"main": "main.py:main"}}', encoding="utf-8")
    return tmp_path


@pytest.fixture
async def place(coded: Path) -> AsyncIterator[Place]:
    made = Place(coded)
    yield made
    made.sessions.close()
    made.ledger.close()


async def test_only_jobs_of_packages_are_offered_the_most_urgent_first(place: Place) -> None:
    place.job("Echo")
    late, urgent = place.job(), place.job(priority=65)
    assert [is_for_sessions(job) for job in place.store.open()] == [False, True, True]
    one, two, three = place.connect(), place.connect(), place.connect()
    assert [place.offered(session) for session in (one, two, three)] == [urgent, late, None]
    assert urgent.state is JobState.PENDING


async def test_an_offer_has_the_package_and_the_defaults_and_is_repeated_until_it_runs(place: Place) -> None:
    job, session = place.job(), place.connect()
    offer, _ = place.sessions.beat(session)
    assert offer is not None
    assert (offer.built.id, offer.built.entry_point, json.loads(offer.given)) == ("demo", "main", {"a": 7})
    assert place.sessions.packages.find(f"demo:{offer.built.version}") == offer.built
    assert place.offered(session) is job
    place.say(session, job, RUNNING)
    place.say(session, job, RUNNING)
    assert place.offered(session) is None
    assert (job.state, job.robot and job.robot.name) == (RUNNING, "host")
    place.say(session, job, SUCCESSFUL, output='{"b": 1}')
    assert (job.state, job.output_arguments, job.info) == (SUCCESSFUL, '{"b": 1}', "Job completed")


async def test_one_job_at_a_time(place: Place) -> None:
    first, second, session = place.job(), place.job(), place.connect()
    place.offered(session)
    place.say(session, first, RUNNING)
    assert place.offered(session) is None
    place.say(session, first, SUCCESSFUL, output="{}")
    assert place.offered(session) is second


@pytest.mark.parametrize(
    ("asked", "said", "end"),
    [
        (JobState.STOPPING, STOPPED, STOPPED),
        (JobState.STOPPING, SUCCESSFUL, SUCCESSFUL),
        (JobState.STOPPING, FAULTED, FAULTED),
        (JobState.TERMINATING, SUCCESSFUL, STOPPED),
        (JobState.TERMINATING, STOPPED, STOPPED),
    ],
)
async def test_a_stop_is_told_until_the_job_has_ended(
    place: Place, asked: JobState, said: JobState, end: JobState
) -> None:
    job, session = place.job(), place.connect()
    place.offered(session)
    place.say(session, job, RUNNING)
    assert place.stops(session) == []
    place.store.move(job, asked)
    assert place.stops(session) == place.stops(session) == [job]
    place.say(session, job, said)
    assert place.stops(session) == []
    assert job.state is end


async def test_a_job_that_was_stopped_while_it_was_offered_is_ended_when_it_runs_nevertheless(place: Place) -> None:
    job, session = place.job(), place.connect()
    place.offered(session)
    place.store.move(job, STOPPED)
    assert place.offered(session) is None
    place.say(session, job, RUNNING)
    assert (place.stops(session), job.state) == ([job], STOPPED)
    place.say(session, job, STOPPED)
    assert place.stops(session) == []


async def test_a_failure_is_told_with_code_and_text_also_before_it_ran(place: Place) -> None:
    job, session = place.job(), place.connect()
    place.offered(session)
    place.say(session, job, FAULTED, error=("PYTHON.JOB_PREPARATION_FAILED", "Job Preparation Failed\nno uv"))
    assert (job.state, job.error_code) == (FAULTED, "PYTHON.JOB_PREPARATION_FAILED")
    assert job.info == "Job Preparation Failed\r\nno uv"
    assert job.started is None


async def test_a_job_that_ended_before_anybody_heard_of_it_has_run(place: Place) -> None:
    job, session = place.job(), place.connect()
    place.offered(session)
    place.say(session, job, SUCCESSFUL, output="{}")
    assert (job.state, job.started) == (SUCCESSFUL, 1.0)


async def test_nobody_is_believed_about_the_job_of_another(place: Place) -> None:
    job, owner, other = place.job(), place.connect(), place.connect()
    place.offered(owner)
    place.say(owner, job, RUNNING)
    place.say(other, job, RUNNING)
    place.say(other, job, SUCCESSFUL)
    place.sessions.report(other, Report("unknown", RUNNING))
    assert (job.state, place.stops(other)) == (RUNNING, [])


async def test_arguments_and_packages_that_are_wrong_fault_the_job(place: Place, coded: Path) -> None:
    wrong, right = place.job(arguments='{"a": "x"}'), place.job()
    session = place.connect()
    assert place.offered(session) is right
    assert (wrong.state, wrong.info) == (FAULTED, "The input argument a is declared as integer, and got string.")
    place.say(session, right, SUCCESSFUL)
    (coded / "demo" / "uipath.json").unlink()
    broken = place.job()
    assert place.offered(session) is None
    assert broken.state is FAULTED
    assert "has no uipath.json" in (broken.info or "")


async def test_a_robot_that_leaves_loses_what_it_ran_and_gives_back_what_it_was_offered(place: Place) -> None:
    running, offered, one, two, three = place.job(), place.job(), place.connect(), place.connect(), place.connect()
    place.offered(one)
    place.say(one, running, RUNNING)
    place.offered(two)
    place.sessions.leave(one)
    place.sessions.leave(two)
    assert (running.state, running.info) == (FAULTED, "The robot host left before this Job had ended.")
    assert place.offered(three) is offered
    assert place.sessions.find(one.key) is None
    assert len(place.sessions) == 1


async def test_a_silent_robot_loses_its_job_and_may_come_back(coded: Path) -> None:
    place = Place(coded, lost_after=0.05)
    job, session = place.job(), place.connect()
    place.offered(session)
    place.say(session, job, RUNNING)
    while job.state is RUNNING:  # noqa: ASYNC110 - a state has no event
        await asyncio.sleep(0.01)
    assert "was silent for" in (job.info or "")
    assert place.stops(session) == [job], "it must end what it may still be running"
    later = place.job()
    place.say(session, job, STOPPED)
    assert place.offered(session) is later
    place.sessions.close()
    place.ledger.close()


async def test_robots_are_named_after_their_users_each_by_a_name_of_its_own(place: Place) -> None:
    one, two, three = (place.connect() for _ in range(3))
    place.sessions.name(one, "dom\\ada")
    place.sessions.name(two, "ada")
    place.sessions.name(three, "Robot1")
    assert [session.robot.name for session in (one, two, three)] == ["ada", "ada-2", "Robot1-2"]
    assert one.robot.username == "dom\\ada"
    assert len({session.robot.id for session in (one, two, three)}) == 3


async def test_large_arguments_and_outputs_are_files(place: Place) -> None:
    text = json.dumps({"a": 1, "b": "x" * 10_001})
    job, session = place.job(arguments=text), place.connect()
    offer, _ = place.sessions.beat(session)
    assert offer is not None
    assert place.files.blobs.read(offer.input_file or "") == text.encode()
    output = place.files.attach("output.json", b"{}")
    place.say(session, job, SUCCESSFUL, output_file=output.id)
    assert (job.output_arguments, job.output_file) == (None, output.id)


async def test_log_lines_go_to_the_log_of_their_job(place: Place, coded: Path) -> None:
    job, session = place.job(), place.connect()
    place.sessions.log(session, [(job.key, "one"), ("unknown", "two"), (job.key, "three")])
    assert (coded / f"{job.id}.log").read_text(encoding="utf-8") == "one\nthree\n"
