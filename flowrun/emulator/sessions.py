"""Robots that connected from outside: each asks again and again what to do, and runs one Job at a time.

A Job of a package waits, Pending, until a robot's heartbeat finds it. It is offered in every answer to that robot until
the robot says that it runs, and a stop is told in every answer until the robot says that it ended. A robot that says
nothing for LOST_AFTER_S has lost its Job. What it still says of that Job later is answered with a stop.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from flowrun.emulator import arguments
from flowrun.emulator.entities import NOBODY, Folder, Job, Package, Robot
from flowrun.emulator.files import Files
from flowrun.emulator.outcome import COMPLETED, STOPPED, Outcome, faulted
from flowrun.emulator.packages import Built, PackageError, Packages
from flowrun.emulator.processes import LOG_LIMIT
from flowrun.emulator.store import LEGAL, Store
from flowrun.orchestrator.wire import FINAL_STATES, JobState

LOST_AFTER_S = 120.0
"""A robot says nothing while it makes an environment for a package, which may have to be downloaded."""
FIRST_ID = 1_000_001
"""Robots from outside are numbered from here, far above those of a catalog."""

_WAITING = frozenset({JobState.PENDING, JobState.RESUMED})
_ENDING = frozenset({JobState.STOPPING, JobState.TERMINATING})


@dataclass(frozen=True, slots=True)
class Offer:
    """A Job for a robot: the package to run it with, its arguments as JSON text, or the attachment that has them."""

    job: Job
    built: Built
    given: str
    input_file: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a robot says of a Job. `error` is a code and a text where it failed."""

    job_key: str
    state: JobState
    output: str | None = None
    output_file: str | None = None
    error: tuple[str, str] | None = None


@dataclass(slots=True)
class Session:
    """A connected robot. `key` is its licence key, which is what it signs in with; `strays` are the Jobs to end."""

    key: str
    robot: Robot
    offer: Offer | None = None
    strays: dict[str, Job] = field(default_factory=dict)
    silence: asyncio.TimerHandle | None = None


