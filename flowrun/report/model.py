"""Report: what a run came to, or has come to so far. Frozen values, made only by `fold`.

Times are seconds since the epoch, as the events have them. All text is safe to show: what a robot wrote has lost its
control characters. Steps and legs stand in a `Table`, so that each event makes a new Report at the same small cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from flowrun.core.plan import Json, Stage
from flowrun.core.state import leg_name
from flowrun.core.status import AbortLevel, LegStatus, Phase, RunStatus, StepStatus
from flowrun.core.table import Table
from flowrun.report.approval import KIND, ApprovalFact, answering
from flowrun.report.reason import because, brief, told
from flowrun.report.replanned import Replanned
from flowrun.span import Span


@dataclass(frozen=True, slots=True)
class JobFact:
    """What is known of a UiPath Job. `state` and `info` are Orchestrator's own words; times are its ISO 8601 text."""

    id: int | None = None
    key: str = ""
    state: str = ""
    info: str = ""
    robot: str = ""
    started_at: str = ""
    ended_at: str = ""

    @property
    def name(self) -> str:
        """`Job 101`; the key where there is no id."""
        return f"Job {self.key if self.id is None else self.id}"

    @property
    def ended(self) -> bool:
        """Whether Orchestrator says that it has ended (the final states of the API guide)."""
        return self.state in ("Successful", "Faulted", "Stopped")


@dataclass(frozen=True, slots=True)
class AttemptReport:
    """One try at a leg. `error` is an error class, `unknown`, or empty; `detail` the kind's own word for its phase.

    `run` is the id of the run that it is, for a step that runs a file.
    """

    number: int
    scheduled_at: float
    started_at: float | None = None
    finished_at: float | None = None
    phase: Phase = Phase.PENDING
    phase_since: float = 0.0
    detail: str = ""
    stopping: str = ""
    force: bool = False
    error: str = ""
    message: str = ""
    jobs: tuple[JobFact, ...] = ()
    approval: ApprovalFact | None = None
    run: str = ""

    @property
    def names(self) -> str:
        """Its Jobs, and the run that it is: `Job 101, Job 102`, or `run 20261123-2255-k3m9qx.post.1`."""
        return ", ".join([*(job.name for job in self.jobs), *([f"run {self.run}"] if self.run else [])])

    @property
    def brief(self) -> str:
        """Error and message on one short line."""
        return because(self.error, brief(self.message))

    def in_phase(self, now: float) -> Span:
        """How long it has been in its phase."""
        return Span((now if self.finished_at is None else self.finished_at) - self.phase_since)


@dataclass(frozen=True, slots=True)
class LegReport:
    """A leg of a fan-out, or the only one of a plain step. `due`: when the next try is made, while it waits for it.

    `kept`: it was done by the run that this one is a retry of.
    """

    key: str = ""
    status: LegStatus = LegStatus.READY
    attempts: tuple[AttemptReport, ...] = ()
    due: float | None = None
    finished_at: float | None = None
    cause: str = ""
    message: str = ""
    outputs: Mapping[str, Json] = field(default_factory=dict)
    doubt: bool = False
    kept: bool = False

    @property
    def began_at(self) -> float | None:
        """When its first attempt was put on paper."""
        return self.attempts[0].scheduled_at if self.attempts else None

    @property
    def last(self) -> AttemptReport | None:
        """The present attempt, or the one that decided."""
        return self.attempts[-1] if self.attempts else None

    @property
    def jobs(self) -> tuple[JobFact, ...]:
        """The Jobs of the last attempt."""
        return self.attempts[-1].jobs if self.attempts else ()

    @property
    def brief(self) -> str:
        """Cause and message on one short line."""
        return because(self.cause, brief(self.message))

    @property
    def told(self) -> str:
        """Cause and message in what two or three lines of a terminal hold."""
        return because(self.cause, told(self.message))

    @property
    def approval(self) -> ApprovalFact | None:
        """What its last attempt asks a person, or asked; None where it is no approval."""
        return self.attempts[-1].approval if self.attempts else None

    @property
    def run(self) -> str:
        """The run that its last attempt is, for a step that runs a file."""
        return self.attempts[-1].run if self.attempts else ""

    @property
    def jobless(self) -> bool:
        """Whether it began and made no Job: it waits, or it asks somebody."""
        return not self.jobs and not self.run and self.last is not None and self.last.started_at is not None

    @property
    def asks(self) -> bool:
        """Whether it waits for an answer now."""
        asked = self.approval
        return self.status is LegStatus.RUNNING and asked is not None and not asked.decision

    def wait(self, now: float) -> Span | None:
        """How long until the next try. None where none is planned."""
        return None if self.due is None else Span(self.due - now)

    def duration(self, now: float) -> Span | None:
        """From the first attempt to the end, or to `now`. None where there was no attempt."""
        return _duration(self.began_at, self.finished_at, now)


