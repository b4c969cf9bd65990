"""The robots: each runs one Job at a time; a Job waits, Pending, until one that may run it is free."""

from __future__ import annotations

import asyncio
import heapq
import json
import uuid
from functools import partial
from pathlib import Path

from flowrun.emulator import arguments
from flowrun.emulator.entities import Builtin, Command, Job, Json, Package, Robot, Trick
from flowrun.emulator.files import Files
from flowrun.emulator.outcome import COMPLETED, Outcome, faulted, judge, suspended
from flowrun.emulator.processes import Ended, Process, Watchdog
from flowrun.emulator.profile import LargeOutputs
from flowrun.emulator.sessions import is_for_sessions
from flowrun.emulator.store import Store
from flowrun.emulator.timers import Timers
from flowrun.emulator.triggers import Suspension, Trigger, Triggers
from flowrun.orchestrator.wire import JobState, StopStrategy

CLOSE_GRACE = 1.0
"""Seconds between SIGTERM and SIGKILL when the emulator itself ends."""
_SOFT = JobState.STOPPING
_WAITING = frozenset({JobState.PENDING, JobState.RESUMED})
_Queue = list[tuple[int, int, Job]]


class Robots:
    """Hands Pending Jobs to idle robots: higher priority first, then the older. `logs` is a folder."""

    def __init__(self, store: Store, files: Files, triggers: Triggers, logs: Path) -> None:
        self.large_outputs = LargeOutputs.ATTACH
        self._store = store
        self._files = files
        self._triggers = triggers
        self._timers = Timers(store.clock, self.stop)
        self._notes: dict[int, str] = {}
        self._logs = logs
        self._watchdog = Watchdog()
        self._busy: dict[int, Job] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._running: dict[int, _Work] = {}
        self._waiting: dict[tuple[str, int], _Queue] = {}
        self._closing = False

    @property
    def busy(self) -> frozenset[int]:
        """The ids of the robots that run a Job."""
        return frozenset(self._busy)

    def submit(self, jobs: list[Job]) -> None:
        """Queue new Jobs, and start those that a robot is free for."""
        for job in jobs:
            self._timers.watch(job)
            if is_for_sessions(job):
                continue
            heapq.heappush(self._waiting.setdefault(_queue_of(job), []), (-job.priority, job.id, job))
        self.dispatch()

    def queue_anew(self) -> None:
        """Queue what is Pending as the catalog is now: a Release may have become a package, or be one no more."""
        self._waiting.clear()
        waiting = [job for job in self._store.open() if job.state in _WAITING]
        for job in waiting:
            job.release = self._store.release(job.release.key) or job.release
        self.submit(waiting)

    def dispatch(self) -> None:
        """Give every idle robot the Job that it should run next."""
        if self._closing:
            return
        for robot in self._store.robots:
            if robot.id not in self._busy:
                job = self._next_for(robot)
                if job is not None:
                    self._start(job, robot)

    def stop(self, job: Job, strategy: StopStrategy, note: str | None = None, *, deaf: bool = False) -> None:
        """Ask a Job to end. One that no robot has is Stopped at once; a final one stays as it is. `note`: its Info.

        `deaf`: the Job is asked, and nothing comes of it.
        """
        kill = strategy is StopStrategy.KILL
        if job.state in {*_WAITING, JobState.SUSPENDED}:
            when = "before it started" if job.started is None else "while it was suspended"
            self._store.move(job, JobState.STOPPED, info=note or f"The Job was stopped {when}.", stop_strategy=strategy)
        elif job.state is JobState.RUNNING or (job.state is _SOFT and kill):
            state = JobState.TERMINATING if kill else _SOFT
            self._store.move(job, state, stop_strategy=strategy)
            if note is not None:
                self._notes[job.id] = note
            if (
                job.id in self._running and not deaf
            ):  # else a connected robot has it, and reads the state at its next heartbeat
                self._running[job.id].stop(kill=kill)

    def resume(self, job: Job, delivered: Json = None, text: str | None = None) -> None:
        """Let a Suspended Job go on once a robot is free. `delivered`: what it waited for; `text`: new arguments."""
        trigger = self._triggers.of(job)
        state = None
        if trigger is not None:
            self._triggers.fire(trigger, delivered)
            state = trigger.state
        payload = delivered.get("payload", delivered) if isinstance(delivered, dict) else delivered
        changes: dict[str, Json] = {} if text is None else {"input_arguments": text}
        resumed_with = {"state": state, "payload": payload}
        self._store.move(job, JobState.RESUMED, resumed_with=resumed_with, info=None, **changes)
        self.submit([job])

    def go_on(self) -> None:
        """After a restart: take up the Jobs that were Suspended or Resumed."""
        for job in self._store.open():
            if job.state is JobState.SUSPENDED:
                self._timers.watch(job)
                self._wait_for(job, self._triggers.of(job))
        self.submit([job for job in self._store.open() if job.state is JobState.RESUMED])

    async def aclose(self) -> None:
        """End every process, and wait for it. Jobs that were not final become Faulted: their robot is gone."""
        self._closing = True
        self._timers.close()
        self._store.lose()
        for work in self._running.values():
            work.close()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))
        await asyncio.to_thread(self._watchdog.close)

    def _next_for(self, robot: Robot) -> Job | None:
        queues = (self._waiting.get(("robot", robot.id)), self._waiting.get(("folder", robot.folder.id)))
        best: _Queue | None = None
        for queue in queues:
            while queue and queue[0][2].state not in _WAITING:
                heapq.heappop(queue)
            if queue and (best is None or queue[0] < best[0]):
                best = queue
        return heapq.heappop(best)[2] if best else None

    def _start(self, job: Job, robot: Robot) -> None:
        job.release = self._store.release(job.release.key) or job.release
        self._store.move(job, JobState.RUNNING, robot=robot)
        self._busy[robot.id] = job
        work = self._running[job.id] = _Work(job, robot, self._files, self._watchdog)
        self._tasks[job.id] = asyncio.get_running_loop().create_task(self._run(work))

    async def _run(self, work: _Work) -> None:
        job = work.job
        try:
            outcome = await work.outcome(self._logs / f"{job.id}.log")
        except Exception as error:  # noqa: BLE001 - a Job must end, whatever went wrong while it ran
            outcome = faulted(f"The emulator failed while it ran this Job: {error!r}")
        if outcome.suspension is not None and job.state is JobState.RUNNING:
            self.suspend(job, outcome.info, outcome.suspension)
        elif not job.final:
            self._finish(job, outcome)
        self._notes.pop(job.id, None)
        del self._busy[work.robot.id], self._running[job.id], self._tasks[job.id]
        self.dispatch()

    def suspend(self, job: Job, info: str | None, suspension: Suspension, persistence: str | None = None) -> None:
        """Take the Job from its robot until its trigger fires. `persistence`: the id that its robot gave it."""
        trigger = self._triggers.open(job, suspension, self._store.clock())
        self._store.move(
            job,
            JobState.SUSPENDED,
            info=info,
            persistence_id=persistence or job.persistence_id or str(uuid.uuid4()),
            resume_version=(job.resume_version or 0) + 1,
        )
        self._wait_for(job, trigger)

    def _wait_for(self, job: Job, trigger: Trigger | None) -> None:
        job.sleeping = trigger is not None and trigger.timer is not None
        if trigger is not None and trigger.timer is not None:
            self._timers.at("resume", job, trigger.timer, partial(self._wake, job))

    def _wake(self, job: Job) -> None:
        if job.state is JobState.SUSPENDED:
            self.resume(job)

    def _finish(self, job: Job, outcome: Outcome) -> None:
        """Move the Job to its end. Outputs over the limit become an attachment, or are lost."""
        output, file = outcome.output, None
        if output is not None and len(output) > arguments.LIMIT:
            if self.large_outputs is LargeOutputs.ATTACH:
                file = self._files.attach(f"{job.key}.json", output.encode("utf-8", errors="surrogatepass")).id
            output = None
        note = self._notes.get(job.id) if outcome.state is JobState.STOPPED else None
        self._store.move(
            job,
            outcome.state,
            info=note or outcome.info,
            output_arguments=output,
            output_file=file,
            error_code=outcome.error_code,
        )