class Sessions:
    """The robots that are connected, and the Jobs that they have.

    `logs` and `states` are folders, of what Jobs say and of what those that wait need to go on.
    """

    def __init__(self, store: Store, files: Files, logs: Path, states: Path, lost_after: float = LOST_AFTER_S) -> None:
        self.packages = Packages()
        self._store = store
        self._files = files
        self._logs = logs
        self._states = states
        self._lost_after = lost_after
        self._sessions: dict[str, Session] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._sessions)

    def connect(self, machine: str) -> Session:
        """A new session, with a licence key of its own."""
        robot = Robot(FIRST_ID + self._count, machine, Folder(0, "", ""), machine, "", "Attended")
        self._count += 1
        session = Session(str(uuid.uuid4()), robot)
        self._sessions[session.key] = session
        self._hear(session)
        return session

    def find(self, key: str | None) -> Session | None:
        """By licence key."""
        return self._sessions.get(key or "")

    def name(self, session: Session, username: str) -> None:
        r"""Give a robot the name of its user: `dom\user` is the robot `user`; a second one is `user-2`."""
        wanted = username.rpartition("\\")[2] or username
        taken = {other.robot.name for other in self._sessions.values() if other is not session}
        taken |= {robot.name for robot in self._store.robots}
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        session.robot = dataclasses.replace(session.robot, name=name, username=username)

    def beat(self, session: Session) -> tuple[Offer | None, list[Job]]:
        """A heartbeat: the Job to start, if any, and the Jobs to stop."""
        self._hear(session)
        offer = session.offer
        if offer is not None and offer.job.final:
            offer = session.offer = None
        if offer is None:
            offer = session.offer = self._next()
        stops = list(session.strays.values())
        if offer is None:
            return None, stops
        if offer.job.state in _ENDING:
            stops.append(offer.job)
        return (offer if offer.job.state in _WAITING else None), stops

    def report(self, session: Session, report: Report) -> None:
        """Believe what a robot says of its own Job; a Job that is not its own is one to end."""
        self._hear(session)
        job = self._store.job_by_key(report.job_key)
        if job is None:
            return
        ended = report.state in FINAL_STATES
        if ended:
            session.strays.pop(job.key, None)
        if session.offer is None or session.offer.job is not job or job.final:
            if not ended:
                session.strays[job.key] = job
            return
        if ended:
            self._end(session, job, report)
            session.offer = None
        elif job.state in _WAITING:
            self._store.move(job, JobState.RUNNING, robot=self._robot(session, job))

    def suspend(self, session: Session, job_key: str, persistence: str, content: bytes) -> Job | None:
        """Take a Job that is to wait from its robot, and keep its state; None where it is not this robot's.

        One that was asked to end does so now, instead of waiting.
        """
        self._hear(session)
        offer = session.offer
        if offer is None or offer.job.key != job_key.lower() or offer.job.final:
            return None
        job, session.offer = offer.job, None
        if job.state in _WAITING:  # the robot has not said that it runs
            self._store.move(job, JobState.RUNNING, robot=self._robot(session, job))
        if job.state in _ENDING:
            self._settle(job, Outcome(JobState.STOPPED, STOPPED))
            return job
        file = os.open(self._states / persistence, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(file, "wb") as out:
            out.write(content)
        return job

    def state(self, session: Session, persistence: str, version: str) -> bytes | None:
        """What was kept of the Job that this robot was offered, as of its last suspension."""
        job = session.offer.job if session.offer is not None else None
        if job is None or (job.persistence_id, str(job.resume_version)) != (persistence, version):
            return None
        return (self._states / persistence).read_bytes()

    def log(self, session: Session, lines: Iterable[tuple[str, str]]) -> None:
        """Add lines to the logs of Jobs, each with the key of its Job."""
        self._hear(session)
        for key, line in lines:
            job = self._store.job_by_key(key)
            if job is None:
                continue
            file = os.open(self._logs / f"{job.id}.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
            try:
                if os.fstat(file).st_size < LOG_LIMIT:
                    os.write(file, f"{line}\n".encode("utf-8", errors="replace"))
            finally:
                os.close(file)

    def leave(self, session: Session) -> None:
        """A robot says goodbye."""
        self._sessions.pop(session.key, None)
        if session.silence is not None:
            session.silence.cancel()
        self._lose(session, f"The robot {session.robot.name} left before this Job had ended.")

    def close(self) -> None:
        """Forget all: the emulator ends, which has faulted their Jobs."""
        for session in self._sessions.values():
            if session.silence is not None:
                session.silence.cancel()
        self._sessions.clear()

    def _hear(self, session: Session) -> None:
        if session.silence is not None:
            session.silence.cancel()
        text = f"The robot {session.robot.name} was silent for {self._lost_after:.0f} seconds."
        loop = asyncio.get_running_loop()
        session.silence = loop.call_later(self._lost_after, self._lose, session, text)

    def _lose(self, session: Session, text: str) -> None:
        """End the Job that a robot runs; one that it was only offered goes back to the others."""
        offer, session.offer = session.offer, None
        if offer is None or offer.job.final or offer.job.state in _WAITING:
            return
        outcome = faulted(text)
        self._store.move(offer.job, outcome.state, info=outcome.info, error_code=outcome.error_code)
        session.strays[offer.job.key] = offer.job

    def _next(self) -> Offer | None:
        """The Job that has waited longest among those of the highest priority. What cannot be offered is Faulted."""
        taken = {session.offer.job.id for session in self._sessions.values() if session.offer is not None}
        waiting = [job for job in self._store.open() if job.state in _WAITING and job.id not in taken]
        for job in sorted(waiting, key=lambda job: (-job.priority, job.id)):
            release = self._store.release(job.release.key) or job.release
            if not isinstance(release.run, Package) or job.pinned_robot_id == NOBODY:
                continue
            job.release = release
            try:
                given = arguments.complete(self._files.input_of(job), release.inputs)
                return self._offer(job, release.run, json.dumps(given, ensure_ascii=False))
            except (arguments.ArgumentError, PackageError) as error:
                self._settle(job, faulted(str(error)))
        return None

    def _offer(self, job: Job, package: Package, given: str) -> Offer:
        built = self.packages.build(package)
        if len(given) <= arguments.LIMIT:
            return Offer(job, built, given)
        data = given.encode("utf-8", errors="surrogatepass")
        return Offer(job, built, given, self._files.attach(f"{job.key}-input.json", data).id)

    def _end(self, session: Session, job: Job, report: Report) -> None:
        if report.state not in LEGAL[job.state] and job.state in _WAITING:
            self._store.move(job, JobState.RUNNING, robot=self._robot(session, job))
        if job.state is JobState.TERMINATING or report.state is JobState.STOPPED:
            self._settle(job, Outcome(JobState.STOPPED, STOPPED))
        elif report.state is JobState.FAULTED:
            code, text = report.error or ("Robot", "The robot gave no reason.")
            self._settle(job, dataclasses.replace(faulted(text), error_code=code))
        else:
            file = report.output_file if report.output_file in self._files.attachments else None
            self._settle(job, Outcome(JobState.SUCCESSFUL, COMPLETED, report.output), file)

    def _settle(self, job: Job, outcome: Outcome, output_file: str | None = None) -> None:
        self._store.move(
            job,
            outcome.state,
            info=outcome.info,
            output_arguments=outcome.output,
            output_file=output_file,
            error_code=outcome.error_code,
        )

    def _robot(self, session: Session, job: Job) -> Robot:
        return dataclasses.replace(session.robot, folder=job.folder)


def is_for_sessions(job: Job) -> bool:
    """Whether only a connected robot can run a Job."""
    return isinstance(job.release.run, Package)