@dataclass(frozen=True, slots=True)
class LegCounts:
    """How the legs of a step stand. What is in none of the last four waits."""

    total: int = 0
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def done(self) -> int:
        """Those that are final."""
        return self.succeeded + self.failed + self.cancelled


@dataclass(frozen=True, slots=True)
class StepReport:
    """A step. `status` is its result; `outcome` what happened before `continue_on_error` had its say; `what` a word."""

    id: str
    kind: str = ""
    what: str = ""
    stage: Stage = Stage.STEPS
    fan_out: bool = False
    needs: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    status: StepStatus = StepStatus.WAITING
    outcome: StepStatus | None = None
    cause: str = ""
    message: str = ""
    began_at: float | None = None
    finished_at: float | None = None
    legs: Table[LegReport] = field(default_factory=Table)
    counts: LegCounts = LegCounts()

    @property
    def let_through(self) -> bool:
        """Whether it failed, and `continue_on_error` made a success of that."""
        return self.outcome is StepStatus.FAILED and self.status is StepStatus.SUCCEEDED

    @property
    def moot(self) -> bool:
        """Whether it undoes something, and there was nothing to undo: not worth a line."""
        return self.stage is Stage.COMPENSATE and self.status is StepStatus.SKIPPED

    @property
    def state(self) -> str:
        """Its status in a word or three: what was let through has not succeeded in anybody's eyes."""
        return "failed, let through" if self.let_through else self.status.value

    @property
    def brief(self) -> str:
        """Cause and message on one short line."""
        return because(self.cause, brief(self.message))

    @property
    def leg(self) -> LegReport:
        """The only leg of a plain step; an empty one where it has not begun, and for a fan-out."""
        return self.legs[0] if len(self.legs) == 1 and not self.fan_out else LegReport()

    @property
    def attempts(self) -> int:
        """How many attempts there were, over all legs."""
        return sum(len(leg.attempts) for leg in self.legs)

    def name(self, leg: LegReport) -> str:
        """How one of its legs is called: `post[EU]`, or `post` for a plain step."""
        return leg_name(self.id, leg.key)

    def duration(self, now: float) -> Span | None:
        """From its beginning to its end, or to `now`. None where it never began."""
        return _duration(self.began_at, self.finished_at, now)


@dataclass(frozen=True, slots=True)
class StepCounts:
    """How the steps of a run stand. Those that undo others are not among them."""

    waiting: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    skipped: int = 0
    cancelled: int = 0

    @property
    def done(self) -> int:
        """Those that are final."""
        return self.succeeded + self.failed + self.skipped + self.cancelled

    @property
    def total(self) -> int:
        """All."""
        return self.done + self.waiting + self.running


@dataclass(frozen=True, slots=True)
class Abort:
    """The run was to end. `by` asked first, and that decides what the end is called; `level` is the highest since."""

    at: float
    level: AbortLevel
    by: str
    cause: str


@dataclass(frozen=True, slots=True)
class OpenJob:
    """Something of which nobody can say that it has ended: a Job, a run that the leg is, or a start of unknown fate."""

    leg: str
    job: JobFact | None
    run: str = ""

    @property
    def what(self) -> str:
        """What it is, in words."""
        run = f"run {self.run}" if self.run else "a start whose outcome is unknown"
        return run if self.job is None else self.job.name