class _Work:
    """A Job on a robot: a process, or a trick of our own."""

    def __init__(self, job: Job, robot: Robot, files: Files, watchdog: Watchdog) -> None:
        self.job = job
        self.robot = robot
        self._files = files
        self._process = Process(watchdog)
        self._stopped = asyncio.Event()

    def stop(self, *, kill: bool) -> None:
        """SoftStop or Kill."""
        self._stopped.set()
        (self._process.kill if kill else self._process.soft_stop)()

    def close(self) -> None:
        """End it: the emulator ends."""
        self._stopped.set()
        self._process.kill(CLOSE_GRACE)

    async def outcome(self, log: Path) -> Outcome:
        """Run it to its end."""
        job, run = self.job, self.job.release.run
        try:
            text = self._files.input_of(job)
            given = arguments.complete(text, job.release.inputs)
        except arguments.ArgumentError as error:
            return faulted(str(error))
        if run is None:
            return faulted(f"The Release {job.release.name} is no longer in the catalog.")
        if isinstance(run, Trick):
            return await self._trick(run, given, text)
        if isinstance(run, Package):
            return faulted(f"The Release {job.release.name} is a package, which only a connected robot can run.")
        return judge(await self._process_of(run, given, log), job.state)

    async def _process_of(self, command: Command, given: dict[str, Json], log: Path) -> Ended:
        environment = {
            "UIPATH_JOB_KEY": self.job.key,
            "UIPATH_JOB_ID": str(self.job.id),
            "UIPATH_FOLDER_PATH": self.job.folder.path,
            "UIPATH_ROBOT_NAME": self.robot.name,
        }
        if self.job.resumed_with is not None:
            environment["UIPATH_RESUME"] = json.dumps(self.job.resumed_with)
        text = json.dumps(given, ensure_ascii=False).encode("utf-8", errors="surrogatepass")
        return await self._process.run(command, environment, text, log)

    async def _trick(self, trick: Trick, given: dict[str, Json], text: str | None) -> Outcome:
        job = self.job
        if trick.builtin is Builtin.FAIL:
            return faulted(str(given.get("message", trick.message or "This Release always fails.")))
        if trick.builtin is Builtin.SUSPEND:
            if job.resumed_with is None:
                return suspended({"message": given.get("message", trick.message), "seconds": given.get("seconds")})
            return Outcome(JobState.SUCCESSFUL, COMPLETED, json.dumps({"payload": job.resumed_with["payload"]}))
        if trick.builtin is Builtin.SLEEP:
            seconds = given.get("seconds", trick.seconds)
            if not isinstance(seconds, int | float) or isinstance(seconds, bool):
                return faulted("The input argument seconds is not a number.")
            try:
                await asyncio.wait_for(self._stopped.wait(), max(seconds, 0))
            except TimeoutError:
                pass
            else:
                return judge(Ended(-15), job.state)
        untouched = text if job.release.inputs is None else None
        return Outcome(JobState.SUCCESSFUL, COMPLETED, untouched or json.dumps(given))


def _queue_of(job: Job) -> tuple[str, int]:
    if job.pinned_robot_id is not None:
        return "robot", job.pinned_robot_id
    return "folder", job.folder.id