@dataclass(frozen=True, slots=True)
class Report:
    """A run so far. `at` is the time of its last event, up to which an unfinished run is measured.

    `warnings` are the steps whose failure was let through, `doubts` the legs of which something may still run.
    `interrupted`: it has not ended, and nothing drives it, as the journal tells; `stranded`: how that came.
    `waits`: by the id of a step, or empty for the run, what it waits for that is not its own. `origin`: the engine's
    parcel of where the workflow came from. `usual`: the seconds that it usually takes. `parent`: of which it is a step.
    """

    run_id: str
    workflow: str
    started_at: float
    at: float
    steps: Table[StepReport]
    counts: StepCounts
    status: RunStatus = RunStatus.RUNNING
    finished_at: float | None = None
    cause: str = ""
    message: str = ""
    abort: Abort | None = None
    resumed: int = 0
    replanned: tuple[Replanned, ...] = ()
    inputs: Mapping[str, Json] = field(default_factory=dict)
    outputs: Mapping[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    origin: Json = None
    interrupted: bool = False
    stranded: str = ""
    usual: Span | None = None
    parent: str = ""
    waits: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Its status in a word, and `interrupted` where it is that."""
        return "interrupted" if self.interrupted else self.status.value

    @property
    def final(self) -> bool:
        """Whether it has ended."""
        return self.status.final

    @property
    def undone(self) -> tuple[str, ...]:
        """The steps that were undone, in this order: the last to end first."""
        undone = (step for step in self.steps if step.stage is Stage.COMPENSATE and step.status is StepStatus.SUCCEEDED)
        by_time = sorted(undone, key=lambda step: step.finished_at or 0.0)
        return tuple(step.id.removesuffix(f".{Stage.COMPENSATE}") for step in by_time)

    @property
    def told(self) -> Iterator[StepReport]:
        """The steps that people are told about: all but those that are moot."""
        return (step for step in self.steps if not step.moot)

    def duration(self, now: float) -> Span:
        """From its first event to its end, or to `now`."""
        return Span((now if self.finished_at is None else self.finished_at) - self.started_at)

    def left(self, now: float) -> Span | None:
        """How long it will go on if it takes what is usual; None where it does not, or where nothing is known."""
        if self.usual is None or self.final or self.abort is not None or self.duration(now) >= self.usual:
            return None
        return Span(self.usual - self.duration(now))

    def seen(self, now: float) -> Report:
        """The same, with a run that goes on measured up to `now` and not only to its last event."""
        return self if self.final or self.interrupted else replace(self, at=max(now, self.at))

    def failed(self) -> Iterator[tuple[StepReport, LegReport]]:
        """Every leg that failed, in the order of the plan, with its step; an empty leg where a step failed without one.

        Looks at all of them: for the end of a run, not for each event.
        """
        for step in self.steps:
            if step.status is StepStatus.FAILED or step.outcome is StepStatus.FAILED or step.counts.failed:
                legs = [leg for leg in step.legs if leg.status is LegStatus.FAILED]
                yield from ((step, leg) for leg in legs or [LegReport(cause=step.cause, message=step.message)])

    def approvals(self) -> Iterator[tuple[str, LegReport]]:
        """Every leg that asks somebody or did, by its name. Looks at the legs of approval steps alone."""
        for step in self.steps:
            if step.kind == KIND:
                yield from ((step.name(leg), leg) for leg in step.legs if leg.approval is not None)

    def asking(self) -> Iterator[tuple[str, str]]:
        """Every leg that waits for an answer now, by its name, with the command that answers."""
        return ((name, answering(self.run_id, name)) for name, leg in self.approvals() if leg.asks)

    def open_jobs(self) -> Iterator[OpenJob]:
        """What may still run. Looks at all legs: for the end of a run, not for each event."""
        for step in self.steps:
            for leg in step.legs:
                if leg.doubt or (leg.status.active and not leg.jobless):
                    name = step.name(leg)
                    jobs = [OpenJob(name, job, leg.run) for job in leg.jobs if not job.ended]
                    yield from jobs or [OpenJob(name, None, leg.run)]


@dataclass(frozen=True, slots=True)
class Change:
    """One change worth a line: `12:04:31 post[EU] failed faulted: no such invoice`.

    `step_id` is empty where the run itself changed. `tone` says how it reads: plain, good, warn, bad. A `quiet` one
    is for those who show how things stand, and no line in a log.
    """

    at: float
    step_id: str
    leg: str
    state: str
    detail: str = ""
    tone: str = "plain"
    quiet: bool = False

    @property
    def subject(self) -> str:
        """`run`, `post` or `post[EU]`."""
        return leg_name(self.step_id, self.leg) if self.step_id else "run"


def _duration(began: float | None, finished: float | None, now: float) -> Span | None:
    return None if began is None else Span((now if finished is None else finished) - began)
